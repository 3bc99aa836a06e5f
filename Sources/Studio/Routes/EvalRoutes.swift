// Launch, stop and look at jobs; what there is to launch.

import Core
import EvalFiles
import EventLoop
import HTTPServer
import RunArtifacts
import RunControl

extension StudioServer {
  func addEvalRoutes() {
    scoped(.post, "/api/eval/run") { [unowned self] in launch($0, $1, $3) }
    scoped(.post, "/api/eval/run/:id/stop") { [unowned self] in stop($0, $1, $2["id"], $3) }
    scoped(.post, "/api/eval/stop") { [unowned self] in stopMany($0, $1, $3) }
    scoped(.post, "/api/eval/preview") { _, request, _, exchange in
      do throws(RequestError) {
        let command = LaunchArguments.display(try LaunchRequest(body: request.body))
        exchange.respond(.json(200, ["command": .string(command)]))
      } catch {
        exchange.respond(HTTPResponse(error))
      }
    }
    scoped(.get, "/api/eval/status/:id") { [unowned self] scope, _, parameters, exchange in
      guard let entry = job(parameters["id"], in: scope) else {
        return exchange.respond(HTTPResponse(.runNotFound))
      }
      var object = entry.job.json.object ?? [:]
      object["stdout"] = .string(entry.feed.output.tail(of: .stdout))
      object["stderr"] = .string(entry.feed.output.tail(of: .stderr))
      exchange.respond(.json(200, .object(object)))
    }
    scoped(.get, "/api/eval/runs") { [unowned self] scope, request, _, exchange in
      let query: ListQuery
      do throws(RequestError) {
        query = try ListQuery(request, Self.jobFields)
      } catch {
        return exchange.respond(HTTPResponse(error))
      }
      let jobs = jobs(in: scope).map(\.job)
      answer(exchange) { () throws(RequestError) in
        let list = jobs.filter { query.accepts($0) }.map(\.json)
        let page = query.apply(
          to: list, id: "id", searched: ["id", "command", "suite_filter", "run_id", "target"])
        return query.response("runs", page)
      }
    }
    scoped(.get, "/api/eval/run/:id/log") { [unowned self] scope, request, parameters, exchange in
      guard let entry = job(parameters["id"], in: scope) else {
        return exchange.respond(HTTPResponse(.runNotFound))
      }
      let path = "\(entry.job.plan.runDirectory)/\(RunFile.console)"
      let range = request.header("range")
      reader.run {
        LogFile.response(path, range: range)
      } then: {
        exchange.respond($0)
      }
    }
    scoped(.get, "/api/eval/discover") { [unowned self] scope, _, _, exchange in
      let launch = planner(for: scope)
      reader.run { () -> JSON in
        .array(
          launch.discover().map {
            [
              "path": .string($0.path), "relative_path": .string($0.relativePath),
              "category": .string($0.category),
            ]
          })
      } then: {
        exchange.respond(.json(200, ["eval_files": $0]))
      }
    }
    scoped(.get, "/api/eval/targets") { [unowned self] scope, _, _, exchange in
      let launch = planner(for: scope)
      reader.run {
        launch.targets()?.names ?? []
      } then: {
        exchange.respond(.json(200, ["targets": .array($0.map(JSON.string))]))
      }
    }
  }

  private func planner(for scope: Scope) -> LaunchPlanner {
    LaunchPlanner(project: scope.project.path, environment: configuration.runEnvironment)
  }

  private func launch(_ scope: Scope, _ request: HTTPRequest, _ exchange: HTTPExchange) {
    var planner = planner(for: scope)
    planner.busy = jobs.busyDirectories
    let (launch, body) = (planner, request.body)
    planWorker.run { () -> Result<LaunchPlan, RequestError> in
      do throws(RequestError) {
        return .success(try launch.plan(try LaunchRequest(body: body)))
      } catch {
        return .failure(error)
      }
    } then: { [self] plan in
      do throws(RequestError) {
        let entry = try jobs.launch(
          plan.get(), in: scope.project, benchmarkID: scope.benchmarkID)
        if let id = scope.benchmarkID {
          let registry = benchmarks
          // When it was last opened is nice to know and no reason to fail.
          planWorker.run {
            try? registry.touch(id, at: .now())
          } then: { _ in
          }
        }
        entry.whenStarted {
          // The words upstream answers with come first; the whole object follows.
          var object: JSONObject = [
            "id": .string(entry.id), "status": .string(entry.state.status.rawValue),
            "command": .string(entry.job.plan.command),
          ]
          for (name, value) in entry.job.json.object ?? [:] { object[name] = value }
          exchange.respond(.json(202, .object(object)))
        }
      } catch {
        exchange.respond(HTTPResponse(error))
      }
    }
  }

  private func stop(
    _ scope: Scope, _ request: HTTPRequest, _ id: String?, _ exchange: HTTPExchange
  ) {
    guard let entry = job(id, in: scope) else {
      return exchange.respond(HTTPResponse(.runNotFound))
    }
    do throws(RequestError) {
      let stop = try StopBody(body: request.body)
      exchange.respond(.json(200, Self.json(jobs.stop(entry, stop.request(from: request)))))
    } catch {
      exchange.respond(HTTPResponse(error))
    }
  }

  /// Stops several jobs, or all of the scope.
  private func stopMany(_ scope: Scope, _ request: HTTPRequest, _ exchange: HTTPExchange) {
    do throws(RequestError) {
      let stop = try StopBody(body: request.body)
      let ids: [String]
      if let named = stop.ids {
        ids = named
      } else if stop.all {
        // Those in the queue first, or they would get the places of those that end.
        let live = jobs(in: scope).filter { !$0.state.status.isTerminal }
        ids =
          (live.filter { $0.state.phase == .queued } + live.filter { $0.state.phase != .queued })
          .map(\.id)
      } else {
        throw .badRequest("nothing-selected", "Provide ids, or all: true")
      }
      let stopRequest = stop.request(from: request)
      let answers: [JSON] = ids.map { id in
        guard let entry = job(id, in: scope) else {
          return ["id": .string(id), "stopped": false, "reason": "not_found", "status": .null]
        }
        return RawJSON.merged(["id": .string(id)], Self.json(jobs.stop(entry, stopRequest)))
      }
      exchange.respond(.json(200, ["jobs": .array(answers)]))
    } catch {
      exchange.respond(HTTPResponse(error))
    }
  }

  private static func json(_ answer: JobRegistry.StopAnswer) -> JSON {
    switch answer {
    case .stopping(let status):
      ["stopped": true, "status": .string(status.rawValue)]
    case .alreadyTerminal(let status):
      ["stopped": false, "reason": "already_terminal", "status": .string(status.rawValue)]
    }
  }

  /// What the list of jobs can be asked.
  nonisolated static let jobFields = ListQuery.Fields(
    sorts: ["started_at", "finished_at", "id", "status", "target"], isDescending: true,
    filters: ["status", "target"], words: ["status": JobStatus.allCases.map(\.rawValue)])
}

extension ListQuery {
  func accepts(_ job: Job) -> Bool {
    passes("status", [job.state.status.rawValue])
      && passes("target", (job.plan.target ?? "").split(separator: ",").map { String($0) })
  }
}
