// What `agentv eval` was asked for, and the checks that need no file.

public import Reports
import RunArtifacts

/// The options of one `agentv eval`.
public struct EvalOptions: Sendable {
  /// Most parallel tests for each file and target.
  public static let maximumWorkers = 50
  /// Parallel tests for each file and target when nobody says otherwise.
  public static let defaultWorkers = 3
  /// Further tries after a failed target call when nobody says otherwise.
  public static let defaultRetries = 2

  /// Files, directories and globs; `!glob` leaves out.
  public var paths: [String] = []
  /// Targets in place of the files' own; two or more make a matrix.
  public var targets: [String] = []
  /// targets.yaml or its directory.
  public var targetsFile: String?
  /// Recording that is replayed instead of calling targets.
  public var transcript: String?
  /// Test id globs, any of which is enough.
  public var testIDs: [String] = []
  /// Tags that a file must have, all of them.
  public var tags: [String] = []
  /// Tags that a file must not have, none of them.
  public var excludeTags: [String] = []
  /// Parallel tests for each file and target; 0 or less counts as not given.
  public var workers: Int?
  /// Run directory.
  public var output: String?
  /// Experiment label.
  public var experiment: String?
  /// Pass score, 0…1.
  public var threshold: Double?
  /// Whether a mock stands in for every target.
  public var dryRun = false
  /// Fixed delay of the mock, milliseconds.
  public var dryRunDelayMS: Int?
  /// Least delay of the mock, milliseconds.
  public var dryRunDelayMinMS: Int?
  /// Largest delay of the mock, milliseconds.
  public var dryRunDelayMaxMS: Int?
  /// Longest time of one target call, seconds.
  public var agentTimeoutSeconds: Double?
  /// Further tries after a failed target call.
  public var maxRetries: Int?
  /// Target that grades for all, or `agentv` for the built-in grader with `model`.
  public var graderTarget: String?
  /// Model of the built-in grader, `provider:model`.
  public var model: String?
  /// Whether to tell more.
  public var verbose = false
  /// Whether to go on with a run: errors and missing tests.
  public var resume = false
  /// Whether to go on with a run: everything that is not ok.
  public var rerunFailed = false
  /// Run whose errors and missing tests are run again in a new run.
  public var retryErrors: String?
  /// Whether a run in the output directory is replaced.
  public var overwrite = false
  /// Whether every test that is not ok makes the exit code 1.
  public var failOnError = false
  /// Most that the targets of the run may cost, US dollars; above 0.
  public var budgetUSD: Double?
  /// Whether answers are kept and used again; `nil` leaves it to each file.
  public var cache: Bool?
  /// Messages of an answer that go into its row: a number from 1 on, or `all`; `nil` for none.
  public var outputMessagesText: String?
  /// File that gets a copy of the run's rows at its end.
  public var rowsCopy: String?
  /// Where tests work.
  public var workspaces = WorkspaceOptions()
  /// Whether a version that does not fit the project stops the run.
  public var isStrict = false
  /// Documents to write when the run has ended.
  public var exports = ExportPlan()
  /// Where traces are sent; `nil` for nowhere.
  public var tracePush: TracePushPlan?
  /// The command line, for the record.
  public var arguments: [String] = []

  /// Options of a plain run of nothing.
  public init() {}

  /// Refuses values out of range.
  func validate() throws(EvalRunError) {
    if let threshold, !(0...1).contains(threshold) {
      throw EvalRunError("--threshold must be between 0 and 1, got: \(threshold)")
    }
    if let workers, workers > Self.maximumWorkers {
      throw EvalRunError("Workers must be between 1 and \(Self.maximumWorkers), got: \(workers)")
    }
    if let experiment {
      let isValid =
        !experiment.isEmpty && experiment != "." && experiment != ".."
        && experiment.utf8.allSatisfy { byte in
          switch byte {
          case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
          default: false
          }
        }
      guard isValid else {
        throw EvalRunError(
          "Invalid experiment name \"\(experiment)\". "
            + "Use only letters, numbers, \".\", \"_\" and \"-\".")
      }
    }
    if let seconds = agentTimeoutSeconds, !(seconds > 0 && seconds.isFinite) {
      throw EvalRunError("--agent-timeout must be a positive number of seconds, got: \(seconds)")
    }
    if let retries = maxRetries, retries < 0 {
      throw EvalRunError("--max-retries must be 0 or more, got: \(retries)")
    }
    for (name, value) in [
      ("--dry-run-delay", dryRunDelayMS), ("--dry-run-delay-min", dryRunDelayMinMS),
      ("--dry-run-delay-max", dryRunDelayMaxMS),
    ] {
      if let value, value < 0 { throw EvalRunError("\(name) must be 0 or more, got: \(value)") }
    }
    if let budgetUSD, !(budgetUSD > 0 && budgetUSD.isFinite) {
      throw EvalRunError("--budget-usd must be a positive number.", exitCode: 2)
    }
    try validateGrading()
    if overwrite, resume || rerunFailed {
      throw EvalRunError("--overwrite cannot be combined with --resume or --rerun-failed")
    }
    if transcript != nil, dryRun || targets.contains(where: { $0 != "transcript" }) {
      throw EvalRunError(
        "--transcript replays a recording instead of calling a target; leave out "
          + (dryRun ? "--dry-run" : "--target"))
    }
    if output?.isEmpty == true { throw EvalRunError("--output needs a directory") }
  }

