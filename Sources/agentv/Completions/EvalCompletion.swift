import ArgumentParser
import Core
import EvalFiles

/// What the shell offers for eval files and targets.
enum EvalCompletion {
  /// Names of the project's targets.
  static var targets: CompletionKind {
    .custom { _, _, _ in
      let cwd = FileIO.workingDirectory
      guard
        let file = try? TargetsFile.find(explicit: nil, evalFile: nil, workingDirectory: cwd),
        let set = try? TargetsFile.load(file, workingDirectory: cwd)
      else { return [] }
      return set.names
    }
  }

  /// The project's eval files, and the directories beside what is being typed.
  static var files: CompletionKind {
    .custom { _, _, prefix in
      let cwd = FileIO.workingDirectory
      let config = ProjectConfig.load(from: cwd, environment: ProcessEnvironment.current())
      let patterns = config.evalPatterns ?? EvalLoader.defaultPatterns
      let found = EvalLoader.discover(project: cwd, patterns: patterns).map(\.relativePath)
      return (found + directories(beside: prefix, in: cwd)).filter { $0.hasPrefix(prefix) }
    }
  }

  private static func directories(beside prefix: String, in cwd: String) -> [String] {
    let parent = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
    let names = (try? FileIO.list(Path.absolute(parent, in: cwd))) ?? []
    return names.filter { !$0.hasPrefix(".") }.map { parent + $0 }
      .filter { FileIO.isDirectory(Path.absolute($0, in: cwd)) }.map { $0 + "/" }
  }
}
