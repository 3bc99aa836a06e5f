// One `agentv eval` from its options to its exit code.

import Core
import EvalFiles
import EventLoop
import Reports
import RunArtifacts
import Supervisor

/// Runs evaluations.
public enum EvalRun {
  /// Runs what the options ask for.
  ///
  /// Catches SIGINT, SIGTERM and SIGHUP once tests run.
  /// - Parameters:
  ///   - options: the command line.
  ///   - environment: variables of this process.
  ///   - workingDirectory: absolute path of the directory that relative paths start from.
  /// - Returns: the exit code of the process (reference: docs/reference/exit-codes.md).
  public static func run(
    _ options: EvalOptions, environment: [String: String], workingDirectory: String
  ) async -> Int32 {
    let isTerminal = StandardStream.output.isTerminal && environment["TERM"] != "dumb"
    let noColor = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    let isCI = environment["CI"].map { !$0.isEmpty && $0 != "false" && $0 != "0" } ?? false
    let console = Console(hasColor: isTerminal && !noColor)
    let hasLiveLine = isTerminal && !noColor && !isCI
    let columns: @Sendable () -> Int = { StandardStream.output.columns ?? 80 }
    let config = ProjectConfig.load(from: workingDirectory, environment: environment)
    var code: Int32 = 1
    if let program = FileIO.readLink("/proc/self/exe") {
      await Supervisor.shared.guardTrees(executable: program)
    }
    do {
      var environment = environment
      if let command = config.beforeSession {
        environment = try await SessionHook(command: command, workingDirectory: workingDirectory)
          .run(environment, console)
      }
      let session = EvalSession(
        options: options.completed(by: config), config: config, environment: environment,
        cwd: workingDirectory, console: console, columns: hasLiveLine ? columns : nil)
      code = try await session.run()
    } catch {
      if let error = error as? EvalRunError { code = error.exitCode }
      for line in "\(error)".split(separator: "\n", omittingEmptySubsequences: false) {
        console.complain(line.hasPrefix("Error: ") ? String(line) : "Error: \(line)")
      }
    }
    // A stopped run must not wait for a terminal that is paused or a reader that hangs.
    await console.drain(within: code > 128 ? .seconds(2) : nil)
    await Supervisor.shared.dismissGuard()
    ScratchDirectory.shared.remove()
    return code
  }
}

/// What one invocation knows.
struct EvalSession: Sendable {
  let options: EvalOptions
  let config: ProjectConfig
  let environment: [String: String]
  let cwd: String
  let console: Console
  let columns: (@Sendable () -> Int)?
  let startedAt = Timestamp.now()

  func run() async throws -> Int32 {
    try options.validate()
    try options.exports.check(in: cwd)
    try options.workspaces.validate(workingDirectory: cwd)
    try ProjectNotices.show(config, isStrict: options.isStrict, console)
    if let home = environment["AGENTV_HOME"], !home.isEmpty {
      console.complain("Using AGENTV_HOME: \(home)")
    }
    if let text = options.outputMessagesText, text != "all", Int(text).map({ $0 < 1 }) ?? true {
      console.complain(
        console.paint(
          "Warning: --output-messages must be a number from 1 on or 'all', got: \(text); using 1",
          .yellow))
    }
    let point = try StartingPoint.find(
      options, cwd: cwd, now: startedAt, say: { console.say($0) },
      complain: { console.complain($0) })
    let earlier =
      point.skip == .nothing ? EarlierRows() : try EarlierRows(of: point.retried ?? point.directory)
    guard let plan = try plan(point, earlier) else { return 0 }
    if let code = try await endsEarly(point, plan) {
      await send(
        point.directory, plan.options, variables: plan.variables, rows: nil)
      return finishExports(
        plan.options.exports, of: point.directory, in: point.workingDirectory, code: code)
    }
    return try await Execution(session: self, point: point, plan: plan).run()
  }

