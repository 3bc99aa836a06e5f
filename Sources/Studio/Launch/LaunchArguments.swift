// From a launch request to the arguments of the process, and to the command line shown to people.

import Core

enum LaunchArguments {
  /// Arguments of `agentv`, the executable itself left out.
  ///
  /// Every value is bound to its flag with `=`, and paths stand behind `--`: whatever a request
  /// says, it cannot become an option.
  /// `output` and `retryErrors` are absolute paths of run directories.
  static func process(
    _ request: LaunchRequest, output: String, retryErrors: String?
  ) -> [String] {
    var arguments = ["eval", "run"]
    arguments += request.testIDs.map { "--test-id=\($0)" }
    arguments += request.targets.map { "--target=\($0)" }
    if let threshold = request.threshold { arguments.append("--threshold=\(text(threshold))") }
    if let workers = request.workers { arguments.append("--workers=\(workers)") }
    if request.dryRun { arguments.append("--dry-run") }
    arguments += request.tags.map { "--tag=\($0)" }
    arguments += request.excludeTags.map { "--exclude-tag=\($0)" }
    if let targetsFile = request.targetsFile { arguments.append("--targets=\(targetsFile)") }
    if let experiment = request.experiment { arguments.append("--experiment=\(experiment)") }
    arguments += request.carried
    arguments.append("--output=\(output)")
    if request.resume { arguments.append("--resume") }
    if request.rerunFailed { arguments.append("--rerun-failed") }
    if let retryErrors { arguments.append("--retry-errors=\(retryErrors)") }
    return arguments + ["--"] + request.suiteFilter
  }

  /// The command line as people type it, in the documented order.
  ///
  /// A run directory that the server chose comes last.
  static func display(_ request: LaunchRequest, automaticOutput: String? = nil) -> String {
    var words = ["agentv", "eval"] + request.suiteFilter.map { positional($0) }
    func add(_ flag: String, _ value: String) {
      // A value that looks like an option would be read as one.
      words += value.hasPrefix("-") ? ["\(flag)=\(value)"] : [flag, value]
    }
    for id in request.testIDs { add("--test-id", id) }
    for target in request.targets { add("--target", target) }
    if let threshold = request.threshold { add("--threshold", text(threshold)) }
    if let workers = request.workers { add("--workers", String(workers)) }
    if request.dryRun { words.append("--dry-run") }
    for tag in request.tags { add("--tag", tag) }
    for tag in request.excludeTags { add("--exclude-tag", tag) }
    if let targetsFile = request.targetsFile { add("--targets", targetsFile) }
    if let experiment = request.experiment { add("--experiment", experiment) }
    words += request.carried
    if let output = request.output { add("--output", output) }
    if request.resume { words.append("--resume") }
    if request.rerunFailed { words.append("--rerun-failed") }
    if let path = request.retryErrors { add("--retry-errors", path) }
    if let automaticOutput { add("--output", automaticOutput) }
    return words.map(quote).joined(separator: " ")
  }

  /// A word as a shell reads it back: double quotes for blanks and stars, single quotes where
  /// double ones would let something be expanded.
  static func quote(_ word: String) -> String {
    let special = Set("\"'\\$`!&|;<>(){}[]?#~\n\t")
    if word.contains(where: special.contains) {
      return "'"
        + word.split(separator: "'", omittingEmptySubsequences: false)
        .joined(separator: "'\\''") + "'"
    }
    return word.isEmpty || word.contains(" ") || word.contains("*") ? "\"\(word)\"" : word
  }

  private static func positional(_ path: String) -> String {
    path.hasPrefix("-") ? "./\(path)" : path
  }

  static func text(_ number: Double) -> String {
    number == number.rounded() ? String(Int(number)) : JSON.double(number).text
  }
}
