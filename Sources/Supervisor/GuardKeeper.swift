// The supervisor's side of the guard: starts it before the first tree, replaces one that was killed,
// sends it away at the end.

import CShims
import Core
import EventLoop
import Glibc

/// Keeps one guard alive for as long as trees may be.
@LoopActor
final class GuardKeeper {
  /// How often a guard that ended is replaced; somebody who kills every one of them means it.
  static let maximumStarts = 20

  private let executable: String
  /// Begins the cookies of all trees.
  private let cookiePrefix: String
  private let owner = ProcessReference.current()
  private var starts = 0
  private var pid: Int32 = 0
  private var pipe: Int32 = -1
  private var isDismissed = false
  private var waiter: CheckedContinuation<Void, Never>?

  init(executable: String, cookiePrefix: String) {
    self.executable = executable
    self.cookiePrefix = cookiePrefix
    // Best effort: with a lower hard limit the environment is the only mark.
    _ = agentv_set_realtime_limit(InheritedMark.value(owner))
  }

  /// Starts the guard unless it runs.
  ///
  /// Without one a run is as safe as its own life: no reason to refuse it.
  func ensure() {
    guard pid == 0, !isDismissed, starts < Self.maximumStarts else { return }
    starts += 1
    var reading: Int32 = -1
    var writing: Int32 = -1
    guard agentv_pipe(&reading, &writing) == 0 else { return }
    defer { close(reading) }
    let inherited = ProcessEnvironment.current()
    var environment = ["PATH": inherited["PATH"] ?? "/usr/bin:/bin"]
    environment["LD_LIBRARY_PATH"] = inherited["LD_LIBRARY_PATH"]
    // Its own cookie is what those of all trees begin with: a holder above knows the guard by it,
    // and nobody takes it for one of the trees.
    let spec = ProcessSpec(
      executable: executable, arguments: ["guard", "--mark", "\(owner.pid)-\(owner.startTime)"],
      environment: environment,
      workingDirectory: "/", blockedSignals: [SIGTERM, SIGINT, SIGHUP])
    let null = NullDevice.descriptor
    do throws(SupervisorError) {
      let plan = try SpawnPlan(spec, treeCookie: (TreeCookie.name, cookiePrefix))
      pid = try Reaper.shared.add { () throws(SupervisorError) -> Int32 in
        try plan.start(descriptors: (reading, null, null))
      }
      pipe = writing
    } catch {
      close(writing)
    }
  }

  /// Whether a process is the guard, which belongs to no tree.
  func isGuard(_ other: Int32) -> Bool { pid != 0 && other == pid }

  /// The guard has been reaped: another one takes its place, unless it was sent away.
  func ended() {
    pid = 0
    if pipe >= 0 { close(pipe) }
    pipe = -1
    waiter?.resume()
    waiter = nil
    ensure()
  }

  /// Sends the guard away and waits for its end.
  func dismiss() async {
    guard !isDismissed else { return }
    isDismissed = true
    guard pid != 0 else { return }
    var byte = TreeGuard.farewell
    _ = write(pipe, &byte, 1)
    await withCheckedContinuation { waiter = $0 }
  }
}
