// .agentv/config.yaml: what a project wants of every run.

import Core

/// The settings of a project.
public struct ProjectConfig: Sendable {
  /// Settings of runs that the command line may change.
  public struct Execution: Sendable, Hashable {
    /// Whether more is told.
    public var verbose: Bool?
    /// Whether workspaces stay after a run.
    public var keepWorkspaces: Bool?
    /// File for OTLP JSON; `{timestamp}` stands for the time of the run.
    public var otelFile: String?
    /// Whether traces are sent to a collector.
    public var exportOtel: Bool?
    /// Which collector.
    public var otelBackend: String?
    /// Whether traces hold messages.
    public var otelCaptureContent: Bool?
    /// Whether traces group turns.
    public var otelGroupTurns: Bool?
    /// Whether workspaces with repositories come from a pool; `nil` means yes.
    public var poolWorkspaces: Bool?
    /// Most slots of a pool, 1…50.
    public var poolSlots: Int?
    /// Where workspaces come from, in place of what eval files say.
    public var workspaceMode: WorkspaceSpec.Mode?
    /// Directory of a static workspace.
    public var workspacePath: String?
  }

  /// Where results are pushed after a run.
  public struct ResultsExport: Sendable, Hashable {
    /// The repository.
    public var repo: String
    /// Directory in it.
    public var path: String
    /// Whether every run is pushed by itself.
    public var autoPush: Bool
    /// What branches begin with; `nil` for none of their own.
    public var branchPrefix: String?
  }

  /// The file, absolute; `nil` when the project has none.
  public var file: String?
  /// Range of versions that the project was written for.
  public var requiredVersion: String?
  /// What eval files are called; `nil` for the usual names.
  public var evalPatterns: [String]?
  /// Settings of runs.
  public var execution = Execution()
  /// Where results are pushed.
  public var resultsExport: ResultsExport?
  /// Shell command that runs before every command.
  public var beforeSession: String?
  /// Score from which pages show a test as passed, 0…1.
  public var passThreshold: Double?
  /// What is wrong with the file.
  public var diagnostics: [Diagnostic] = []

  /// Names that are tried in a directory, in order.
  static let names = [".agentv/config.yaml", ".agentv/config.yml"]
  /// Largest file that is read.
  static let maximumBytes = 1 << 20

  /// Settings of a project that has none.
  public init() {}

  /// Finds and reads the nearest settings, from a directory up to the root of its repository.
  /// - Parameters:
  ///   - directory: where to begin, absolute.
  ///   - environment: variables for `${{ NAME }}`.
  /// - Returns: the settings; empty ones when there is no file.
  public static func load(
    from directory: String, environment: [String: String]
  ) -> ProjectConfig {
    let roots = FileReferences.searchRoots(directory: directory, workingDirectory: directory)
    for root in roots {
      guard let path = names.map({ Path.join(root, $0) }).first(where: FileIO.isFile) else {
        continue
      }
      return read(path, workingDirectory: directory, environment: environment)
    }
    return ProjectConfig()
  }

  /// Reads one file.
  ///
  /// Parts that make no sense are left out and reported.
  public static func read(
    _ path: String, workingDirectory: String, environment: [String: String]
  ) -> ProjectConfig {
    let file = SourceFile(path, workingDirectory: workingDirectory)
    let problems = Problems()
    var config = ProjectConfig()
    do throws(Diagnostic) {
      if let size = FileIO.status(path)?.size, size > maximumBytes {
        throw file.problem("\(size) bytes; at most \(maximumBytes) are read")
      }
      if let root = try YAMLReader.read(try file.read(), file: file, environment: environment) {
        guard root.mapping != nil else {
          throw file.problem(
            "expected a mapping of settings, found \(root.found)", at: root.position)
        }
        config = ConfigReader(file: file, problems: problems).config(root)
      }
    } catch {
      problems.fatal(error)
    }
    config.file = path
    config.diagnostics = problems.errors + problems.notes
    return config
  }
}
