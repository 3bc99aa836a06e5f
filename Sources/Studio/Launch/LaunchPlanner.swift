// Checks a launch against the disk and completes it: files, targets, run directory, and on a resume
// everything that the run was launched with. Blocking: runs on a worker.

import Core
import EvalFiles
import RunArtifacts

struct LaunchPlanner: Sendable {
  /// The project's directory, absolute.
  let project: String
  let environment: [String: String]
  /// Run directories that live jobs of this server write, with the jobs' ids.
  var busy: [String: String] = [:]

  /// Turns a request into a plan.
  /// - Throws: `RequestError`: what is named does not exist, lies outside the project, or is in use.
  func plan(_ asked: LaunchRequest, at now: Timestamp = .now()) throws(RequestError) -> LaunchPlan {
    try asked.checkModes()
    var request = asked
    let retried = try retriedRun(&request)
    let continued = try continuedRun(&request)
    let output = continued == nil ? try newOutput(request) : continued
    if request.suiteFilter.isEmpty, !request.testIDs.isEmpty {
      request.suiteFilter = try files(holding: request.testIDs)
    }
    try request.checkSelection()
    try checkFiles(request)
    try checkTargets(request)

    var automatic: String?
    let directory: String
    if let continued {
      directory = continued
      if asked.output == nil { automatic = directory }
    } else if let output {
      directory = output
    } else {
      directory = try newDirectory(experiment: request.experiment ?? "default", at: now)
      automatic = directory
    }
    if let retried, retried == directory {
      throw .badRequest(
        "same-run",
        "retry_errors needs a new run directory; to run the failed tests of a run "
          + "again in place, use rerun_failed", field: "retry_errors")
    }
    return LaunchPlan(
      arguments: LaunchArguments.process(request, output: directory, retryErrors: retried),
      command: LaunchArguments.display(request, automaticOutput: automatic), project: project,
      runDirectory: directory, runID: RunDirectory(path: directory, project: project).runID,
      target: request.targets.isEmpty ? nil : request.targets.joined(separator: ","),
      suiteFilter: request.suiteFilter.joined(separator: ","))
  }

  /// Refuses a run directory that has a writer.
  private func checkFree(_ path: String) throws(RequestError) {
    let run = RunDirectory(path: path, project: project)
    let writer: String
    if let job = busy[path] {
      writer = "job \(job)"
    } else if case .held(let pid) = run.lockState() {
      writer = pid.map { "process \($0)" } ?? "another process"
    } else {
      return
    }
    throw RequestError(
      status: 409, code: "run-is-live",
      message: "Run \"\(run.runID)\" is still being written by \(writer); stop it first")
  }

  // MARK: - What is continued

  private func retriedRun(_ request: inout LaunchRequest) throws(RequestError) -> String? {
    guard let text = request.retryErrors else { return nil }
    let named =
      Path.name(text) == RunFile.index ? Path.directory(text) : text
    let path = try Confinement.runDirectory(named, project: project, field: "retry_errors")
    guard FileIO.isFile(Path.join(path, RunFile.index)) else {
      throw .badRequest(
        "run-not-found", "retry_errors: there is no run at \"\(text)\"", field: "retry_errors")
    }
    if let launch = RunDirectory(path: path, project: project).record()?.launch {
      request.complete(from: launch, requested: nil)
    }
    return path
  }

  private func continuedRun(_ request: inout LaunchRequest) throws(RequestError) -> String? {
    guard request.continuesRun else { return nil }
    let mode = request.resume ? "resume" : "rerun_failed"
    let path: String
    if let output = request.output {
      path = try Confinement.runDirectory(output, project: project, field: "output")
    } else if let last = LastRun.read(project: project) {
      path = try Confinement.runDirectory(last, project: project, field: mode)
    } else {
      throw .badRequest(
        "no-run-to-continue", "\(mode) needs output: the project has no last run", field: mode)
    }
    try checkFree(path)
    if let record = RunDirectory(path: path, project: project).record() {
      request.complete(
        from: record.launch, requested: record.planned.map { Set($0.map(\.target)) })
    }
    return path
  }

  // MARK: - What is named

  private func files(holding testIDs: [String]) throws(RequestError) -> [String] {
    let globs = testIDs.map { Glob($0) }
    var found: [String] = []
    for file in discover() {
      let loaded = try? EvalLoader.load(
        paths: [file.path], workingDirectory: project, environment: environment)
      let ids = (loaded?.suites ?? []).flatMap(\.tests).map(\.id)
      if ids.contains(where: { id in globs.contains { $0.matches(id) } }) {
        found.append(file.relativePath)
      }
    }
    guard !found.isEmpty else {
      throw .badRequest(
        "test-not-found",
        "no eval file of the project has a test called \(testIDs.joined(separator: ", ")); "
          + "give suite_filter", field: "test_ids")
    }
    return found
  }

