// The conversation with a grading target: attempts, repair, what it used.

import Core
import EvalFiles

/// Asks one target for one judgement.
struct GradingSession {
  /// Attempts to get a reply of the right form, before one call to repair the last one.
  static let attempts = 3

  let spec: GraderSpec
  let grading: Grading
  let target: any GraderTarget
  let temperature: Double?
  let warn: @Sendable (String) -> Void

  // MARK: Models

  /// Asks a model; when no reply can be read the grader is skipped.
  func askModel() async throws(GraderError) -> Judgement {
    let system = GraderPrompts.form(grading.rubric)
    let prompt = GraderPrompts.prompt(grading)
    var bill = Bill()
    let found = try await judgement(prompt, system, &bill)
    var judgement: Judgement
    switch found {
    case .success(let value): judgement = value
    case .failure(let error):
      let attempts = error.isPermanent ? "1 attempt" : "\(Self.attempts) attempts"
      warn(
        "⚠ LLM grader \"\(spec.name)\" failed after \(attempts) "
          + "(\(error.description)) — skipped")
      judgement = .skipped("Grader parse failure after \(attempts): \(error.description)")
    }
    judgement.input = ["user_prompt": .string(prompt), "system_prompt": .string(system)]
    bill.write(to: &judgement, target)
    return judgement
  }

  private func judgement(
    _ prompt: String, _ system: String, _ bill: inout Bill
  ) async throws(GraderError) -> Result<Judgement, GraderError> {
    var last = GraderError("the target was not asked")
    var unreadable: String?
    for _ in 0..<Self.attempts {
      unreadable = nil
      do throws(GraderError) {
        let text = try await ask(prompt, system, &bill)
        if !text.trimmed.isEmpty { unreadable = text }
        return .success(try GraderReplies.judgement(text, grading.rubric))
      } catch {
        if error.isCancelled { throw error }
        last = error
        if error.isPermanent { return .failure(error) }
      }
    }
    guard let unreadable else { return .failure(last) }
    do throws(GraderError) {
      let text = try await ask(
        GraderPrompts.repair(unreadable, reason: last.description), system, &bill)
      return .success(try GraderReplies.judgement(text, grading.rubric))
    } catch {
      if error.isCancelled { throw error }
      return .failure(error)
    }
  }

  private func ask(
    _ prompt: String, _ system: String?, _ bill: inout Bill
  ) async throws(GraderError) -> String {
    if Task.isCancelled { throw .cancelled }
    var question = GraderQuestion(
      prompt: prompt, systemPrompt: system, temperature: temperature)
    question.images = grading.images
    let reply = try await target.ask(question)
    bill.add(reply)
    return reply.text
  }

  // MARK: Agents

  /// Asks an agent once; a reply that cannot be read scores 0.
  func askAgent(_ mode: String) async throws(GraderError) -> Judgement {
    let prompt =
      GraderPrompts.agentPrompt(grading) + "\n\n" + GraderPrompts.form(grading.rubric)
    var bill = Bill()
    let details: JSONObject = ["mode": .string(mode), "grader_target": .string(target.name)]
    var judgement: Judgement
    do throws(GraderError) {
      let text = try await ask(prompt, nil, &bill)
      judgement =
        text.trimmed.isEmpty
        ? Self.failed("llm-grader \(mode) returned no assistant response")
        : read(text)
    } catch {
      if error.isCancelled { throw error }
      judgement = .skipped("llm-grader \(mode) evaluation failed: \(error.description)")
    }
    judgement.merge(details: details)
    judgement.input = [
      "mode": .string(mode), "grader_target": .string(target.name), "prompt": .string(prompt),
    ]
    bill.write(to: &judgement, target)
    return judgement
  }

  private func read(_ text: String) -> Judgement {
    (try? GraderReplies.judgement(text, grading.rubric)) ?? Self.failed(Self.unreadable)
  }

  private static let unreadable =
    "Failed to parse llm-grader agent response as valid evaluation JSON"

  private static func failed(_ text: String) -> Judgement { .broken(text) }

  // MARK: The built-in loop

  /// Lets a model look into the workspace, one tool call or judgement a turn.
  func runLoop(_ tools: WorkspaceTools, steps: Int) async throws(GraderError) -> Judgement {
    let system = WorkspaceLoop.instructions + "\n\n" + GraderPrompts.form(grading.rubric)
    let task = GraderPrompts.agentPrompt(grading)
    var bill = Bill()
    var loop = WorkspaceLoop(task: task, steps: steps)
    var judgement: Judgement?
    do throws(GraderError) {
      while judgement == nil, let prompt = loop.nextPrompt() {
        let text = try await ask(prompt, system, &bill)
        if let call = WorkspaceLoop.call(in: text), !loop.isLast {
          loop.add(call, result: tools.run(call.tool, call.input))
          continue
        }
        do throws(GraderError) {
          judgement = try GraderReplies.judgement(text, grading.rubric)
        } catch {
          loop.addUnreadable(text, reason: error.description)
        }
      }
    } catch {
      if error.isCancelled { throw error }
      judgement = .skipped("llm-grader built-in evaluation failed: \(error.description)")
    }
    var result = judgement ?? Self.failed(Self.unreadable)
    result.merge(
      details: [
        "mode": "built-in", "steps": .int(loop.taken), "tool_calls": .int(loop.toolCalls),
      ])
    result.input = [
      "mode": "built-in", "system_prompt": .string(system), "user_prompt": .string(task),
      "max_steps": .int(steps),
    ]
    bill.write(to: &result, target)
    return result
  }
}

/// What grading used.
struct Bill {
  private var usage: TokenUsage?
  private var costUSD: Double?

  /// Adds one reply.
  mutating func add(_ reply: GraderReply) {
    usage = TokenUsage.sum(usage, reply.tokenUsage)
    if let cost = reply.costUSD { costUSD = (costUSD ?? 0) + cost }
  }

  /// Notes the sum and the target in a judgement.
  func write(to judgement: inout Judgement, _ target: any GraderTarget) {
    judgement.target = target.name
    judgement.tokenUsage = usage
    judgement.costUSD = costUSD
  }
}

extension Judgement {
  /// Puts details before those that the grader itself gave.
  mutating func merge(details own: JSONObject) {
    var all = own
    for (key, value) in details ?? [:] { all[key] = value }
    details = all
  }
}
