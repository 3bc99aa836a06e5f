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
    scoped(.get, "/api/eval/runs") { [unowned self] scope, _, _, exchange in
      let list = jobs(in: scope).map(\.job.json)
      exchange.respond(.json(200, ["runs": .array(list)]))
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
      let isBrowser = request.header("origin") != nil || request.header("sec-fetch-site") != nil
      let answer = jobs.stop(
        entry,
        StopRequest(
          reason: stop.reason, actor: isBrowser ? "browser" : "api", force: stop.force,
          requestedAt: .now()))
      switch answer {
      case .stopping(let status):
        exchange.respond(
          .json(200, ["stopped": true, "status": .string(status.rawValue)]))
      case .alreadyTerminal(let status):
        exchange.respond(
          .json(
            200,
            [
              "stopped": false, "reason": "already_terminal", "status": .string(status.rawValue),
            ]))
      }
    } catch {
      exchange.respond(HTTPResponse(error))
    }
  }
}

/// The optional body of a stop.
struct StopBody: Sendable, Hashable {
  /// Longest reason kept.
  static let maximumReason = 500

  var force = false
  var reason: String?

  init(body: [UInt8]) throws(RequestError) {
    if body.isEmpty { return }
    guard let json = try? JSON.parse(body) else { throw .invalidJSON }
    guard let object = json.object else {
      throw .badRequest("invalid-body", "The body must be a JSON object, not \(json.kind)")
    }
    if let value = object["force"], !value.isNull {
      guard let flag = value.bool else {
        throw .invalid("force", "must be true or false, not \(value.kind)")
      }
      force = flag
    }
    if let value = object["reason"], !value.isNull {
      guard let text = value.string else {
        throw .invalid("reason", "must be a string, not \(value.kind)")
      }
      guard text.count <= Self.maximumReason else {
        throw .invalid("reason", "must not be longer than \(Self.maximumReason) characters")
      }
      reason = trim(text).isEmpty ? nil : trim(text)
    }
  }
}
