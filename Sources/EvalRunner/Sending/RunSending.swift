// What leaves the machine when a run has ended: traces to a collector, the run to a repository. The
// results are on the disk by then: whatever goes wrong here is a warning.

import Core
import EvalFiles
import Reports
import RunArtifacts
import Workspaces

extension EvalSession {
  /// Size from which a run that is pushed is remarked on, bytes.
  private static let largeRunBytes = 10 << 20

  /// Sends what was asked for.
  /// - Parameters:
  ///   - directory: the run.
  ///   - options: with the stored launch's values.
  ///   - variables: values of `.env` files below those of the process.
  ///   - rows: the rows that count; `nil` for a run that had nothing left to do.
  func send(
    _ directory: RunDirectory, _ options: EvalOptions, variables: [String: String],
    rows: RowLedger.Rows?
  ) async {
    if let plan = options.tracePush {
      await pushTraces(
        directory, plan, options, environment: variables.merging(environment) { _, own in own })
    }
    if let rows { await pushRun(directory, rows) }
  }

  private func warn(_ text: String) {
    console.complain(console.paint("Warning: \(text)", .yellow))
  }

  private func pushTraces(
    _ directory: RunDirectory, _ plan: TracePushPlan, _ options: EvalOptions,
    environment: [String: String]
  ) async {
    do throws(EvalRunError) {
      let push = TracePush(
        endpoint: try TraceEndpoint(plan, environment: environment), directory: directory,
        capturesContent: options.exports.capturesContent,
        groupsTurns: options.exports.groupsTurns)
      let outcome = await push.run()
      for warning in outcome.warnings { warn(warning) }
      if outcome.sent > 0 {
        let name = plan.backend?.rawValue ?? "the collector"
        console.say("Traces of \(outcome.sent) test(s) sent to \(name).")
      }
    } catch {
      warn("traces were not sent: \(error)")
    }
  }

  private func pushRun(_ directory: RunDirectory, _ rows: RowLedger.Rows) async {
    guard let export = config.resultsExport, export.autoPush else { return }
    let bytes = FileIO.treeSize(directory.path)
    if bytes > Self.largeRunBytes {
      warn("the run has \(PoolCommands.size(bytes)); it is pushed all the same.")
    }
    do throws(WorkspaceError) {
      let place = try await ResultsRepository(
        export, environment: environment, workingDirectory: cwd
      ).push(directory.path, as: name(of: directory), message: message(directory, rows))
      if let place {
        console.say("Results pushed to \(export.repo) (\(place))")
      } else {
        warn("the results repository has this run already; nothing was pushed.")
      }
    } catch {
      warn("the run was not pushed to the results repository: \(error)")
    }
  }

  /// `<experiment>/<run>`, as below the results directory.
  private func name(of directory: RunDirectory) -> String {
    let root = RunDirectory.runsRoot(project: cwd)
    if Path.isInside(directory.path, root) { return Path.relative(directory.path, to: root) }
    let parent = Path.name(Path.directory(directory.path))
    return Path.join(parent.isEmpty ? "default" : parent, Path.name(directory.path))
  }

  private func message(_ directory: RunDirectory, _ rows: RowLedger.Rows) -> String {
    let passed = rows.count { $0.executionStatus == .ok }
    let mean = rows.isEmpty ? 0 : rows.reduce(0) { $0 + ($1.score ?? 0) } / Double(rows.count)
    let experiment = options.experiment ?? directory.experiment ?? "default"
    return "feat(results): \(experiment) - \(passed)/\(rows.count) PASS (\(fixed(mean, 3)))"
  }
}
