// The results repository of a project: its state, and bringing its clone up to date.

import Core
import EventLoop
import HTTPServer
import RunControl

extension StudioServer {
  func addRemoteRoutes() {
    scoped(.get, "/api/remote/status") { [unowned self] scope, _, _, exchange in
      let settings = remoteSettings(scope)
      reader.run {
        let found = settings()
        return (found, RemoteSync.status(found))
      } then: { [self] found, status in
        guard let found else { return exchange.respond(.json(200, status)) }
        let syncing: JSON = ["syncing": .bool(remote.isSyncing(found))]
        whole(RawJSON.merged(status, syncing), of: found) { exchange.respond(.json(200, $0)) }
      }
    }
    scoped(.post, "/api/remote/sync") { [unowned self] scope, _, _, exchange in
      let settings = remoteSettings(scope)
      reader.run {
        settings()
      } then: { [self] found in
        guard let found else {
          return exchange.respond(.json(200, RemoteSync.status(nil)))
        }
        remote.sync(found) { step in
          scope.project.stream.publish("remote", ["syncing": true, "step": .string(step)])
        } then: { [self] in
          // The list knows the new runs before the answer comes.
          scope.project.list { [self] _ in
            reader.run {
              RemoteSync.status(found)
            } then: { [self] status in
              whole(RawJSON.merged(["syncing": false], status), of: found) { status in
                scope.project.stream.publish("remote", status)
                exchange.respond(.json(200, status))
              }
            }
          }
        }
      }
    }
  }

  /// A status with what git tells of the clone, when there is one.
  private func whole(
    _ status: JSON, of settings: RemoteSettings, _ done: @escaping @LoopActor (JSON) -> Void
  ) {
    guard status["available"]?.bool == true else { return done(status) }
    Task { done(RawJSON.merged(status, await remote.distance(settings))) }
  }

  private func remoteSettings(_ scope: Scope) -> @Sendable () -> RemoteSettings? {
    let (project, home) = (scope.project.path, RemoteSettings.home(configuration.environment))
    return { RemoteSettings(project: project, home: home) }
  }
}