  /// Messages of an answer that go into its row.
  var outputMessages: OutputMessages? {
    guard let text = outputMessagesText else { return nil }
    if text == "all" { return .all }
    return .last(Int(text).flatMap { $0 > 0 ? $0 : nil } ?? 1)
  }

  /// Delay of the mock: a range beats a fixed one.
  var dryRunDelay: ClosedRange<Int> {
    guard dryRunDelayMinMS != nil || dryRunDelayMaxMS != nil else {
      let fixed = dryRunDelayMS ?? 0
      return fixed...fixed
    }
    let low = dryRunDelayMinMS ?? 0
    return low...max(low, dryRunDelayMaxMS ?? low)
  }

  /// Whether it says which tests are meant.
  var selects: Bool {
    !(paths.isEmpty && targets.isEmpty && testIDs.isEmpty && tags.isEmpty && excludeTags.isEmpty)
  }

  /// The options with the values of a stored launch wherever nothing was given.
  func merged(with launch: RunLaunch) -> EvalOptions {
    var merged = self
    if paths.isEmpty { merged.paths = launch.evalFiles }
    if targets.isEmpty { merged.targets = launch.targets }
    if testIDs.isEmpty { merged.testIDs = launch.testIDs }
    if tags.isEmpty { merged.tags = launch.tags }
    if excludeTags.isEmpty { merged.excludeTags = launch.excludeTags }
    merged.targetsFile = targetsFile ?? launch.targetsFile
    merged.transcript = transcript ?? launch.transcript
    merged.threshold = threshold ?? launch.threshold
    merged.workers = workers ?? launch.workers
    merged.experiment = experiment ?? launch.experiment
    merged.dryRun = dryRun || launch.dryRun
    if dryRunDelayMS == nil, dryRunDelayMinMS == nil, dryRunDelayMaxMS == nil {
      merged.dryRunDelayMS = launch.dryRunDelayMS
      merged.dryRunDelayMinMS = launch.dryRunDelayMinMS
      merged.dryRunDelayMaxMS = launch.dryRunDelayMaxMS
    }
    merged.agentTimeoutSeconds = agentTimeoutSeconds ?? launch.agentTimeoutSeconds
    merged.maxRetries = maxRetries ?? launch.maxRetries
    if graderTarget == nil { merged.model = model ?? launch.model }
    merged.graderTarget = graderTarget ?? launch.graderTarget
    merged.failOnError = failOnError || launch.failOnError
    merged.budgetUSD = budgetUSD ?? launch.budgetUSD
    merged.cache = cache ?? launch.cache
    merged.workspaces = workspaces.merged(with: launch)
    merged.outputMessagesText = outputMessagesText ?? launch.outputMessages
    if exports.exports.isEmpty { merged.exports.exports = launch.exports }
    merged.exports.benchmarkJSON = exports.benchmarkJSON ?? launch.benchmarkJSON
    merged.exports.otelFile = exports.otelFile ?? launch.otelFile
    merged.exports.capturesContent = exports.capturesContent || launch.capturesContent
    merged.exports.groupsTurns = exports.groupsTurns || launch.groupsTurns
    if tracePush == nil, launch.sendsTraces {
      merged.tracePush = TracePushPlan(
        backend: launch.traceBackend.flatMap(TraceBackend.init(rawValue:)))
    }
    return merged
  }

  /// The options as a launch of these files.
  func launch(evalFiles: [String]) -> RunLaunch {
    var launch = RunLaunch(evalFiles: evalFiles)
    launch.targets = targets
    launch.testIDs = testIDs
    launch.tags = tags
    launch.excludeTags = excludeTags
    launch.targetsFile = targetsFile
    launch.transcript = transcript
    launch.threshold = threshold
    launch.workers = workers
    launch.experiment = experiment ?? "default"
    launch.dryRun = dryRun
    launch.dryRunDelayMS = dryRunDelayMS
    launch.dryRunDelayMinMS = dryRunDelayMinMS
    launch.dryRunDelayMaxMS = dryRunDelayMaxMS
    launch.agentTimeoutSeconds = agentTimeoutSeconds
    launch.maxRetries = maxRetries
    launch.graderTarget = graderTarget
    launch.model = model
    launch.failOnError = failOnError
    launch.budgetUSD = budgetUSD
    launch.cache = cache
    launch.workspaceMode = workspaces.mode
    launch.workspacePath = workspaces.path
    launch.keepsWorkspaces = workspaces.keeps
    launch.outputMessages = outputMessagesText
    launch.exports = exports.exports
    launch.benchmarkJSON = exports.benchmarkJSON
    launch.otelFile = exports.otelFile
    launch.capturesContent = exports.capturesContent
    launch.groupsTurns = exports.groupsTurns
    launch.sendsTraces = tracePush != nil
    launch.traceBackend = tracePush?.backend?.rawValue
    return launch
  }
}
