// One eval file, ready to be run.

public import Core

/// An eval file with its tests.
public struct EvalSuite: Sendable {
  /// The file, absolute.
  public var path: String
  /// The file as seen from the working directory, with `/` between names.
  public var relativePath: String
  /// Name of the suite.
  public var name: String
  /// What it is about.
  public var description: String?
  /// Its category; `nil` for kinds of file that have none.
  public var category: String?
  /// Its tags.
  public var tags: [String]
  /// How it wants to be run.
  public var execution: ExecutionSettings
  /// Its tests in the order of the file.
  public var catalog: TestCatalog
  /// Directories in which referenced files are looked for, nearest first.
  public var searchRoots: [String]
  /// Values of its `.env` files below those of the process environment.
  public var environment: [String: String]
  /// `.env` files that were read, nearest first.
  public var environmentFiles: [String]
  /// Programs that turn files of an answer into text for graders.
  public var preprocessors: [Preprocessor]
  /// The workspace of its tests, before their own are put over it.
  public var workspace: Shared<WorkspaceSpec>?
  /// Everything at its top level but the tests, as written, environment references replaced.
  public var raw: JSON

  /// A suite.
  public init(
    path: String, relativePath: String, name: String, description: String? = nil,
    category: String? = nil, tags: [String] = [],
    execution: ExecutionSettings = ExecutionSettings(), tests: [EvalTest] = [],
    searchRoots: [String] = [], environment: [String: String] = [:],
    environmentFiles: [String] = [], preprocessors: [Preprocessor] = [],
    workspace: Shared<WorkspaceSpec>? = nil, raw: JSON = .null
  ) {
    self.path = path
    self.relativePath = relativePath
    self.name = name
    self.description = description
    self.category = category
    self.tags = tags
    self.execution = execution
    catalog = TestCatalog(tests)
    self.searchRoots = searchRoots
    self.environment = environment
    self.environmentFiles = environmentFiles
    self.preprocessors = preprocessors
    self.workspace = workspace
    self.raw = raw
  }

  /// All of its tests, in memory; a run takes one after another out of the catalog instead.
  public var tests: [EvalTest] { catalog.all() }

  /// Directory of the file, absolute.
  public var directory: String { Path.directory(path) }
}

/// The `execution` block of a suite.
public struct ExecutionSettings: Sendable, Hashable {
  /// The target that is run when none is requested; `nil` means `default`.
  public var target: String?
  /// Targets of a matrix run, in order; they go before `target`.
  public var targets: [TargetReference]
  /// Tests at the same time, 1…50.
  public var workers: Int?
  /// Score from which the run counts as passed, 0…1: for summary and exit code only.
  public var threshold: Double?
  /// Several runs of each test, if asked for.
  public var trials: Trials?
  /// No further test starts on a target once the suite's tests on it have cost this much, US
  /// dollars.
  public var budgetUSD: Double?
  /// Whether no further test starts after one that could not be run or judged.
  public var failOnError = false
  /// Whether answers are kept and used again; `nil` when the suite does not say.
  public var cache: Bool?
  /// Directory of kept answers, relative to the working directory.
  public var cachePath: String?
  /// The whole block as written.
  public var raw: JSONObject

  /// Settings.
  public init(
    target: String? = nil, targets: [TargetReference] = [], workers: Int? = nil,
    threshold: Double? = nil, raw: JSONObject = [:]
  ) {
    self.target = target
    self.targets = targets
    self.workers = workers
    self.threshold = threshold
    self.raw = raw
  }

  /// Names of the targets to run when none is requested on the command line.
  public var targetNames: [String] {
    targets.isEmpty ? [target ?? "default"] : targets.map(\.name)
  }
}

/// One entry of `execution.targets`.
public struct TargetReference: Sendable, Hashable {
  /// Name under which the results are kept.
  public var name: String
  /// The target that stands behind it, if it is another one.
  public var useTarget: String?
  /// Hooks that run inside of the workspace's own.
  public var hooks: HookSet?
  /// The entry as written.
  public var raw: JSON

  /// An entry.
  public init(name: String, useTarget: String? = nil, hooks: HookSet? = nil, raw: JSON) {
    self.name = name
    self.useTarget = useTarget
    self.hooks = hooks
    self.raw = raw
  }
}
