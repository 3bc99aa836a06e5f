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
      scope.project.wholeList { [self] list in
        // The answer follows from the list, so that a client that has it need not get it again.
        let key = list.isComplete ? tag(list, of: scope.project) : nil
        if let key, AnswerForm(request).knows(key) { return exchange.respond(.notModified(key)) }
        answer(exchange, on: heavyReader) { () throws(RequestError) in
          let runs =
            tags.isEmpty
            ? list.runs : list.runs.filter { $0.meta.tags.contains(where: tags.contains) }
          var members = try Comparison(runs).members(baseline: baseline)
          if !list.isComplete { members.append(("complete", Array("false".utf8))) }
          var response = HTTPResponse.jsonBytes(RawJSON.object(members))
          if let key { response.headers.append(("ETag", key)) }
          return response
        }
      }
    }
    router.on(.get, "/api/index") { [unowned self] _, _, exchange in
      home.complete { [self] runs in
        answer(exchange, on: heavyReader) { () throws(RequestError) in
          .json(200, ["entries": Overviews.index(runs)])
        }
      }
    }
  }

  private func overview(
    _ path: String, _ name: String, _ fields: ListQuery.Fields,
    _ sum: @escaping @Sendable ([ListedRun]) -> [JSON]
  ) {
    scoped(.get, path) { [unowned self] scope, request, _, exchange in
      let query: ListQuery
      do throws(RequestError) {
        query = try ListQuery(request, fields)
      } catch {
        return exchange.respond(HTTPResponse(error))
      }
      scope.project.wholeList { [self] list in
        answer(exchange, with: scope.project.sums) { sums throws(RequestError) in
          let objects = sums.objects(name, list, sum)
          let page = query.apply(to: objects, id: "name", searched: ["name"])
          return query.response(name, page, isComplete: list.isComplete)
        }
      }
    }
  }

  /// The entity tag of what is made from a list of runs.
  func tag(_ list: RunIndex.List, of project: Project) -> String {
    "W/\"\(bootID)-\(project.path.hashValue)-\(list.version)\""
  }
}