  /// What is planned in all, and what of it runs now.
  struct SessionPlan: Sendable {
    /// Options with the stored launch's values.
    var options: EvalOptions
    /// Everything the run is to hold in the end, the earlier plan included.
    var whole: [PlannedTest]
    /// What is run now.
    var todo: RunPlan
    /// Places of the tests in `whole`; `nil` when it is what was asked for now, in its order.
    var positions: [TestIdentity: Int]?
    /// Of what was asked for now, what needs no run.
    var skipped: Int
    /// Rows of the earlier run.
    var earlier: EarlierRows
    /// Values of the `.env` files of everything that runs now.
    var variables: [String: String] {
      todo.files.reduce(into: [:]) { $0.merge($1.suite.environment) { first, _ in first } }
    }
    /// Files for the record, relative to the working directory.
    var launch: RunLaunch
    /// Targets of the tests to run, resolved.
    var targets: ResolvedTargets
    /// Whether files that were asked for, or tests in them, cannot be used; the exit code says so.
    var hasUnusableFiles: Bool
  }

  /// Loads, filters, resolves; `nil` when the tag filters leave nothing.
  private func plan(_ point: StartingPoint, _ earlier: EarlierRows) throws -> SessionPlan? {
    let stored = point.skip == .nothing ? nil : point.record?.launch
    let given = options.anchored(cwd: cwd, workingDirectory: point.workingDirectory)
      .translated(earlier, stored: stored)
    let merged = stored.map { given.merged(with: $0) } ?? given
    try merged.validate()
    try merged.exports.check(in: point.workingDirectory)
    let loaded = try load(merged, stored: stored, point.workingDirectory)
    let suites = loaded.suites
    let paths =
      given.paths.isEmpty || stored == nil
      ? nil
      : Set(
        try EvalLoader.resolvePaths(given.paths, workingDirectory: point.workingDirectory))
    let asked = RunPlan(suites.filter { paths?.contains($0.path) ?? true }, merged)
    try report(loaded, nothingElse: asked.files.isEmpty, point, earlier)
    if asked.files.isEmpty {
      console.say("No eval files matched the tag filters. Nothing to run.")
      return nil
    }
    guard asked.count > 0 else { throw EvalRunError("No tests matched the provided filters.") }
    // The plan of a resumed run stays whole, whatever part of it runs now.
    var whole = asked.tests
    var positions: [TestIdentity: Int]?
    // A file that cannot be used now is part of the run once it has been mended.
    var launch = merged.launch(
      evalFiles: asked.files.map(\.suite.relativePath) + loaded.failures.map(\.relativePath))
    if let stored, given.selects {
      var own = EvalOptions().merged(with: stored)
      own.paths = []
      let before = RunPlan(
        suites.filter { stored.evalFiles.contains($0.relativePath) }, own
      ).tests
      let known = Set(before.map(\.identity))
      let new = whole.filter { !known.contains($0.identity) }
      whole = before + new
      positions = Dictionary(
        whole.enumerated().map { ($0.element.identity, $0.offset) }, uniquingKeysWith: { $1 })
      launch = new.isEmpty ? stored : merged.launch(evalFiles: stored.evalFiles + new.files)
    }
    var resolved = try ResolvedTargets(
      asked, options: merged, environment: environment, workingDirectory: point.workingDirectory)
    resolved.show(console)
    let todo =
      earlier.count == 0
      ? asked
      : asked.filtered { test in
        !(status(of: test, earlier, resolved).map(point.skip.skips) ?? false)
      }
    try resolved.makeReady(todo, options: merged, console: console)
    return SessionPlan(
      options: merged, whole: whole, todo: todo, positions: positions,
      skipped: asked.count - todo.count,
      earlier: earlier, launch: launch, targets: resolved,
      hasUnusableFiles: !loaded.failures.isEmpty
        || loaded.diagnostics.contains { $0.severity == .error })
  }

