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
    addFacetRoutes()
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
  func job(
    _ id: String?, in scope: Scope, then: @escaping @LoopActor (JobEntry?) -> Void
  ) {
    guard let id else { return then(nil) }
    jobs.find(id) { [unowned self] in
      project($0)
    } then: { entry in
      let isShown = scope.benchmarkID == nil || entry?.project === scope.project
      then(isShown ? entry : nil)
    }
  }

  /// Adds a scoped route about one job; an unknown one is answered here.
  func jobRoute(
    _ method: HTTPMethod, _ path: String,
    _ handler: @escaping @LoopActor (JobEntry, HTTPRequest, HTTPExchange) -> Void
  ) {
    scoped(method, path) { [unowned self] scope, request, parameters, exchange in
      job(parameters["id"], in: scope) { entry in
        guard let entry else { return exchange.respond(HTTPResponse(.runNotFound)) }
        handler(entry, request, exchange)
      }
    }
  }

  /// The jobs that the snapshot of a scope shows, newest first: of all projects on the unscoped
  /// routes, as upstream.
  func shownJobs(in scope: Scope) -> [Job] {
    jobs.shown.filter { scope.benchmarkID == nil || $0.project === scope.project }.map(\.job)
  }
}
