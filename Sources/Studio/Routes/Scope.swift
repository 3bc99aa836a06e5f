// Routes that exist twice: for the server's own project and for a benchmark by its id.

import Core
import EventLoop
import HTTPServer
import RunControl

/// The project that a request is about.
struct Scope {
  let project: Project
  /// The id in the path; `nil` on the unscoped routes.
  let benchmarkID: String?
}

extension StudioServer {
  typealias ScopedHandler =
    @LoopActor (Scope, HTTPRequest, [String: String], HTTPExchange) -> Void

  func addRoutes() {
    addSystemRoutes()
    addEvalRoutes()
    addRunRoutes()
    addBreakdownRoutes()
    addTagRoutes()
    addOverviewRoutes()
    addBenchmarkRoutes()
    addRemoteRoutes()
    addDescriptionRoute()
    addStreamRoutes()
    addWebRoutes()
  }

  /// Adds a route below `/api/` and its twin below `/api/benchmarks/:benchmarkId/`.
  func scoped(_ method: HTTPMethod, _ path: String, _ handler: @escaping ScopedHandler) {
    router.on(method, path) { [home] request, parameters, exchange in
      handler(Scope(project: home, benchmarkID: nil), request, parameters, exchange)
    }
    router.on(method, "/api/benchmarks/:benchmarkId\(path.dropFirst("/api".count))") {
      [weak self] request, parameters, exchange in
      guard let self, let id = parameters["benchmarkId"] else { return }
      let benchmarks = self.benchmarks
      self.reader.run {
        benchmarks.find(id).map { FileIO.realPath($0.path) ?? $0.path }
      } then: { path in
        guard let path else { return exchange.respond(HTTPResponse(.benchmarkNotFound)) }
        let scope = Scope(project: self.project(path), benchmarkID: id)
        handler(scope, request, parameters, exchange)
      }
    }
  }

  /// The job of an id, on a scoped route only when it belongs to that benchmark.
  func job(_ id: String?, in scope: Scope) -> JobEntry? {
    guard let id, let entry = jobs[id] else { return nil }
    return scope.benchmarkID == nil || entry.project === scope.project ? entry : nil
  }

  /// The jobs that a scope shows, newest first: all of them on the unscoped routes, as upstream.
  func jobs(in scope: Scope) -> [JobEntry] {
    scope.benchmarkID == nil ? jobs.all : jobs(in: scope.project)
  }
}
