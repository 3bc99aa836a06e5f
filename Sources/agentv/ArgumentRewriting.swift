/// What is done to the arguments before they are parsed (reference: cli 1).
enum ArgumentRewriting {
  private static let evalCommands: Set<String> = [
    "run", "assert", "aggregate", "--help", "-h", "--version",
  ]

  /// The arguments with old spellings replaced and `run` put after `eval`.
  /// - Parameter arguments: without the name of the program.
  /// - Returns: what the parser gets.
  static func rewritten(_ arguments: [String]) -> [String] {
    var rewritten: [String] = []
    var isPositional = false
    for argument in arguments {
      if argument == "--" { isPositional = true }
      rewritten.append(isPositional ? argument : renamed(argument))
    }
    if rewritten.first == "eval", rewritten.count < 2 || !evalCommands.contains(rewritten[1]) {
      rewritten.insert("run", at: 1)
    }
    return rewritten
  }

  private static func renamed(_ argument: String) -> String {
    switch argument {
    case "-v": return "--version"
    case "--eval-id": return "--test-id"
    default:
      let old = "--eval-id="
      return argument.hasPrefix(old) ? "--test-id=" + argument.dropFirst(old.count) : argument
    }
  }

  /// Whether only the version is asked for, wherever that stands; answered without the parser.
  static func asksForVersion(_ arguments: [String]) -> Bool {
    arguments.prefix { $0 != "--" }.contains("--version")
  }
}
