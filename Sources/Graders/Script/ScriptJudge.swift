// The contract between agentv and a script that judges: JSON in, JSON or an exit code out.

import Core
import EvalFiles

/// Runs one script and reads its judgement.
struct ScriptJudge {
  /// Calls of a target that a script may make when it does not say how many.
  static let defaultCalls = 50

  /// Program and arguments.
  var command: [String]
  /// Where it starts, absolute.
  var directory: String

  /// Judges; what goes wrong with the script is a judgement of 0 that says so.
  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    var echo: JSONObject = [
      "command": .array(command.map(JSON.string)), "cwd": .string(directory),
    ]
    var payload = CodeGraderPayload()
    defer { payload.removeFiles() }
    let proxy = try await openProxy(spec, input)
    var judgement: Judgement
    do throws(GraderError) {
      let outcome: GraderProgram.Outcome
      do throws(GraderError) {
        outcome = try await run(try bytes(&payload, spec, input), proxy?.environment ?? [:], input)
      } catch {
        await proxy?.close()
        throw error
      }
      judgement = try Self.judgement(outcome)
    } catch {
      if error.isCancelled { throw error }
      echo["error"] = .string(error.description)
      judgement = .broken("Code evaluator failed: \(error.description)")
    }
    if let proxy {
      let usage = await proxy.close()
      echo["target_proxy"] = [
        "call_count": .int(usage.calls), "max_calls": .int(usage.maximumCalls),
      ]
      judgement.target = usage.target
      judgement.tokenUsage = usage.tokenUsage
      judgement.costUSD = usage.costUSD
    }
    judgement.input = echo
    return judgement
  }

  private func bytes(
    _ payload: inout CodeGraderPayload, _ spec: GraderSpec, _ input: GraderInput
  ) throws(GraderError) -> [UInt8] {
    do {
      return try payload.bytes(spec, input)
    } catch {
      throw GraderError(error.description)
    }
  }

  private func run(
    _ bytes: [UInt8], _ environment: [String: String], _ input: GraderInput
  ) async throws(GraderError) -> GraderProgram.Outcome {
    if let container = GraderContainer(input) {
      return try await container.run(command, bytes, environment, input)
    }
    return try await GraderProgram(
      subject: "Code evaluator", command: command, directory: directory, standardInput: bytes,
      environment: environment
    ).run(input)
  }

  // MARK: The target

  /// Opens what lets the script ask a target, when it wants to and there is one.
  private func openProxy(
    _ spec: GraderSpec, _ input: GraderInput
  ) async throws(GraderError) -> (any TargetProxy)? {
    let calls: Int
    switch spec.config["target"] {
    case .bool(true): calls = Self.defaultCalls
    case .object(let settings):
      guard let written = settings["max_calls"] else {
        calls = Self.defaultCalls
        break
      }
      guard let number = written.int, number >= 0 else {
        input.warn(
          "Grader '\(spec.name)': target.max_calls must be a whole number of 0 or more, found "
            + "\(written.text); the script gets no target")
        return nil
      }
      calls = number
    default: return nil
    }
    guard let targets = input.targets, let proxies = input.proxies else { return nil }
    do throws(GraderError) {
      _ = try targets.target(nil)
      return try await proxies.open(targets, maximumCalls: calls)
    } catch {
      if error.isCancelled { throw error }
      input.warn("Grader '\(spec.name)': the script gets no target: \(error.description)")
      return nil
    }
  }

  // MARK: The answer

  /// The judgement on what a script wrote and how it ended.
  static func judgement(_ outcome: GraderProgram.Outcome) throws(GraderError) -> Judgement {
    let stdout = outcome.stdout
    let looksLikeJSON = stdout.hasPrefix("{") || stdout.hasPrefix("[")
    if outcome.code != 0, looksLikeJSON || !outcome.stderr.isEmpty {
      let reason = outcome.errorText.isEmpty ? "" : ": \(outcome.errorText)"
      throw GraderError("Code evaluator exited with code \(outcome.code)\(reason)")
    }
    if looksLikeJSON, let object = (try? JSON.parse(stdout))?.object {
      return judgement(object)
    }
    let passed = outcome.code == 0
    let text = stdout.isEmpty ? (passed ? "exit 0" : "exit \(outcome.code)") : stdout
    return Judgement(
      score: passed ? 1 : 0, assertions: [AssertionResult(text, passed: passed)])
  }

  /// The judgement of a JSON reply.
  static func judgement(_ reply: JSONObject) -> Judgement {
    let assertions = assertions(reply)
    var score = reply["score"]?.double
    if score == nil {
      let passed = assertions.count(where: \.passed)
      score = assertions.isEmpty ? 0 : Double(passed) / Double(assertions.count)
    }
    let clamped = score.map { $0.isNaN ? 0 : min(1, max(0, $0)) } ?? 0
    return Judgement(score: clamped, assertions: assertions, details: reply["details"]?.object)
  }

  private static func assertions(_ reply: JSONObject) -> [AssertionResult] {
    (reply["assertions"]?.array ?? []).compactMap { item in
      guard let text = item["text"]?.string else { return nil }
      return AssertionResult(
        text, passed: isTruthy(item["passed"]), evidence: item["evidence"]?.string)
    }
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
