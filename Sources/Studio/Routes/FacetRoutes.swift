// The names that a list of runs can be filtered by: pages hold some of the runs only, their menus
// all names.

import Core
import EventLoop
import HTTPServer
import RunArtifacts

extension StudioServer {
  func addFacetRoutes() {
    scoped(.get, "/api/facets") { [unowned self] scope, _, _, exchange in
      scope.project.list { [self] list in
        let runs = list.runs
        answer(exchange, on: heavyReader) { () throws(RequestError) in
          .json(200, RunFacets(runs.lazy.map(\.meta)).json)
        }
      }
    }
  }
}

/// Targets, experiments, tags and sources of runs, with the number of runs that have each; pure.
struct RunFacets {
  private var targets: [String: Int] = [:]
  private var experiments: [String: Int] = [:]
  private var tags: [String: Int] = [:]
  private var sources: [String: Int] = [:]

  init(_ runs: some Sequence<RunMeta>) {
    for run in runs {
      for target in run.targets { targets[target, default: 0] += 1 }
      // As the filter of the list has it.
      experiments[run.experiment ?? "default", default: 0] += 1
      for tag in run.tags { tags[tag, default: 0] += 1 }
      sources[run.isRemote ? "remote" : "local", default: 0] += 1
    }
  }

  var json: JSON {
    [
      "targets": Self.list(targets), "experiments": Self.list(experiments),
      "tags": Self.list(tags), "sources": Self.list(sources),
    ]
  }

  private static func list(_ counts: [String: Int]) -> JSON {
    .array(
      counts.sorted { $0.key < $1.key }.map {
        ["name": .string($0.key), "run_count": .int($0.value)]
      })
  }
}
