// Configuration, health, metrics and login.

import Core
import EventLoop
import HTTPServer
import RunControl

extension StudioServer {
  func addSystemRoutes() {
    router.on(.get, "/healthz") { _, _, exchange in
      exchange.respond(.json(200, ["status": "ok"]))
    }
    router.on(.get, "/readyz") { [unowned self] _, _, exchange in
      guard !isStopping else { return exchange.respond(HTTPResponse(.shuttingDown)) }
      exchange.respond(.json(200, ["status": "ok"]))
    }
    router.on(.get, "/metrics") { [unowned self] _, _, exchange in
      exchange.respond(
        .text(200, metrics(), type: "text/plain; version=0.0.4; charset=utf-8"))
    }
    scoped(.get, "/api/config") { [unowned self] scope, _, _, exchange in
      let (path, name) = (scope.project.path, scope.project.name)
      let (isReadOnly, isMulti) = (configuration.isReadOnly, isMultiBenchmark)
      let requiresToken = configuration.token != nil
      answer(exchange) { () throws(RequestError) in
        .json(
          200,
          [
            "threshold": .double(ProjectSettings.threshold(project: path)),
            "read_only": .bool(isReadOnly), "benchmark_name": .string(name),
            "multi_benchmark_dashboard": .bool(isMulti),
            "requires_token": .bool(requiresToken),
          ])
      }
    }
    scoped(.post, "/api/config") { [unowned self] scope, request, _, exchange in
      let project = scope.project
      let path = project.path
      planWorker.run { () -> Result<JSON, RequestError> in
        do throws(RequestError) {
          return .success(
            try ProjectSettings.save(try ProjectSettings.changes(request.body), project: path))
        } catch {
          return .failure(error)
        }
      } then: { result in
        switch result {
        case .failure(let error): exchange.respond(HTTPResponse(error))
        case .success(let json):
          project.stream.publish("config", json)
          exchange.respond(.json(200, json))
        }
      }
    }
    addLoginRoutes()
  }
}
