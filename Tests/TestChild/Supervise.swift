// A supervisor in a process of its own, for tests that need another user, PID 1, or to be alone
// with one tree:
//   TestChild supervise GRACE_MS PIDS_FILE EXECUTABLE ARGUMENTS…
// starts the tree, waits for "# ready" in PIDS_FILE, stops it, and prints one line of JSON.

import Core
import EventLoop
import Glibc
import Supervisor

func supervise(_ words: [String]) async -> Never {
  guard words.count >= 3, let grace = Int(words[0]) else {
    StandardStream.error.write(
      "usage: TestChild supervise GRACE_MS PIDS_FILE EXECUTABLE ARGUMENTS…\n")
    exit(64)
  }
  let report = await SuperviseOnce(grace: .milliseconds(grace), pids: words[1]).run(
    words[2], Array(words.dropFirst(3)))
  StandardStream.output.write(report.text + "\n")
  ProcessEnvironment.exitNow(0)
}

@LoopActor
final class SuperviseOnce {
  private let grace: Duration
  private let pids: String
  private var watcher: FileWatcher?
  private var readyContinuation: CheckedContinuation<Void, Never>?

  init(grace: Duration, pids: String) {
    self.grace = grace
    self.pids = pids
  }

  func run(_ executable: String, _ arguments: [String]) async -> JSON {
    do {
      let process = try Supervisor.shared.start(
        ProcessSpec(
          executable: executable, arguments: arguments,
          environment: ProcessEnvironment.current(), output: .capture(limitBytes: 4096)))
      await untilReady()
      let stopped = ContinuousClock.now
      process.stop(StopPolicy(grace: grace))
      let result = await process.result()
      let took = stopped.duration(to: .now)
      return [
        "uid": .int(Int(getuid())), "pid": .int(Int(getpid())),
        "exit_code": .int(result.exit.shellCode), "census": result.census.json,
        "ms": .int(Int(took / .milliseconds(1))), "stdout_bytes": .int(result.stdout.bytes.count),
        "held_open": .bool(result.stdout.wasHeldOpen),
      ]
    } catch {
      return ["error": .string(String(describing: error))]
    }
  }

  private func untilReady() async {
    await withCheckedContinuation { continuation in
      readyContinuation = continuation
      watcher = try? FileWatcher { [weak self] _ in self?.look() }
      _ = try? watcher?.watch(Path.directory(pids))
      look()
    }
  }

  private func look() {
    guard let bytes = try? FileIO.read(pids), let continuation = readyContinuation else { return }
    if String(decoding: bytes, as: UTF8.self).contains("# ready") {
      readyContinuation = nil
      watcher = nil
      continuation.resume()
    }
  }
}

/// A run below a holder: `TestChild run GRACE_MS EXECUTABLE ARGUMENTS…` starts a tree, and stops it
/// as `agentv eval` does when SIGTERM comes.
@LoopActor
func runBelowHolder(_ words: [String]) async -> Never {
  guard words.count >= 2, let grace = Int(words[0]) else { exit(64) }
  _ = try? Supervisor.shared.start(
    ProcessSpec(
      executable: words[1], arguments: Array(words.dropFirst(2)),
      environment: ProcessEnvironment.current()))
  let term = try? SignalSource(SIGTERM) {
    Task {
      await Supervisor.shared.stopAll(StopPolicy(grace: .milliseconds(grace)))
      ProcessEnvironment.exitNow(143)
    }
  }
  await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
  withExtendedLifetime(term) { exit(1) }
}

/// Runs children of every kind, then tells how many descriptors and children there are.
func leaks(_ count: Int) async -> Never {
  func descriptors() -> [String] {
    // The kinds that a start opens; the runtime opens its timers when it first needs one.
    let kinds = ["pipe:", "/dev/null", "anon_inode:[pidfd]"]
    let numbers = (try? FileIO.list("/proc/self/fd")) ?? []
    return numbers.compactMap { FileIO.readLink("/proc/self/fd/\($0)") }
      .filter { link in kinds.contains { link.hasPrefix($0) } }.sorted()
  }
  func run(_ script: String, _ output: ProcessSpec.Output, stop: Bool = false) async {
    let spec = ProcessSpec(
      executable: "sh", arguments: ["-c", script], environment: ["PATH": "/usr/bin:/bin"],
      standardInput: .bytes([UInt8](repeating: 1, count: 200_000)), output: output)
    let policy = StopPolicy(grace: .milliseconds(50))
    _ = try? await Supervisor.shared.run(
      spec, timeout: stop ? .milliseconds(10) : nil, policy: policy)
  }
  await run("exit 0", .capture(limitBytes: 10))
  await Task { @LoopActor in }.value
  let before = descriptors()
  for _ in 0..<count {
    await run("echo x; setsid sleep 0.01 & exit 3", .capture(limitBytes: 10))
    await run("cat", .deliver { _, _ in })
    await run("trap '' TERM; sleep 30 & sleep 30", .null, stop: true)
    let missing = ProcessSpec(executable: "no-such-tool", environment: [:])
    _ = try? await Supervisor.shared.run(missing)
    let broken = ProcessSpec(executable: "/proc/self/status", environment: [:])
    _ = try? await Supervisor.shared.run(broken)
  }
  // Descriptors are closed in the turn after the end.
  await Task { @LoopActor in }.value
  let children = (try? FileIO.read("/proc/self/task/\(getpid())/children")) ?? []
  let report: JSON = [
    "descriptors_before": .array(before.map(JSON.string)),
    "descriptors_after": .array(descriptors().map(JSON.string)),
    "children_after": .int(children.split(separator: 0x20).count),
  ]
  StandardStream.output.write(report.text + "\n")
  ProcessEnvironment.exitNow(0)
}
