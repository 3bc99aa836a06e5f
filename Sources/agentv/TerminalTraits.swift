import Core

/// What may be shown on our stdout.
struct TerminalTraits: Sendable {
  /// Whether escape sequences may be used for colours.
  var hasColor: Bool
  /// Whether a line may stay under the others.
  var hasLiveLine: Bool

  /// As the variables `NO_COLOR`, `CI` and `TERM` and the terminal tell.
  static func current() -> TerminalTraits {
    let environment = ProcessEnvironment.current()
    let isTerminal = StandardStream.output.isTerminal && environment["TERM"] != "dumb"
    let noColor = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    let isCI = environment["CI"].map { !$0.isEmpty && $0 != "false" && $0 != "0" } ?? false
    return TerminalTraits(
      hasColor: isTerminal && !noColor, hasLiveLine: isTerminal && !noColor && !isCI)
  }
}
