// What the tests of the real `agentv eval` share: the binary, projects on disk, running processes.

import Core
import EventLoop
import RunArtifacts
import Supervisor
import TestSupport
import Testing

/// The product, beside the test binary or where `AGENTV_BINARY` says.
let agentvBinary: String = {
  let environment = ProcessEnvironment.current()
  if let path = environment["AGENTV_BINARY"] { return path }
  return Path.directory(FileIO.readLink("/proc/self/exe") ?? "/") + "/agentv"
}()

/// A running `agentv`, with everything it has said so far.
@LoopActor
final class RunningAgentv {
  private var process: SupervisedProcess?
  private(set) var stdout = ""
  private(set) var stderr = ""
  private var waiters: [(text: String, continuation: CheckedContinuation<Bool, Never>)] = []
  private var hasEnded = false

  /// Starts the binary in a directory, by way of a command that ends in executing it.
  init(
    _ arguments: [String], in directory: String, environment: [String: String] = [:],
    by wrapper: [String] = []
  ) throws {
    let command = wrapper + [agentvBinary] + arguments
    let inherited = ProcessEnvironment.current()
    var variables = ["PATH": inherited["PATH"] ?? "/usr/bin:/bin", "HOME": directory]
    variables.merge(environment) { $1 }
    let spec = ProcessSpec(
      executable: command[0], arguments: Array(command.dropFirst()), environment: variables,
      workingDirectory: directory,
      output: .deliver { [weak self] stream, bytes in self?.heard(stream, bytes) })
    let process = try Supervisor.shared.start(spec)
    self.process = process
    Task {
      _ = await process.result()
      hasEnded = true
      wake()
    }
  }

  var pid: Int32 { process?.pid ?? 0 }

  private func heard(_ stream: OutputStream, _ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if stream == .stdout { stdout += text } else { stderr += text }
    wake()
  }

  private func wake() {
    let heard = stdout + stderr
    let all = waiters
    waiters = all.filter { !hasEnded && !heard.contains($0.text) }
    for waiter in all where hasEnded || heard.contains(waiter.text) {
      waiter.continuation.resume(returning: heard.contains(waiter.text))
    }
  }

  /// Waits until it has said a text; `false` when it ended without saying it.
  func says(_ text: String) async -> Bool {
    if (stdout + stderr).contains(text) { return true }
    if hasEnded { return false }
    return await withCheckedContinuation { waiters.append((text, $0)) }
  }

  /// Sends signals to it alone, all at the same time.
  func signal(_ numbers: Int32...) {
    for number in numbers { process?.signal(number) }
  }

  /// Waits for its end, and for that of everything it started.
  func ended() async -> ProcessResult {
    guard let process else { return ProcessResult(exit: .exited(-1)) }
    return await process.result()
  }
}

/// What a finished `agentv` left.
struct FinishedAgentv: Sendable {
  var code: Int
  var stdout: String
  var stderr: String
  var result: ProcessResult
}

/// A project with eval files in a directory of its own.
struct EvalProject: Sendable {
  let scratch: TemporaryDirectory
  var path: String { scratch.path }

  /// A project with a mock target and a script target.
  ///
  /// The script answers at once with the id of the test, except: `block*` hangs until it is
  /// stopped, `deaf*` also ignores SIGTERM, `error*` exits with 3, `wrong*` answers something else,
  /// `flaky*` fails until a file `fixed` is there.
  init() throws {
    scratch = try TemporaryDirectory()
    try scratch.write(
      ".agentv/targets.yaml",
      """
      targets:
        - {name: default, use_target: script}
        - {name: script, provider: cli, command: "sh ../agent.sh {EVAL_ID} {OUTPUT_FILE}"}
        - {name: second, provider: cli, command: "sh ../agent.sh {EVAL_ID} {OUTPUT_FILE}"}
        - {name: alias, use_target: second}
        - {name: mock, provider: mock, response: fine}
      """)
    try scratch.write(
      "agent.sh",
      """
      case $1 in
        block*) exec sleep 600 ;;
        deaf*) trap '' TERM INT HUP; echo $$ > deaf.pid; while :; do sleep 600; done ;;
        error*) echo "boom" >&2; exit 3 ;;
        wrong*) printf nonsense > "$2" ;;
        flaky*) [ -e ../fixed ] || { echo "not yet" >&2; exit 4; }; printf '%s' "$1" > "$2" ;;
        *) printf '{"text":"%s","cost_usd":0.5,"token_usage":{"input":1,"output":2}}' "$1" > "$2" ;;
      esac
      """)
  }

  /// Writes an eval file whose tests expect their own ids.
  func suite(_ name: String = "a", _ ids: [String], more: String = "") throws {
    var text = "name: \(name)\n\(more)\ntests:\n"
    for id in ids {
      text += """
          - id: "\(id)"
            criteria: It says its name.
            input: Who are you?
            assertions:
              - {type: contains, value: "\(id)"}

        """
    }
    try scratch.write("evals/\(name).eval.yaml", text)
  }

  /// Starts `agentv`.
  func start(_ arguments: String..., environment: [String: String] = [:]) async throws
    -> RunningAgentv
  {
    try await RunningAgentv(arguments, in: path, environment: environment)
  }

  /// Runs `agentv` to its end.
  @discardableResult
  func run(_ arguments: String..., environment: [String: String] = [:]) async throws
    -> FinishedAgentv
  {
    try await finish(try await RunningAgentv(arguments, in: path, environment: environment))
  }

  /// Waits for the end of a process.
  func finish(_ process: RunningAgentv) async throws -> FinishedAgentv {
    let result = await process.ended()
    return FinishedAgentv(
      code: result.exit.shellCode, stdout: await process.stdout, stderr: await process.stderr,
      result: result)
  }

  /// The rows of a run by identity.
  func effective(_ directory: String) throws -> [TestIdentity: ResultRow] {
    Dictionary(
      try contents(directory).effectiveRows.map { ($0.identity, $0) }, uniquingKeysWith: { $1 })
  }

  /// Everything in a run directory.
  func contents(_ directory: String) throws -> RunContents {
    try RunDirectory(path: Path.absolute(directory, in: path), project: path).read()
  }

  /// Processes that work in the project's directory.
  func processes() -> [Int32] {
    ((try? FileIO.list("/proc")) ?? []).compactMap { Int32($0) }.filter { pid in
      FileIO.readLink("/proc/\(pid)/cwd").map { Path.isInside($0, path) } ?? false
    }
  }
}
