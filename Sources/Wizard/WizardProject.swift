// What there is to choose from. Blocking.

import Core
public import EvalFiles
import RunArtifacts

/// The project as the wizard sees it.
public struct WizardProject: Sendable {
  /// Working directory.
  public var cwd: String
  /// Eval files, by relative path.
  public var files: [DiscoveredEval]
  /// Targets by name, with their providers; empty without a readable targets file.
  public var targets: [(name: String, provider: String)]
  /// What was run last.
  public var last: LastConfig?
  /// The run that can be resumed: its directory.
  public var resumable: String?

  /// A project, for tests.
  public init(
    cwd: String, files: [DiscoveredEval], targets: [(name: String, provider: String)] = [],
    last: LastConfig? = nil, resumable: String? = nil
  ) {
    self.cwd = cwd
    self.files = files
    self.targets = targets
    self.last = last
    self.resumable = resumable
  }

  /// Looks around.
  /// - Parameters:
  ///   - cwd: working directory, absolute.
  ///   - home: the user's home; `nil` when the environment does not tell.
  ///   - patterns: what eval files are called; `nil` for the usual names.
  public init(cwd: String, home: String?, patterns: [String]?) {
    self.cwd = cwd
    files =
      patterns.map { EvalLoader.discover(project: cwd, patterns: $0) }
      ?? EvalLoader.discover(project: cwd)
    targets = []
    if let file = try? TargetsFile.find(
      explicit: nil, evalFile: files.first?.path, workingDirectory: cwd),
      let set = try? TargetsFile.load(file, workingDirectory: cwd)
    {
      targets = set.names.map { ($0, "") }
    }
    last = home.flatMap(LastConfig.read(home:))
    let own = last.flatMap { $0.cwd == cwd ? $0.outputDir : nil }
    resumable = [LastRun.read(project: cwd), own].compactMap(\.self).first { path in
      let run = RunDirectory(path: path, project: cwd)
      return FileIO.isFile(run.file(RunFile.index)) && !run.lockState().isHeld
    }
  }
}
