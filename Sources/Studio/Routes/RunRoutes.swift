// Runs on disk: the list and one run in full.

import Core
import EventLoop
import HTTPServer
import RunArtifacts
import RunControl

extension StudioServer {
  func addRunRoutes() {
    scoped(.get, "/api/runs") { scope, _, _, exchange in
      scope.project.list { runs in
        exchange.respond(
          .jsonBytes(RawJSON.object([("runs", RawJSON.array(runs.lazy.map(\.data)))])))
      }
    }
    scoped(.get, "/api/runs/:runId") { [unowned self] scope, _, parameters, exchange in
      let project = scope.project.path
      let id = parameters["runId"] ?? ""
      reader.run {
        RunDetail.read(id, project: project)
      } then: { detail in
        switch detail {
        case .success(let bytes): exchange.respond(.jsonBytes(bytes))
        case .failure(let error): exchange.respond(HTTPResponse(error))
        }
      }
    }
  }
}

/// One run in full; blocking.
enum RunDetail {
  static func read(_ id: String, project: String) -> Result<[UInt8], RequestError> {
    guard let directory = RunDirectory.locate(project: project, runID: id) else {
      return .failure(.runNotFound)
    }
    // The lock first, so that a run that ends meanwhile is seen as live with all its rows.
    let lock = directory.lockState()
    guard let contents = try? directory.read() else {
      return .failure(
        RequestError(status: 500, code: "run-unreadable", message: "Failed to load run"))
    }
    let meta = RunMeta(directory, contents: contents, lock: lock)
    var object: JSONObject = [
      "results": .array(contents.effectiveRows.map { evalResultJSON($0, in: directory) }),
      "source": "local", "source_label": .string(Path.name(directory.path)),
      "run_dir": .string(Path.relative(directory.path, to: project)),
    ]
    if let filter = contents.suiteFilter { object["suite_filter"] = .string(filter) }
    if let planned = contents.plannedTestCount { object["planned_test_count"] = .int(planned) }
    object["run_id"] = .string(directory.runID)
    object["bad_lines"] = .int(contents.badLines)
    object["run"] = meta.json
    if let launch = contents.record?.launch { object["launch"] = launch.json }
    return .success(JSON.object(object).serialized())
  }
}

extension HTTPResponse {
  /// A 200 with JSON that is serialised already.
  static func jsonBytes(_ bytes: [UInt8]) -> HTTPResponse {
    HTTPResponse(status: 200, headers: [("Content-Type", "application/json")], body: bytes)
  }
}
