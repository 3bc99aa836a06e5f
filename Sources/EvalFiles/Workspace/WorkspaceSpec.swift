// The directory that a target works in, as an eval file asks for it.

/// A `workspace` block, its external file read and its paths made absolute.
public struct WorkspaceSpec: Sendable, Hashable {
  /// Who shares a workspace.
  public enum Isolation: String, Sendable, Hashable, CaseIterable {
    /// All tests of a file on one target.
    case shared
    /// Nobody: every test gets a fresh one.
    case perTest = "per_test"
  }
  /// Where a workspace comes from.
  public enum Mode: String, Sendable, Hashable, CaseIterable {
    /// From a pool of prepared ones, when there are repositories to clone.
    case pooled
    /// Made for the run and removed after it.
    case temp
    /// A directory of the user's, used as it is.
    case `static`
  }

  /// Directory that is copied in, absolute; or a `.code-workspace` file, which stands for its
  /// directory.
  public var template: String?
  /// Who shares it; `nil` means shared.
  public var isolation: Isolation?
  /// Where it comes from; `nil` means static with a path, else pooled.
  public var mode: Mode?
  /// Directory of a static workspace, as written; relative ones start at the working directory.
  public var path: String?
  /// Repositories in it; `nil` when none are named.
  public var repos: [RepoSpec]?
  /// Programs run around tests.
  public var hooks: HookSet?
  /// What must be installed.
  public var requirements: WorkspaceRequirements?
  /// Container for script graders.
  public var docker: DockerSpec?
  /// Directory of the file it was written in, absolute: where hooks start.
  public var directory: String
  /// Files copied into the root of the workspace: absolute path and name in the workspace.
  public var files: [WorkspaceFile]

  /// A workspace.
  public init(
    template: String? = nil, isolation: Isolation? = nil, mode: Mode? = nil, path: String? = nil,
    repos: [RepoSpec]? = nil, hooks: HookSet? = nil, requirements: WorkspaceRequirements? = nil,
    docker: DockerSpec? = nil, directory: String, files: [WorkspaceFile] = []
  ) {
    self.template = template
    self.isolation = isolation
    self.mode = mode
    self.path = path
    self.repos = repos
    self.hooks = hooks
    self.requirements = requirements
    self.docker = docker
    self.directory = directory
    self.files = files
  }

  /// Whether a directory is made for it: a workspace of requirements alone has none.
  public var makesDirectory: Bool {
    template != nil || path != nil || hooks?.isEmpty == false || !files.isEmpty
      || repos?.contains { $0.source != nil } == true
  }

  /// The suite's workspace with a test's own put over it: fields one by one, hooks one by one and
  /// key by key.
  public func overlaid(by own: WorkspaceSpec) -> WorkspaceSpec {
    var merged = self
    if let template = own.template { merged.template = template }
    if let isolation = own.isolation { merged.isolation = isolation }
    if let mode = own.mode { merged.mode = mode }
    if let path = own.path { merged.path = path }
    if let repos = own.repos { merged.repos = repos }
    if let docker = own.docker { merged.docker = docker }
    if let requirements = own.requirements { merged.requirements = requirements }
    if let hooks = own.hooks { merged.hooks = (merged.hooks ?? HookSet()).overlaid(by: hooks) }
    merged.files += own.files
    return merged
  }
}

/// A file put into a workspace.
public struct WorkspaceFile: Sendable, Hashable {
  /// The file, absolute.
  public var source: String
  /// Where it goes, relative to the workspace.
  public var destination: String

  /// A file.
  public init(source: String, destination: String) {
    self.source = source
    self.destination = destination
  }
}

/// What must be installed before a workspace is used.
public struct WorkspaceRequirements: Sendable, Hashable {
  /// Programs that must be in the PATH.
  public var commands: [String]
  /// Modules that python3 must be able to import.
  public var pythonModules: [String]

  /// Requirements.
  public init(commands: [String] = [], pythonModules: [String] = []) {
    self.commands = commands
    self.pythonModules = pythonModules
  }
}

/// A container for script graders.
public struct DockerSpec: Sendable, Hashable {
  /// The image.
  public var image: String
  /// Longest time of one command, seconds.
  public var timeoutSeconds: Double
  /// Memory limit as docker writes it, for example `4g`.
  public var memory: String?
  /// Processors.
  public var cpus: Double?

  /// Time of a command when nothing is said, seconds.
  public static let defaultTimeoutSeconds = 1800.0

  /// A container.
  public init(
    image: String, timeoutSeconds: Double = defaultTimeoutSeconds, memory: String? = nil,
    cpus: Double? = nil
  ) {
    self.image = image
    self.timeoutSeconds = timeoutSeconds
    self.memory = memory
    self.cpus = cpus
  }
}