  /// Status of the row that a test has; `nil` when it has none.
  private func status(
    of test: PlannedTest, _ earlier: EarlierRows, _ targets: ResolvedTargets
  ) -> ExecutionStatus? {
    let identity = test.identity
    return earlier.ledger.status(
      for: identity, suite: test.suite,
      resolvedTarget: targets.name(of: identity) ?? identity.target)
  }

  /// Shows what is wrong with the files.
  /// - Throws: `EvalFileError` when there is nothing else to run, or when tests of this very run
  ///   stand in a file that can no longer be used: its plan would not stay whole.
  private func report(
    _ loaded: LoadedEvals, nothingElse: Bool, _ point: StartingPoint, _ earlier: EarlierRows
  ) throws {
    let planned = earlier.evalFiles.union(
      (point.record?.planned ?? []).compactMap(\.evalFile))
    let isNeeded =
      point.skip != .nothing && loaded.failures.contains { planned.contains($0.relativePath) }
    let errors = loaded.failures.flatMap(\.errors)
    if !errors.isEmpty, nothingElse || isNeeded { throw EvalFileError(errors) }
    for error in errors { console.complain(console.paint("Error: \(error)", .red)) }
  }

  private func load(
    _ merged: EvalOptions, stored: RunLaunch?, _ workingDirectory: String
  ) throws -> LoadedEvals {
    var paths = merged.paths
    if let stored, !options.paths.isEmpty {
      paths = try EvalLoader.resolvePaths(paths, workingDirectory: workingDirectory)
      paths += stored.evalFiles.filter {
        FileIO.exists(Path.absolute($0, in: workingDirectory))
      }
    }
    if paths.isEmpty { throw EvalRunError("No eval paths provided.") }
    let loaded = try EvalLoader.load(
      paths: paths, workingDirectory: workingDirectory, environment: environment)
    for diagnostic in loaded.diagnostics {
      let word = diagnostic.severity == .error ? "Error" : "Warning"
      let color: Console.Color = diagnostic.severity == .error ? .red : .yellow
      console.complain(console.paint("\(word): \(diagnostic)", color))
    }
    if merged.verbose {
      let files = Set(loaded.suites.flatMap(\.environmentFiles)).sorted()
      for file in files { console.say("Loaded environment from: \(file)") }
      if files.isEmpty { console.say("No .env file found in hierarchy") }
    }
    return loaded
  }

  /// Says what an earlier run has; the exit code when nothing is left to do.
  private func endsEarly(_ point: StartingPoint, _ plan: SessionPlan) async throws -> Int32? {
    guard point.skip != .nothing else { return nil }
    if point.retried != nil {
      let errors = plan.todo.tests.filter { test in
        status(of: test, plan.earlier, plan.targets) != nil
      }
      if plan.todo.count == 0 {
        console.say(
          "No execution errors or missing cases in the previous run. Nothing to retry.")
        return 0
      }
      let ids = errors.map(\.identity.testID).joined(separator: ", ")
      console.say("Found \(errors.count) execution-error test(s): \(ids)")
      console.say("Skipping \(plan.skipped) already-completed test(s).")
      return nil
    }
    guard FileIO.isFile(point.directory.file(RunFile.index)) else {
      console.say("Resume: no existing index.jsonl found, starting fresh run.")
      return nil
    }
    let word = point.skip == .onlyOK ? "Rerun-failed" : "Resume"
    console.say(
      "\(word): found \(plan.earlier.effectiveCount) existing result(s), "
        + "skipping \(plan.skipped) completed.")
    if plan.todo.count > 0 { return nil }
    console.say("Nothing to resume — all \(plan.skipped) test(s) already completed.")
    try await Execution(session: self, point: point, plan: plan).closeFinished()
    return 0
  }
}

extension [PlannedTest] {
  /// The eval files of the tests, each once, in order.
  fileprivate var files: [String] {
    var seen = Set<String>()
    return lazy.compactMap(\.identity.evalFile).filter { seen.insert($0).inserted }
  }
}
