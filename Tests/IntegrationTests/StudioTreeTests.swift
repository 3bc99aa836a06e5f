import Core
import EventLoop
import Supervisor
import TestSupport
import Testing

/// Trees that do not want to stop, made by the `stubborn` tool; needs a C compiler and
/// `AGENTV_TEST_TOOLS`.
@Suite(
  .timeLimit(.minutes(1)), .enabled(if: TestTools.directory != nil, "AGENTV_TEST_TOOLS is unset"))
struct StudioTreeTests {
  /// Builds the tool into the project and makes it what a held test runs.
  private func project(_ options: String) async throws -> SampleProject {
    let project = try SampleProject()
    let source = "\(TestTools.directory ?? "")/stubborn/stubborn.c"
    let compiled = try await Supervisor.shared.run(
      ProcessSpec(
        executable: "cc",
        arguments: ["-std=c99", "-O2", "-o", project.directory.file("stubborn"), source],
        environment: project.environment))
    try #require(compiled.exit == .exited(0), "\(compiled.stderr.text)")
    try project.directory.write(
      "agent.sh",
      """
      if grep -q wait "$1"; then exec ./stubborn --pids pids --for 60 --life 90 \(options); fi
      echo fine > "$2"
      """)
    return project
  }

  /// Waits until all processes of the tool are up; it writes its file when the test is held.
  private func untilReady(_ project: SampleProject) async throws -> [Int] {
    let watch = try await ReadyFile(project.directory.file("pids"), in: project.path)
    await watch.ready()
    let text = String(
      decoding: try FileIO.read(project.directory.file("pids")), as: UTF8.self)
    return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap {
      $0.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }
  }

  @Test(arguments: ["--tree", "--tree --setsid-ignore 1 --double-fork-ignore 1 --wipe-env"])
  func `a stop leaves none of a stubborn tree, and says what it took`(
    _ options: String
  ) async throws {
    let project = try await project(options)
    let (studio, http) = try await StudioProcess.start(project, ["--stop-grace", "1"])
    let job = try await http.launch(["suite_filter": "evals/slow.eval.yaml"])
    let stream = try await http.events(of: job)
    let pids = try await untilReady(project)
    #expect(pids.count >= 5)
    let pressed = ContinuousClock.now
    _ = try await http.post("/api/eval/run/\(job["id"]?.string ?? "")/stop")
    let end = await stream.first(named: "end")?.json["job"] ?? .null
    let duration = pressed.duration(to: .now)
    #expect(duration < .seconds(4), "the grace is 1 s")
    #expect(end["outcome"]?.string == "stopped")
    #expect(end["census"]?["remaining"]?.array?.isEmpty == true)
    #expect((end["census"]?["killed"]?.int ?? 0) >= 1)
    #expect((end["census"]?["outside_group"]?.int ?? 0) >= 2)
    #expect(pids.filter(isAlive) == [], "alive after the stop was told")
    await studio.end()
  }

  @Test func `a flood of output does not delay the stop of its run`() async throws {
    let project = try await project("--spam 0")
    // The tool writes to the provider's pipe, the agent passes it on to nobody: it must not block.
    let (studio, http) = try await StudioProcess.start(project)
    let job = try await http.launch(["suite_filter": "evals/slow.eval.yaml"])
    let stream = try await http.events(of: job)
    _ = await http.untilHeld(stream)
    _ = try await http.post("/api/eval/run/\(job["id"]?.string ?? "")/stop")
    let end = await stream.first(named: "end")?.json["job"] ?? .null
    #expect(end["exit_code"]?.int == 143 && end["outcome"]?.string == "stopped")
    await studio.end()
  }
}

/// Waits for the line `# ready` in a file that is not there yet.
@LoopActor
private final class ReadyFile {
  private let path: String
  private var watcher: FileWatcher?
  private var waiters: [CheckedContinuation<Void, Never>] = []

  init(_ path: String, in directory: String) throws {
    self.path = path
    let watcher = try FileWatcher { [weak self] _ in self?.look() }
    try watcher.watch(directory)
    self.watcher = watcher
  }

  private var isReady: Bool {
    let bytes = (try? FileIO.read(path)) ?? []
    return String(decoding: bytes, as: UTF8.self).contains("# ready")
  }

  private func look() {
    guard isReady else { return }
    for waiter in waiters { waiter.resume() }
    waiters = []
  }

  func ready() async {
    if isReady { return }
    await withCheckedContinuation { waiters.append($0) }
  }
}
