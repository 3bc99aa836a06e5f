import ArgumentParser
import EvalRunner

/// Which tests run on which targets.
struct SelectionOptions: ParsableArguments {
  @Option(
    name: .customLong("target"),
    help: "Target to run instead of the files' own; repeat it for a matrix.",
    completion: EvalCompletion.targets)
  var targets: [String] = []

  @Option(
    name: .customLong("targets"), help: "targets.yaml, or a directory with one.",
    completion: .file())
  var targetsFile: String?

  @Option(
    help: "Recorded conversations (JSONL) to grade instead of calling a target.",
    completion: .file())
  var transcript: String?

  @Option(
    name: .customLong("test-id"), help: "Only tests whose id matches the glob; repeatable, OR.")
  var testIDs: [String] = []

  @Option(name: .customLong("tag"), help: "Only files with this tag; repeatable, AND.")
  var tags: [String] = []

  @Option(name: .customLong("exclude-tag"), help: "No files with this tag; repeatable.")
  var excludeTags: [String] = []

  func apply(to options: inout EvalOptions) {
    options.targets = targets
    options.targetsFile = targetsFile
    options.transcript = transcript
    options.testIDs = testIDs
    options.tags = tags
    options.excludeTags = excludeTags
  }
}

/// How tests run.
struct ExecutionOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Tests at the same time for each file and target, 1 to 50 (default: 3).")
  var workers: Int?

  @Option(
    parsing: .unconditional, help: "Pass score, 0 to 1; below it the exit code is 1.")
  var threshold: Double?

  @Option(
    name: .customLong("agent-timeout"), parsing: .unconditional,
    help: "Longest time of one target call, seconds.")
  var agentTimeout: Double?

  @Option(
    name: .customLong("max-retries"), parsing: .unconditional,
    help: "Further tries after a failed target call (default: 2).")
  var maxRetries: Int?

  @Flag(name: .customLong("dry-run"), help: "Answer with a mock instead of calling targets.")
  var dryRun = false

  @Option(
    name: .customLong("dry-run-delay"), parsing: .unconditional,
    help: "Delay of each mock answer, milliseconds.")
  var dryRunDelay: Int?

  @Option(
    name: .customLong("dry-run-delay-min"), parsing: .unconditional,
    help: "Least random delay of the mock, milliseconds.")
  var dryRunDelayMin: Int?

  @Option(
    name: .customLong("dry-run-delay-max"), parsing: .unconditional,
    help: "Largest random delay of the mock, milliseconds.")
  var dryRunDelayMax: Int?

  @Flag(name: .customLong("fail-on-error"), help: "Exit 1 when any test is not ok.")
  var failOnError = false

  @Flag(help: "Tell more: waiting tests, targets with provider and file, .env files.")
  var verbose = false

  func apply(to options: inout EvalOptions) {
    options.workers = workers
    options.threshold = threshold
    options.agentTimeoutSeconds = agentTimeout
    options.maxRetries = maxRetries
    options.dryRun = dryRun
    options.dryRunDelayMS = dryRunDelay
    options.dryRunDelayMinMS = dryRunDelayMin
    options.dryRunDelayMaxMS = dryRunDelayMax
    options.failOnError = failOnError
    options.verbose = verbose
  }
}

/// Where results go, and which earlier run this one goes on from.
struct ResultOptions: ParsableArguments {
  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: "Run directory (default: .agentv/results/runs/<experiment>/<time>).",
    completion: .directory)
  var output: String?

  @Option(help: "Experiment label (default: default).")
  var experiment: String?

  @Flag(help: "Go on with a run: what is missing and what had an execution error.")
  var resume = false

  @Flag(
    name: .customLong("rerun-failed"), help: "Go on with a run: everything that is not ok.")
  var rerunFailed = false

  @Option(
    name: .customLong("retry-errors"),
    help: "Run directory or index.jsonl whose errors run again in a new run.",
    completion: .file())
  var retryErrors: String?

  @Flag(help: "Replace the run that --output holds.")
  var overwrite = false

  @OptionGroup var exports: ExportOptions

  func apply(to options: inout EvalOptions) {
    options.output = output
    options.experiment = experiment
    options.resume = resume
    options.rerunFailed = rerunFailed
    options.retryErrors = retryErrors
    options.overwrite = overwrite
    options.exports = exports.plan
    options.tracePush = exports.push
  }
}
