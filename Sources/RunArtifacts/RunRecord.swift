// run.json: what was launched, what was planned, and how it ended. It is what makes a run resumable
// without knowing its command line.

public import Core

/// What a run was asked to do; a resume starts from this.
public struct RunLaunch: Sendable, Hashable {
  /// Eval files relative to the working directory of the run.
  public var evalFiles: [String]
  /// Targets asked for on the command line; empty when each file's own apply.
  public var targets: [String] = []
  /// Test id globs.
  public var testIDs: [String] = []
  /// Tags that a file must have.
  public var tags: [String] = []
  /// Tags that a file must not have.
  public var excludeTags: [String] = []
  /// targets.yaml given on the command line.
  public var targetsFile: String?
  /// Recording that is replayed instead of calling targets.
  public var transcript: String?
  /// Pass score given on the command line, 0…1.
  public var threshold: Double?
  /// Parallel tests for each file and target given on the command line, 1…50.
  public var workers: Int?
  /// Experiment label.
  public var experiment: String = "default"
  /// Whether targets were replaced by a mock.
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
  /// Target that grades for all, given on the command line.
  public var graderTarget: String?
  /// Model of the built-in grader, `provider:model`.
  public var model: String?
  /// Whether execution errors and quality failures make the exit code 1.
  public var failOnError = false
  /// Most that the targets of the run may cost, US dollars.
  public var budgetUSD: Double?
  /// Whether answers are kept and used again; `nil` leaves it to each file.
  public var cache: Bool?
  /// Messages of an answer that go into its row: a number, or `all`.
  public var outputMessages: String?
  /// Where workspaces come from, when that was asked for.
  public var workspaceMode: String?
  /// Directory that all tests work in, when one was given.
  public var workspacePath: String?
  /// Whether workspaces stay after the run.
  public var keepsWorkspaces = false
  /// Documents to write at the end, relative to the working directory of the run.
  public var exports: [String] = []
  /// File for the Agent-Skills summary.
  public var benchmarkJSON: String?
  /// File for OpenTelemetry traces.
  public var otelFile: String?
  /// Whether prompts and answers go into the traces.
  public var capturesContent = false
  /// Whether each turn gets a span of its own in them.
  public var groupsTurns = false
  /// Whether traces are sent to a collector.
  public var sendsTraces = false
  /// Service that they are sent to; `nil` for the collector that the environment names.
  public var traceBackend: String?

  /// A launch of these eval files.
  public init(evalFiles: [String]) { self.evalFiles = evalFiles }

  /// The form in run.json.
  public var json: JSON {
    func strings(_ values: [String]) -> JSON { .array(values.map(JSON.string)) }
    return [
      "eval_files": strings(evalFiles), "targets": strings(targets),
      "test_ids": strings(testIDs), "tags": strings(tags), "exclude_tags": strings(excludeTags),
      "targets_file": .optional(targetsFile), "transcript": .optional(transcript),
      "threshold": .optional(threshold),
      "workers": .optional(workers), "experiment": .string(experiment), "dry_run": .bool(dryRun),
      "dry_run_delay_ms": .optional(dryRunDelayMS),
      "dry_run_delay_min_ms": .optional(dryRunDelayMinMS),
      "dry_run_delay_max_ms": .optional(dryRunDelayMaxMS),
      "agent_timeout_seconds": .optional(agentTimeoutSeconds),
      "max_retries": .optional(maxRetries), "grader_target": .optional(graderTarget),
      "model": .optional(model), "fail_on_error": .bool(failOnError),
      "budget_usd": .optional(budgetUSD), "cache": cache.map(JSON.bool) ?? .null,
      "output_messages": .optional(outputMessages),
      "workspace_mode": .optional(workspaceMode), "workspace_path": .optional(workspacePath),
      "keep_workspaces": .bool(keepsWorkspaces), "exports": strings(exports),
      "benchmark_json": .optional(benchmarkJSON), "otel_file": .optional(otelFile),
      "otel_capture_content": .bool(capturesContent), "otel_group_turns": .bool(groupsTurns),
      "export_otel": .bool(sendsTraces), "otel_backend": .optional(traceBackend),
    ]
  }