  /// The project's eval files.
  func discover() -> [DiscoveredEval] {
    guard let patterns = ProjectSettings.evalPatterns(project: project) else {
      return EvalLoader.discover(project: project)
    }
    return EvalLoader.discover(project: project, patterns: patterns)
  }

  private func checkFiles(_ request: LaunchRequest) throws(RequestError) {
    // Before anything is opened: what lies elsewhere is not even looked for.
    for text in request.suiteFilter where !text.hasPrefix("!") {
      guard Path.isInside(Path.absolute(text, in: project), project) else {
        throw Self.outside(text)
      }
    }
    let paths: [String]
    do {
      paths = try EvalLoader.resolvePaths(request.suiteFilter, workingDirectory: project)
    } catch {
      throw .badRequest("eval-not-found", error.description, field: "suite_filter")
    }
    for path in paths where !Confinement.isInside(project: project, path) {
      throw Self.outside(path)
    }
  }

  private static func outside(_ path: String) -> RequestError {
    .badRequest(
      "outside-project", "suite_filter names \"\(path)\", which is outside of the project",
      field: "suite_filter")
  }

  private func checkTargets(_ request: LaunchRequest) throws(RequestError) {
    // A dry run replaces every target; and without a targets file the run itself tells best.
    guard !request.dryRun, !request.targets.isEmpty, let set = targets() else { return }
    for target in request.targets where !set.names.contains(target) {
      throw .badRequest(
        "unknown-target",
        "target \"\(target)\" is not defined in \(set.file); "
          + "defined: \(set.names.joined(separator: ", "))", field: "target")
    }
  }

  /// The project's targets; `nil` when there is no readable targets file.
  func targets() -> TargetSet? {
    guard
      let file = try? TargetsFile.find(
        explicit: nil, evalFile: nil, workingDirectory: project)
    else { return nil }
    return try? TargetsFile.load(file, workingDirectory: project)
  }

  /// The directory that a fresh run asks for, which must not hold one yet.
  private func newOutput(_ request: LaunchRequest) throws(RequestError) -> String? {
    guard let output = request.output else { return nil }
    let directory = try Confinement.runDirectory(output, project: project, field: "output")
    try checkFree(directory)
    guard RunDirectory.holdsRun(directory) else { return directory }
    throw RequestError(
      status: 409, code: "run-exists",
      message: "output names a run that exists; set resume or rerun_failed to continue it",
      field: "output")
  }

  /// A fresh directory in the results, made at once so that two launches in one millisecond get two.
  private func newDirectory(
    experiment: String, at now: Timestamp
  ) throws(RequestError) -> String {
    let parent = "\(RunDirectory.runsRoot(project: project))/\(experiment)"
    var time = now
    while FileIO.exists("\(parent)/\(time.directoryName)") { time.millisecondsSinceEpoch += 1 }
    let path = "\(parent)/\(time.directoryName)"
    do {
      try FileIO.createDirectories(path)
    } catch {
      throw RequestError(
        status: 500, code: "run-directory-failed", message: error.description)
    }
    return path
  }
}

extension LaunchRequest {
  /// Takes from the recorded launch whatever the request leaves open.
  ///
  /// A target that is none of those `requested` by the recorded plan is the resolved name that a row
  /// shows; it would make other results than the run has, so it is dropped.
  mutating func complete(from launch: RunLaunch, requested: Set<String>?) {
    if let requested, !targets.allSatisfy(requested.contains) { targets = [] }
    if suiteFilter.isEmpty { suiteFilter = launch.evalFiles }
    if targets.isEmpty { targets = launch.targets }
    if testIDs.isEmpty { testIDs = launch.testIDs }
    if threshold == nil { threshold = launch.threshold }
    if workers == nil { workers = launch.workers }
    if experiment == nil, launch.experiment != "default" { experiment = launch.experiment }
    dryRun = dryRun || launch.dryRun
    tags = launch.tags
    excludeTags = launch.excludeTags
    targetsFile = launch.targetsFile
    carried = Self.carried(launch)
  }

  /// Flags that a launch request has no field for.
  private static func carried(_ launch: RunLaunch) -> [String] {
    var flags: [String] = []
    func add(_ flag: String, _ value: Int?) {
      if let value { flags.append("\(flag)=\(value)") }
    }
    add("--dry-run-delay", launch.dryRunDelayMS)
    add("--dry-run-delay-min", launch.dryRunDelayMinMS)
    add("--dry-run-delay-max", launch.dryRunDelayMaxMS)
    if let seconds = launch.agentTimeoutSeconds {
      flags.append("--agent-timeout=\(LaunchArguments.text(seconds))")
    }
    add("--max-retries", launch.maxRetries)
    if launch.failOnError { flags.append("--fail-on-error") }
    return flags
  }
}
