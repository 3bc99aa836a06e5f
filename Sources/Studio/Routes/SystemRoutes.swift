// Configuration, health and login.

import Core
import EventLoop
import HTTPServer
import RunControl

extension StudioServer {
  func addSystemRoutes() {
    for path in ["/healthz", "/readyz"] {
      router.on(.get, path) { _, _, exchange in
        exchange.respond(.json(200, ["status": "ok"]))
      }
    }
    scoped(.get, "/api/config") { [unowned self] scope, _, _, exchange in
      let project = scope.project
      let path = project.path
      let benchmarks = benchmarks
      reader.run {
        (ProjectSettings.threshold(project: path), benchmarks.read().count > 1)
      } then: { [self] threshold, isMulti in
        exchange.respond(
          .json(
            200,
            [
              "threshold": .double(threshold), "read_only": .bool(configuration.isReadOnly),
              "benchmark_name": .string(project.name),
              "multi_benchmark_dashboard": .bool(isMulti),
            ]))
      }
    }
    router.on(.get, "/login") { _, _, exchange in
      exchange.respond(.text(200, LoginPage.html(failed: false), type: "text/html; charset=utf-8"))
    }
    router.on(.post, "/login") { [unowned self] request, _, exchange in
      guard let token = configuration.token, let given = LoginPage.token(in: request.body),
        TrustPolicy.isEqual(given, token)
      else {
        return exchange.respond(
          .text(401, LoginPage.html(failed: true), type: "text/html; charset=utf-8"))
      }
      let isEncrypted = request.header("x-forwarded-proto") == "https"
      exchange.respond(
        .empty(
          303,
          headers: [
            ("Location", "/"),
            ("Set-Cookie", LoginPage.cookie(token: token, isEncrypted: isEncrypted)),
            ("Cache-Control", "no-store"),
          ]))
    }
  }
}
