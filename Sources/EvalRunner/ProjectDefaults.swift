// .agentv/config.yaml at the start of a run.

import Core
import EvalFiles
import Reports

extension EvalOptions {
  /// The options with the project's settings wherever the command line says nothing.
  func completed(by config: ProjectConfig) -> EvalOptions {
    var options = self
    options.verbose = verbose || config.execution.verbose == true
    options.workspaces = workspaces.completed(by: config.execution)
    if options.exports.otelFile == nil, let file = config.execution.otelFile {
      let parts = file.components(around: "{timestamp}")
      options.exports.otelFile = parts.joined(separator: Timestamp.now().directoryName)
    }
    if config.execution.otelCaptureContent == true { options.exports.capturesContent = true }
    if config.execution.otelGroupTurns == true { options.exports.groupsTurns = true }
    if options.tracePush == nil, config.execution.exportOtel == true {
      options.tracePush = TracePushPlan(backend: nil)
    }
    if options.tracePush?.backend == nil {
      options.tracePush?.backend = config.execution.otelBackend.flatMap(
        TraceBackend.init(rawValue:))
    }
    return options
  }
}

/// Says what is odd about a project's settings.
enum ProjectNotices {
  /// Shows what is wrong with the file, and a version that does not fit.
  /// - Throws: `EvalRunError` when the version does not fit and `--strict` was given.
  static func show(
    _ config: ProjectConfig, isStrict: Bool, _ console: Console
  ) throws(EvalRunError) {
    for diagnostic in config.diagnostics {
      console.complain(console.paint("Warning: \(diagnostic)", .yellow))
    }
    guard let wanted = config.requiredVersion, let range = VersionRange(wanted),
      !range.contains(VersionRange.compatibleVersion)
    else { return }
    let text =
      "This project requires agentv \(wanted); this program follows version "
      + "\(VersionRange.compatibleVersion)"
    if isStrict { throw EvalRunError("\(text) (--strict)") }
    console.complain(console.paint("Warning: \(text).", .yellow))
  }
}

extension String {
  /// The parts before, between and after a word.
  fileprivate func components(around word: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let range = rest.firstRange(of: word) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return parts + [String(rest)]
  }
}
