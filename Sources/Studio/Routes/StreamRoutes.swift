// The two streams of server-sent events.

import Core
import EventLoop
import HTTPServer

extension StudioServer {
  func addStreamRoutes() {
    jobRoute(.get, "/api/eval/run/:id/events") { entry, _, exchange in
      entry.feed.serve(exchange)
    }
    scoped(.get, "/api/events") { [unowned self] scope, request, _, exchange in
      let limit: Int?
      do throws(RequestError) {
        limit = try request.query("runs").map { text throws(RequestError) in
          guard let limit = Int(text), limit >= 0 else {
            throw .invalid("runs", "must be a whole number from 0 on")
          }
          return limit
        }
      } catch {
        return exchange.respond(HTTPResponse(error))
      }
      scope.project.whenScanned { [self] in
        // The jobs of the server's own stream are those of all projects.
        let variant = "\(scope.benchmarkID ?? "") \(limit ?? -1)"
        scope.project.stream.serve(exchange, variant: variant) { [self] in
          scope.project.snapshot(jobs: shownJobs(in: scope), limit: limit)
        }
      }
    }
  }
}
