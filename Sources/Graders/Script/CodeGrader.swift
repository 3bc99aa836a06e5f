// `code-grader`: a program of the author's judges. It reads a JSON object from stdin and writes
// its judgement to stdout.

import Core
import EvalFiles

/// Runs a script grader.
struct CodeGrader: Grader {
  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    let command = Self.command(spec.config["command"] ?? spec.config["script"])
    guard !command.isEmpty else {
      throw GraderError("it has no command; give it `command`, a list of texts")
    }
    return try await ScriptJudge(command: command, directory: Self.directory(spec, input))
      .judge(spec, input)
  }

  /// The command as a list of texts; a single text is run by the shell.
  static func command(_ json: JSON?) -> [String] {
    switch json {
    case .string(let text): text.trimmed.isEmpty ? [] : ["sh", "-lc", text.trimmed]
    case .array(let words): words.compactMap(\.string)
    default: []
    }
  }

  /// `cwd` through the search roots; by default the directory of the eval file.
  private static func directory(_ spec: GraderSpec, _ input: GraderInput) -> String {
    let roots = spec.roots(input.test)
    guard let wanted = spec.config["cwd"]?.string, !wanted.isEmpty else { return roots[0] }
    if wanted.hasPrefix("/"), FileIO.isDirectory(wanted) { return wanted }
    let relative = String(wanted.drop { $0 == "/" })
    // One that is nowhere is passed on as it is, so that the error names it.
    return roots.map { Path.absolute(relative, in: $0) }.first(where: FileIO.isDirectory)
      ?? Path.absolute(wanted, in: roots[0])
  }
}

extension GraderSpec {
  /// Where files are looked for; never empty.
  func roots(_ test: EvalTest) -> [String] {
    searchRoots.isEmpty ? [test.directory] : searchRoots
  }

  /// A file through the search roots; an absolute path stands for itself first.
  func file(_ reference: String, _ test: EvalTest) -> String? {
    guard !reference.utf8.contains(0), !reference.isEmpty else { return nil }
    if reference.hasPrefix("/"), FileIO.isFile(reference) { return reference }
    let relative = String(reference.drop { $0 == "/" || $0 == "\\" })
    return roots(test).lazy.map { Path.absolute(relative, in: $0) }.first(where: FileIO.isFile)
  }
}
