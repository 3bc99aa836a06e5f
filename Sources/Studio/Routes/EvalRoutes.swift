// Launch, stop and look at jobs; what there is to launch.

import Core
import EvalFiles
import EventLoop
import HTTPServer
import JobStore
import RunArtifacts
import RunControl

extension StudioServer {
  func addEvalRoutes() {
    scoped(.post, "/api/eval/run") { [unowned self] in launch($0, $1, $3) }
    jobRoute(.post, "/api/eval/run/:id/stop") { [unowned self] in stop($0, $1, $2) }
    scoped(.post, "/api/eval/stop") { [unowned self] in stopMany($0, $1, $3) }
    scoped(.post, "/api/eval/preview") { [unowned self] _, request, _, exchange in
      answer(exchange) { () throws(RequestError) in
        let command = LaunchArguments.display(try LaunchRequest(body: request.body))
        return .json(200, ["command": .string(command)])
      }
    }
    jobRoute(.get, "/api/eval/status/:id") { entry, _, exchange in
      entry.feed.whenReady {
        var object = entry.job.json.object ?? [:]
        object["stdout"] = .string(entry.feed.output.tail(of: .stdout))
        object["stderr"] = .string(entry.feed.output.tail(of: .stderr))
        exchange.respond(.json(200, .object(object)))
      }
    }
    scoped(.get, "/api/eval/runs") { [unowned self] scope, request, _, exchange in
      let query: ListQuery
      do throws(RequestError) {
        query = try ListQuery(request, Self.jobFields)
      } catch {
        return exchange.respond(HTTPResponse(error))
      }
      let project = scope.benchmarkID == nil ? nil : scope.project.path
      journal?.page(query.jobQuery(project: project)) { [self] page in
        // The counts of live jobs change more often than they are written.
        let objects = page.jobs.map { stored in
          let entry = jobs.entries[stored.id]
          return entry?.state.phase == .ended
            ? stored.object : entry?.job.json.serialized() ?? stored.object
        }
        exchange.respond(query.response("runs", objects, page))
      }
    }
    jobRoute(.get, "/api/eval/run/:id/log") { [unowned self] entry, request, exchange in
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

  private func stop(_ entry: JobEntry, _ request: HTTPRequest, _ exchange: HTTPExchange) {
    do throws(RequestError) {
      let stop = try StopBody(body: request.body)
      let answer = Self.json(jobs.stop(entry, stop.request(from: request)))
      // What is answered is kept: if this server dies now, the next one carries the stop out.
      whenKept { exchange.respond(.json(200, answer)) }
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
        let live = jobs.live.filter {
          !$0.state.status.isTerminal
            && (scope.benchmarkID == nil || $0.project === scope.project)
        }
        ids =
          (live.filter { $0.state.phase == .queued } + live.filter { $0.state.phase != .queued })
          .map(\.id)
      } else {
        throw .badRequest("nothing-selected", "Provide ids, or all: true")
      }
      let stopRequest = stop.request(from: request)
      var answers: [String: JSON] = [:]
      var missing = Set(ids).count
      let answer = { @LoopActor [self] in
        let list = ids.map { answers[$0] ?? .null }
        whenKept { exchange.respond(.json(200, ["jobs": .array(list)])) }
      }
      if ids.isEmpty { return answer() }
      var seen = Set<String>()
      for id in ids where seen.insert(id).inserted {
        job(id, in: scope) { [self] entry in
          answers[id] =
            entry.map {
              RawJSON.merged(["id": .string(id)], Self.json(jobs.stop($0, stopRequest)))
            } ?? ["id": .string(id), "stopped": false, "reason": "not_found", "status": .null]
          missing -= 1
          if missing == 0 { answer() }
        }
      }
    } catch {
      exchange.respond(HTTPResponse(error))
    }
  }

  private func whenKept(_ done: @escaping @LoopActor () -> Void) {
    if let journal { journal.whenWritten(done) } else { done() }
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
