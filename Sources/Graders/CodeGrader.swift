// `code-grader`: a program of the author's judges. It reads a JSON object from stdin and writes
// its judgement to stdout.

import Core
import EvalFiles
import Supervisor

/// Runs a script grader.
struct CodeGrader: Grader {
  /// Most that a script may write to one of its outputs.
  static let outputLimitBytes = 16 << 20
  /// Most of stderr that a message repeats, in characters.
  static let errorTextLimit = 2000

  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    let command = Self.command(spec)
    var echo: JSONObject = ["command": .array(command.map(JSON.string))]
    guard let executable = command.first else {
      throw GraderError("it has no command; give it `command`, a list of texts")
    }
    let directory = directory(spec, input)
    echo["cwd"] = .string(directory)
    var payload = CodeGraderPayload(
      temporaryDirectory: input.environment["TMPDIR"] ?? "/tmp")
    defer { payload.removeFiles() }
    let result: ProcessResult
    do {
      let bytes = try payload.bytes(spec, input)
      var environment = input.environment
      environment["AGENTV_WORKSPACE_PATH"] = input.workspacePath
      let process = ProcessSpec(
        executable: executable, arguments: Array(command.dropFirst()), environment: environment,
        workingDirectory: directory, standardInput: .bytes(bytes),
        output: .capture(limitBytes: Self.outputLimitBytes),
        cookie: [("AGENTV_TEST_ID", input.test.id.replacing("\0", with: ""))])
      result = try await Supervisor.shared.run(process, timeout: input.agentTimeout)
    } catch let error as SupervisorError {
      if error.code == .stopping || Task.isCancelled { throw .cancelled }
      return Self.failure(error.description, echo)
    } catch {
      return Self.failure("\(error)", echo)
    }
    if result.timedOut {
      return Self.failure("timed out after \(Self.seconds(input.agentTimeout)) s", echo)
    }
    if result.stopped || Task.isCancelled { throw .cancelled }
    return Self.judgement(result, echo)
  }

  /// The command as a list of texts; a single text is run by the shell.
  static func command(_ spec: GraderSpec) -> [String] {
    switch spec.config["command"] {
    case .string(let text): text.trimmed.isEmpty ? [] : ["sh", "-lc", text.trimmed]
    case .array(let words): words.compactMap(\.string)
    default: []
    }
  }

  /// `cwd` through the search roots; by default the directory of the eval file.
  private func directory(_ spec: GraderSpec, _ input: GraderInput) -> String {
    let roots = spec.searchRoots.isEmpty ? [input.test.directory] : spec.searchRoots
    guard let wanted = spec.config["cwd"]?.string, !wanted.isEmpty else { return roots[0] }
    if wanted.hasPrefix("/"), FileIO.isDirectory(wanted) { return wanted }
    let relative = String(wanted.drop { $0 == "/" })
    // One that is nowhere is passed on as it is, so that the error names it.
    return roots.map { Path.absolute(relative, in: $0) }.first(where: FileIO.isDirectory)
      ?? Path.absolute(wanted, in: roots[0])
  }

  private static func failure(_ message: String, _ echo: JSONObject) -> Judgement {
    var echo = echo
    echo["error"] = .string(message)
    return Judgement(
      score: 0,
      assertions: [AssertionResult("Code evaluator failed: \(message)", passed: false)],
      input: echo)
  }

  private static func seconds(_ duration: Duration?) -> String {
    let (whole, rest) = (duration ?? .zero).components
    return rest == 0
      ? String(whole) : "\(Double(whole) + (Double(rest) / 1e15).rounded() / 1000)"
  }

  /// The judgement on what a script wrote and how it ended.
  static func judgement(_ result: ProcessResult, _ echo: JSONObject) -> Judgement {
    guard result.stdout.cutBytes == 0 else {
      return failure(
        "Code evaluator wrote more than \(outputLimitBytes >> 20) MiB to stdout", echo)
    }
    let stdout = String(decoding: result.stdout.bytes, as: UTF8.self).trimmed
    let code = result.exit.shellCode
    let looksLikeJSON = stdout.hasPrefix("{") || stdout.hasPrefix("[")
    let stderr = result.stderr.text.trimmed
    if code != 0, looksLikeJSON || !stderr.isEmpty {
      let tail =
        stderr.utf16.count <= errorTextLimit
        ? stderr
        : "...(truncated, last \(errorTextLimit) chars)\n\(stderr.suffix(errorTextLimit))"
      let reason = tail.isEmpty ? "" : ": \(tail)"
      return failure("Code evaluator exited with code \(code)\(reason)", echo)
    }
    if looksLikeJSON, let object = (try? JSON.parse(stdout))?.object {
      return judgement(object, echo)
    }
    let passed = code == 0
    let text = stdout.isEmpty ? (passed ? "exit 0" : "exit \(code)") : stdout
    return Judgement(
      score: passed ? 1 : 0, assertions: [AssertionResult(text, passed: passed)], input: echo)
  }

  private static func judgement(_ reply: JSONObject, _ echo: JSONObject) -> Judgement {
    let assertions = (reply["assertions"]?.array ?? []).compactMap { item -> AssertionResult? in
      guard let text = item["text"]?.string else { return nil }
      return AssertionResult(
        text, passed: isTruthy(item["passed"]), evidence: item["evidence"]?.string)
    }
    var score = reply["score"]?.double
    if score == nil {
      let passed = assertions.count(where: \.passed)
      score = assertions.isEmpty ? 0 : Double(passed) / Double(assertions.count)
    }
    let clamped = score.map { $0.isNaN ? 0 : min(1, max(0, $0)) } ?? 0
    return Judgement(
      score: clamped, assertions: assertions, details: reply["details"]?.object, input: echo)
  }

  /// What JavaScript's `Boolean` makes of a value.
  private static func isTruthy(_ json: JSON?) -> Bool {
    switch json {
    case nil, .null: false
    case .bool(let flag): flag
    case .int(let number): number != 0
    case .double(let number): number != 0 && !number.isNaN
    case .string(let text): !text.isEmpty
    case .array, .object: true
    }
  }
}
