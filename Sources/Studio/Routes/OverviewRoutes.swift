// Over all runs: experiments, targets, comparison, index.

import Core
import EventLoop
import HTTPServer
import RunArtifacts
import RunControl

extension StudioServer {
  /// What the lists of experiments and targets can be asked.
  nonisolated static let experimentFields = ListQuery.Fields(
    sorts: [
      "last_run", "name", "run_count", "target_count", "eval_count", "passed_count", "pass_rate",
    ], isDescending: true)
  /// What the list of targets can be asked.
  nonisolated static let targetFields = ListQuery.Fields(
    sorts: [
      "name", "run_count", "experiment_count", "eval_count", "passed_count", "pass_rate",
      "last_run",
    ], isDescending: false)

  func addOverviewRoutes() {
    overview("/api/experiments", "experiments", Self.experimentFields, Overviews.experiments)
    overview("/api/targets", "targets", Self.targetFields, Overviews.targets)
    scoped(.get, "/api/compare") { [unowned self] scope, request, _, exchange in
      let tags = (request.query("tags") ?? "").split(separator: ",").map { trim($0) }
        .filter { !$0.isEmpty }
      let baseline = request.query("baseline").flatMap { $0.isEmpty ? nil : $0 }
      scope.project.complete { [self] runs in
        answer(exchange, on: heavyReader) { () throws(RequestError) in
          var comparison = Comparison()
          for run in runs
          where tags.isEmpty || run.meta.tags.contains(where: tags.contains) {
            guard run.meta.testCount > 0,
              let scan = try? IndexScan(Path.join(run.path, RunFile.index))
            else { continue }
            comparison.add(run.meta, scan.rows)
          }
          return .json(200, try comparison.json(baseline: baseline))
        }
      }
    }
    router.on(.get, "/api/index") { [unowned self] _, _, exchange in
      home.complete { [self] runs in
        answer(exchange, on: heavyReader) { () throws(RequestError) in
          .json(200, ["entries": Overviews.index(runs.map(\.meta))])
        }
      }
    }
  }

  private func overview(
    _ path: String, _ name: String, _ fields: ListQuery.Fields,
    _ sum: @escaping @Sendable ([RunMeta]) -> [JSON]
  ) {
    scoped(.get, path) { [unowned self] scope, request, _, exchange in
      let query: ListQuery
      do throws(RequestError) {
        query = try ListQuery(request, fields)
      } catch {
        return exchange.respond(HTTPResponse(error))
      }
      scope.project.complete { [self] runs in
        answer(exchange, on: heavyReader) { () throws(RequestError) in
          let page = query.apply(to: sum(runs.map(\.meta)), id: "name", searched: ["name"])
          return query.response(name, page)
        }
      }
    }
  }
}
