// Which run an invocation writes, and what of an earlier run it goes on from (design 9).

import Core
import EvalFiles
import Reports
import RunArtifacts

/// Which rows of an earlier run stand.
enum SkipRule: Sendable, Equatable {
  /// None: everything runs.
  case nothing
  /// Everything but execution errors (`--resume`, `--retry-errors`).
  case exceptErrors
  /// Only what is `ok` (`--rerun-failed`).
  case onlyOK

  /// Whether a test whose row has this status need not run again.
  func skips(_ status: ExecutionStatus) -> Bool {
    switch self {
    case .nothing: false
    case .exceptErrors: status != .executionError
    case .onlyOK: status == .ok
    }
  }
}

/// Where an invocation starts from.
struct StartingPoint: Sendable {
  /// The run to write.
  var directory: RunDirectory
  var mode: RunOpenMode
  var skip = SkipRule.nothing
  /// What relative paths of the run start from.
  var workingDirectory: String
  /// The earlier run's own record.
  var record: RunRecord?
  /// The run whose rows are taken over into a new one.
  var retried: RunDirectory?
  /// Whether rows are added to a run that was there.
  var isResume: Bool { mode == .resume && skip != .nothing }
}

extension StartingPoint {
  /// Finds out which run is meant.
  /// - Parameters:
  ///   - options: the command line.
  ///   - cwd: working directory of this process.
  ///   - now: start of this invocation, which names a new run.
  ///   - say: prints a line on stdout.
  ///   - complain: prints a line on stderr.
  /// - Returns: the run and what of it stands.
  /// - Throws: `EvalRunError` when the run to go on from is not there.
  static func find(
    _ options: EvalOptions, cwd: String, now: Timestamp, say: (String) -> Void,
    complain: (String) -> Void
  ) throws(EvalRunError) -> StartingPoint {
    if let source = options.retryErrors {
      if options.resume || options.rerunFailed {
        complain(
          "Warning: --retry-errors starts a new run; --resume and --rerun-failed are ignored.")
      }
      return try retry(source, options, cwd: cwd, now: now)
    }
    if options.resume || options.rerunFailed {
      if let point = resume(options, cwd: cwd, say: say) { return point }
      complain(
        "Warning: --resume requires --output <dir> (or a cached last run) to identify the run "
          + "directory. Ignoring --resume.")
    }
    return fresh(options, cwd: cwd, now: now)
  }

  private static func fresh(
    _ options: EvalOptions, cwd: String, now: Timestamp
  ) -> StartingPoint {
    let path: String
    if let output = options.output {
      path = Path.absolute(output, in: cwd)
    } else {
      let root = Path.join(
        RunDirectory.runsRoot(project: cwd), options.experiment ?? "default")
      var start = now
      while FileIO.exists(Path.join(root, start.directoryName)) {
        start.millisecondsSinceEpoch += 1
      }
      path = Path.join(root, start.directoryName)
    }
    return StartingPoint(
      directory: RunDirectory(path: path, project: cwd),
      mode: options.overwrite ? .overwrite : .fresh, workingDirectory: cwd)
  }

  private static func resume(
    _ options: EvalOptions, cwd: String, say: (String) -> Void
  ) -> StartingPoint? {
    let path: String
    if let output = options.output {
      path = Path.absolute(output, in: cwd)
    } else if let last = LastRun.read(project: cwd) {
      say("Auto-detected last run dir for --resume: \(Path.relative(last, to: cwd))")
      path = last
    } else {
      return nil
    }
    let record = RunDirectory(path: path, project: cwd).record()
    let project = workingDirectory(of: record) ?? cwd
    return StartingPoint(
      directory: RunDirectory(path: path, project: project), mode: .resume,
      skip: options.rerunFailed ? .onlyOK : .exceptErrors, workingDirectory: project,
      record: record)
  }

  private static func retry(
    _ source: String, _ options: EvalOptions, cwd: String, now: Timestamp
  ) throws(EvalRunError) -> StartingPoint {
    var path = Path.absolute(source, in: cwd)
    if FileIO.isFile(path) {
      guard Path.name(path) == RunFile.index else {
        throw EvalRunError(
          "--retry-errors needs a run directory or its \(RunFile.index), got: \(source)")
      }
      path = Path.directory(path)
    }
    let old = RunDirectory(path: path, project: cwd)
    guard FileIO.isFile(old.file(RunFile.index)) else {
      throw EvalRunError("Retry-errors JSONL file not found: \(source)")
    }
    let record = old.record()
    let project = workingDirectory(of: record) ?? cwd
    var point = fresh(options, cwd: cwd, now: now)
    if FileIO.realPath(point.directory.path) == FileIO.realPath(old.path) {
      throw EvalRunError(
        "--retry-errors starts a new run and cannot write into \"\(source)\" itself; "
          + "use --output \(shellQuoted(source)) --rerun-failed or --resume to go on in place")
    }
    point.directory = RunDirectory(path: point.directory.path, project: project)
    point.workingDirectory = project
    point.skip = .exceptErrors
    point.record = record
    point.retried = old
    return point
  }

  private static func workingDirectory(of record: RunRecord?) -> String? {
    guard let cwd = record?.cwd, cwd.hasPrefix("/"), FileIO.isDirectory(cwd) else { return nil }
    return cwd
  }
}

extension EvalOptions {
  /// The options with path arguments that hold wherever the run's own directory is.
  func anchored(cwd: String, workingDirectory: String) -> EvalOptions {
    guard cwd != workingDirectory else { return self }
    var options = self
    options.paths = paths.map { path in
      path.hasPrefix("!")
        ? "!" + Path.join(cwd, String(path.dropFirst())) : Path.join(cwd, path)
    }
    options.targetsFile = targetsFile.map { Path.join(cwd, $0) }
    options.transcript = transcript.map { Path.join(cwd, $0) }
    options.exports.exports = exports.exports.map { Path.join(cwd, $0) }
    options.exports.benchmarkJSON = exports.benchmarkJSON.map { Path.join(cwd, $0) }
    options.exports.otelFile = exports.otelFile.map { Path.join(cwd, $0) }
    return options
  }

  /// The options with targets named as the earlier run requested them, where they name what its
  /// targets resolved to: the row of a run shows `target: local_cli`, and whoever resumes with that
  /// name means the same executions.
  func translated(_ earlier: EarlierRows, stored: RunLaunch?) -> EvalOptions {
    let requested = earlier.requestedTargets.union(stored?.targets ?? [])
    var options = self
    options.targets = targets.map { name in
      if requested.contains(name) { return name }
      return earlier.requestedTarget(of: name) ?? name
    }
    return options
  }
}