  /// Reads the form in run.json; `nil` when there are no eval files in it.
  public init?(json: JSON?) {
    guard let object = json?.object, let files = object["eval_files"]?.array else { return nil }
    func strings(_ name: String) -> [String] {
      (object[name]?.array ?? []).compactMap(\.string)
    }
    evalFiles = files.compactMap(\.string)
    targets = strings("targets")
    testIDs = strings("test_ids")
    tags = strings("tags")
    excludeTags = strings("exclude_tags")
    targetsFile = object["targets_file"]?.string
    transcript = object["transcript"]?.string
    threshold = object["threshold"]?.double
    workers = object["workers"]?.int
    experiment = object["experiment"]?.string ?? "default"
    dryRun = object["dry_run"]?.bool ?? false
    dryRunDelayMS = object["dry_run_delay_ms"]?.int
    dryRunDelayMinMS = object["dry_run_delay_min_ms"]?.int
    dryRunDelayMaxMS = object["dry_run_delay_max_ms"]?.int
    agentTimeoutSeconds = object["agent_timeout_seconds"]?.double
    maxRetries = object["max_retries"]?.int
    graderTarget = object["grader_target"]?.string
    model = object["model"]?.string
    failOnError = object["fail_on_error"]?.bool ?? false
    budgetUSD = object["budget_usd"]?.double
    cache = object["cache"]?.bool
    outputMessages = object["output_messages"]?.string
    workspaceMode = object["workspace_mode"]?.string
    workspacePath = object["workspace_path"]?.string
    keepsWorkspaces = object["keep_workspaces"]?.bool ?? false
    exports = strings("exports")
    benchmarkJSON = object["benchmark_json"]?.string
    otelFile = object["otel_file"]?.string
    capturesContent = object["otel_capture_content"]?.bool ?? false
    groupsTurns = object["otel_group_turns"]?.bool ?? false
    sendsTraces = object["export_otel"]?.bool ?? false
    traceBackend = object["otel_backend"]?.string
  }
}

/// How far a run has come, as run.json words it.
public enum RunCompletion: String, Sendable, Hashable, CaseIterable {
  /// It has not written its end; when its lock is free as well, it was killed.
  case running
  /// Every planned test has a row.
  case completed
  /// A signal stopped it; it can be resumed.
  case interrupted
  /// It broke, for example on a full disk; it can be resumed.
  case failed
}

/// The content of run.json.
public struct RunRecord: Sendable, Hashable {
  /// Most executions listed by identity; above, only their number is kept.
  public static let maximumPlannedListed = 10_000

  /// Run id, as listings name it.
  public var runID: String
  /// Experiment label.
  public var experiment: String
  /// Process that wrote last.
  public var pid: Int32
  /// Its start in clock ticks since boot; with `pid` and `bootID` it names the process for good.
  public var processStartTime: Int?
  /// The boot of the machine that `processStartTime` counts from.
  public var bootID: String?
  /// First start; a resume keeps it.
  public var startedAt: Timestamp
  /// Last resume.
  public var resumedAt: Timestamp?
  /// Command line of the last start.
  public var argv: [String]
  /// Working directory of the run: what its relative paths are relative to.
  public var cwd: String
  /// What it was asked to do.
  public var launch: RunLaunch
  /// Executions planned: tests × targets over all files.
  public var plannedTestCount: Int?
  /// The planned executions, when they are few enough.
  public var planned: [TestIdentity]?
  /// End of the last start.
  public var finishedAt: Timestamp?
  /// Exit code of the last start.
  public var exitCode: Int?
  /// How far it has come.
  public var completion: RunCompletion
  /// Signal that stopped it, for example `SIGTERM`.
  public var signal: String?
  /// Who asked for the stop of the last start and why, when it was asked for by name.
  public var stop: StopRequest?
  /// What stopping the processes of its tests took; `nil` when no signal stopped it.
  public var census: Census?
  /// Job of the Studio that started it (`AGENTV_JOB_ID`).
  public var jobID: String?

