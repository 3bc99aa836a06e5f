// Which run is meant: a run directory, an index, any file of rows, a run id, or the last run.

import Core
public import RunArtifacts

/// A file of rows and the run directory it belongs to.
public struct ResultSource: Sendable, Hashable {
  /// The file of rows, absolute.
  public let path: String
  /// The directory that the rows' artifacts are relative to.
  public let directory: RunDirectory

  /// The rows of a run directory.
  public init(_ directory: RunDirectory) {
    self.directory = directory
    path = directory.file(RunFile.index)
  }

  /// The rows of a file, whatever its name; artifacts are looked for beside it.
  public init(file: String, project: String) {
    path = Path.absolute(file, in: project)
    directory = RunDirectory(path: Path.directory(path), project: project)
  }

  /// The rows as a stream.
  public var stream: RowStream { RowStream(path: path) }

  /// What the run is called: its id, or the file's name when it is no index.
  public var label: String {
    Path.name(path) == RunFile.index ? directory.runID : Path.name(path)
  }

  /// The experiment, as the directory tells it.
  public var experiment: String { directory.experiment ?? "default" }

  /// Finds the run that an argument means.
  /// - Parameters:
  ///   - argument: a run directory, an `index.jsonl`, another `.jsonl` file of rows or a run id;
  ///     `nil` for the last run of the project, else its newest.
  ///   - project: absolute path of the directory that relative paths start from.
  /// - Returns: the run; its rows may be none yet.
  /// - Throws: `ReportError` when there is no such run.
  public static func find(
    _ argument: String?, project: String
  ) throws(ReportError) -> ResultSource {
    guard let argument, !argument.isEmpty else { return try last(project) }
    let path = Path.absolute(argument, in: project)
    if FileIO.isDirectory(path) {
      guard RunDirectory.holdsRun(path) else {
        throw ReportError(
          "\"\(argument)\" holds no \(RunFile.index); give a run directory, "
            + "for example .agentv/results/runs/default/<time>")
      }
      return ResultSource(RunDirectory(path: path, project: project))
    }
    if FileIO.exists(path) { return ResultSource(file: path, project: project) }
    if let directory = RunDirectory.locate(project: project, runID: argument) {
      return ResultSource(directory)
    }
    throw ReportError(
      "\"\(argument)\" does not exist; give a run directory, its \(RunFile.index) or a run id "
        + "(agentv inspect list shows them)")
  }

  private static func last(_ project: String) throws(ReportError) -> ResultSource {
    if let path = LastRun.read(project: project), RunDirectory.holdsRun(path) {
      return ResultSource(RunDirectory(path: path, project: project))
    }
    let newest = RunListing.directories(project: project).max {
      Path.name($0.path) < Path.name($1.path)
    }
    guard let newest else {
      throw ReportError("No run workspaces found in .agentv/results/runs/")
    }
    return ResultSource(newest)
  }

  /// All runs of a project, oldest first by the name of their directory.
  public static func all(project: String) -> [ResultSource] {
    RunListing.directories(project: project)
      .sorted { (Path.name($0.path), $0.path) < (Path.name($1.path), $1.path) }
      .map { ResultSource($0) }
  }
}
