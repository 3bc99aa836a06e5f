// What an agent leaves besides its answer, and where that goes in the row.

import Core
import Providers

/// Of all calls of one test.
struct AgentEvidence: Sendable {
  /// Version of the program.
  var version: String?
  /// Its own events, one JSON object a line; the calls one after another.
  var events: [UInt8] = []
  /// Stream logs, absolute, in the order of the calls.
  var logPaths: [String] = []
  /// Odd things that were seen and passed over.
  var warnings: [String] = []

  /// Adds what one call left.
  mutating func add(_ response: ProviderResponse) {
    version = response.agentVersion ?? version
    events += response.transcript ?? []
    if let path = response.streamLogPath { logPaths.append(path) }
    warnings += response.warnings
  }

  /// Members of the row.
  var members: JSONObject {
    var object: JSONObject = [:]
    object["agent_version"] = version.map(JSON.string)
    object["stream_log_path"] = logPaths.last.map(JSON.string)
    if !warnings.isEmpty { object["warnings"] = .array(warnings.map(JSON.string)) }
    return object
  }
}