  /// A run that starts now.
  public init(
    runID: String, experiment: String, pid: Int32, startedAt: Timestamp, argv: [String],
    cwd: String, launch: RunLaunch, jobID: String? = nil
  ) {
    self.runID = runID
    self.experiment = experiment
    self.pid = pid
    self.startedAt = startedAt
    self.argv = argv
    self.cwd = cwd
    self.launch = launch
    self.jobID = jobID
    completion = .running
  }
}

extension RunRecord {
  /// The form on disk.
  public var json: JSON {
    var object: JSONObject = [
      "schema": 1, "run_id": .string(runID), "experiment": .string(experiment),
      "pid": .int(Int(pid)), "start_time": .optional(processStartTime),
      "boot_id": .optional(bootID), "started_at": .string(startedAt.description),
    ]
    if let resumedAt { object["resumed_at"] = .string(resumedAt.description) }
    object["argv"] = .array(argv.map(JSON.string))
    object["cwd"] = .string(cwd)
    object["launch"] = launch.json
    object["planned_test_count"] = .optional(plannedTestCount)
    if let planned, planned.count <= Self.maximumPlannedListed {
      object["planned"] = .array(planned.map(Self.json))
    }
    object["finished_at"] = .optional(finishedAt?.description)
    object["exit_code"] = .optional(exitCode)
    object["completion"] = .string(completion.rawValue)
    object["signal"] = .optional(signal)
    if let stop { object["stop"] = stop.json }
    if let census { object["census"] = census.json }
    object["job_id"] = .optional(jobID)
    return .object(object)
  }

  private static func json(_ identity: TestIdentity) -> JSON {
    [
      "eval_file": .optional(identity.evalFile), "test_id": .string(identity.testID),
      "target": .string(identity.target),
    ]
  }

  /// Reads the form on disk; `nil` when the run id or the launch is missing.
  public init?(json: JSON) {
    guard let runID = json["run_id"]?.string, let launch = RunLaunch(json: json["launch"]) else {
      return nil
    }
    func time(_ name: String) -> Timestamp? { json[name]?.string.flatMap(Timestamp.init) }
    self.init(
      runID: runID, experiment: json["experiment"]?.string ?? launch.experiment,
      pid: json["pid"]?.int.flatMap(Int32.init(exactly:)) ?? 0,
      startedAt: time("started_at") ?? Timestamp(millisecondsSinceEpoch: 0),
      argv: (json["argv"]?.array ?? []).compactMap(\.string), cwd: json["cwd"]?.string ?? "",
      launch: launch, jobID: json["job_id"]?.string)
    processStartTime = json["start_time"]?.int
    bootID = json["boot_id"]?.string
    stop = json["stop"].flatMap(StopRequest.init(json:))
    census = json["census"].flatMap { $0.object == nil ? nil : Census(json: $0) }
    resumedAt = time("resumed_at")
    plannedTestCount = json["planned_test_count"]?.int
    planned = json["planned"]?.array?.compactMap { entry in
      guard let id = entry["test_id"]?.string, let target = entry["target"]?.string else {
        return nil
      }
      return TestIdentity(evalFile: entry["eval_file"]?.string, testID: id, target: target)
    }
    finishedAt = time("finished_at")
    exitCode = json["exit_code"]?.int
    completion = json["completion"]?.string.flatMap(RunCompletion.init) ?? .running
    signal = json["signal"]?.string
    stop = json["stop"].flatMap(StopRequest.init(json:))
  }
}
