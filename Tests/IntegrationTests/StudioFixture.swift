// A project with a few evaluations, and a Studio that serves it: the real binary on a free port.

import Core
import EventLoop
import Supervisor
import TestSupport

/// A project whose tests answer at once, or wait when their input says so.
final class SampleProject: Sendable {
  let directory: TemporaryDirectory
  let home: TemporaryDirectory
  var path: String { directory.path }

  init() throws {
    directory = try TemporaryDirectory()
    home = try TemporaryDirectory()
    // "wait" in the input holds a test until it is stopped; it dies of the first signal.
    try directory.write(
      ".agentv/targets.yaml",
      """
      targets:
        - name: shell
          provider: cli
          command: exec sh agent.sh {PROMPT_FILE} {OUTPUT_FILE}
          cwd: ..
        - name: canned
          provider: mock
          response: fine
      """)
    try directory.write(
      "agent.sh",
      """
      if grep -q wait "$1"; then exec sleep 120; fi
      echo fine > "$2"
      """)
    try write(evaluation: "quick", target: "shell", tests: ["one": "say", "two": "say"])
    try write(evaluation: "slow", target: "shell", tests: ["first": "say", "held": "wait"])
  }

  /// Writes `evals/<name>.eval.yaml`.
  func write(
    evaluation name: String, target: String, tests: KeyValuePairs<String, String>
  ) throws {
    var text = "name: \(name)\nexecution:\n  target: \(target)\n  workers: 1\ntests:\n"
    for (id, input) in tests {
      text += """
          - id: \(id)
            criteria: It says fine.
            input: \(input)
            assertions:
              - type: contains
                value: fine

        """
    }
    try directory.write("evals/\(name).eval.yaml", text)
  }

  var environment: [String: String] {
    var environment = ["HOME": home.path, "NO_COLOR": "1"]
    environment["PATH"] = ProcessEnvironment.current()["PATH"]
    return environment
  }

  /// A spec of the binary in this project.
  func spec(_ arguments: [String], environment more: [String: String] = [:]) -> ProcessSpec {
    ProcessSpec(
      executable: BuiltBinary.path, arguments: arguments,
      environment: environment.merging(more) { $1 }, workingDirectory: path)
  }

  /// Runs the binary to its end.
  func run(
    _ arguments: [String], environment: [String: String] = [:]
  ) async throws -> ProcessResult {
    try await Supervisor.shared.run(
      spec(arguments, environment: environment), timeout: .seconds(50))
  }

  /// Lines of a run's index.
  func rows(_ runDirectory: String) throws -> [JSON] {
    let bytes = try FileIO.read(Path.absolute("\(runDirectory)/index.jsonl", in: path))
    return try bytes.split(separator: 0x0A).map { try JSON.parse($0) }
  }
}

/// A running `agentv studio`.
@LoopActor
final class StudioProcess {
  let project: SampleProject
  let process: SupervisedProcess
  /// Everything it printed.
  private(set) var output = ""
  private var port: Int?
  private var waiters: [CheckedContinuation<Int?, Never>] = []
  private var hasEnded = false

  /// Starts a server and waits until it listens.
  ///
  /// With `isOutlived` its runs are left alone when it is killed.
  static func start(
    _ project: SampleProject, _ arguments: [String] = [], environment: [String: String] = [:],
    isOutlived: Bool = false
  ) async throws -> (studio: StudioProcess, http: TestHTTP) {
    let studio = try StudioProcess(project, arguments, environment, isOutlived)
    guard let port = await studio.listening() else {
      throw TestHTTPError(text: "the server did not start: \(studio.output)")
    }
    return (studio, TestHTTP(port: port))
  }

  private init(
    _ project: SampleProject, _ arguments: [String], _ environment: [String: String],
    _ isOutlived: Bool
  ) throws {
    self.project = project
    var take: (@LoopActor ([UInt8]) -> Void)?
    var spec = project.spec(
      ["studio", "--port", "0"] + arguments, environment: environment)
    spec.keepsProcesses = isOutlived
    let box = Receiver()
    spec.output = .deliver { _, bytes in box.take?(bytes) }
    process = try Supervisor.shared.start(spec)
    take = { [weak self] bytes in self?.take(bytes) }
    box.take = take
    process.onEnd = { [weak self] _ in
      self?.hasEnded = true
      self?.tell()
    }
  }

  @LoopActor private final class Receiver {
    var take: (@LoopActor ([UInt8]) -> Void)?
  }

  private func take(_ bytes: [UInt8]) {
    output += String(decoding: bytes, as: UTF8.self)
    if port == nil, let start = output.firstRange(of: "Dashboard: http://"),
      let end = output[start.upperBound...].firstIndex(of: "\n")
    {
      port = output[start.upperBound..<end].split(separator: ":").last.flatMap { Int($0) }
      tell()
    }
  }

  private func tell() {
    for waiter in waiters { waiter.resume(returning: port) }
    waiters = []
  }

  private func listening() async -> Int? {
    if port != nil || hasEnded { return port }
    return await withCheckedContinuation { waiters.append($0) }
  }

  /// Sends a signal to the server only.
  func signal(_ number: Int32) { process.signal(number) }

  /// Ends the server as Ctrl+C does and waits for it.
  @discardableResult
  func end() async -> ProcessResult {
    process.signal(15)
    process.limit(.seconds(30))
    return await process.result()
  }
}

extension TestHTTP {
  /// Launches a run and gives the answer's JSON.
  func launch(_ body: JSON) async throws -> JSON {
    try await post("/api/eval/run", body).json
  }

  /// The stream of a job.
  func events(of job: JSON, lastEventID: String? = nil) async throws -> TestEventStream {
    try await TestEventStream.open(
      self, "/api/eval/run/\(job["id"]?.string ?? "?")/events", lastEventID: lastEventID)
  }

  /// Waits until a launched job has a row, so that its next test is being held.
  func untilHeld(_ stream: TestEventStream) async -> TestEvent? {
    await stream.first {
      let inFlight = $0.json["in_flight"] ?? $0.json["progress"]?["in_flight"]
      return (inFlight?.array ?? []).contains { $0["test_id"]?.string == "held" }
    }
  }
}
