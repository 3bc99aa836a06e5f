// The rules by which members of a composite become one result.

import Core
import EvalFiles

/// Results of all members, about to be put together.
struct CompositeAggregation {
  /// What a model is asked when the author gave no prompt.
  static let defaultPrompt = """
    Several graders have judged one answer. Their results:

    {{EVALUATOR_RESULTS_JSON}}

    Weigh them and give one final judgement.
    """

  let spec: GraderSpec
  let members: [GraderSpec]
  let results: [GraderScore]
  let input: GraderInput

  /// Members that could be judged.
  private var judged: [GraderScore] { results.filter { $0.verdict != .skip } }

  /// Their statements, each with the name of its member.
  private var statements: [AssertionResult] {
    judged.flatMap { result in
      result.assertions.map {
        AssertionResult("[\(result.name)] \($0.text)", passed: $0.passed, evidence: $0.evidence)
      }
    }
  }

  private func allSkipped(_ echo: JSONObject, _ scores: [GraderScore]) -> Judgement? {
    guard judged.isEmpty else { return nil }
    let reasons = results.map { "\($0.name): \($0.assertions.first?.text ?? "skipped")" }
    return Judgement(
      score: 0, verdict: .skip,
      assertions: [
        AssertionResult(
          "All evaluators skipped (infrastructure failure)", passed: false,
          evidence: reasons.joined(separator: " | "))
      ], input: echo, scores: scores)
  }

  private func withoutWeights() -> [GraderScore] {
    results.map { result in
      var result = result
      result.showsWeight = false
      return result
    }
  }

  /// Brings a result to 0 when a required member stays below its level.
  private func gated(_ judgement: Judgement) -> Judgement {
    var judgement = judgement
    for (member, result) in zip(members, results) where result.verdict != .skip {
      guard let level = member.requiredLevel(threshold: input.threshold), result.score < level
      else { continue }
      judgement.score = 0
      judgement.verdict = .fail
      judgement.assertions.append(
        AssertionResult(
          "[\(member.name)] required: score \(NumberText.plain(result.score)) is below "
            + NumberText.plain(level), passed: false))
    }
    return judgement
  }

  // MARK: Arithmetic

  /// The weighted mean of the members that could be judged.
  func weightedAverage(_ weights: JSONObject) -> Judgement {
    var echo: JSONObject = ["aggregator": "weighted_average"]
    if !weights.isEmpty { echo["weights"] = .object(weights) }
    var scores = results
    for index in scores.indices {
      let own = weights[scores[index].name]?.double.flatMap { $0 >= 0 && $0.isFinite ? $0 : nil }
      scores[index].weight = own ?? members[index].weight
    }
    if let skipped = allSkipped(echo, scores) { return skipped }
    let counted = scores.filter { $0.verdict != .skip }
    let total = counted.reduce(0) { $0 + $1.weight }
    let sum = counted.reduce(0) { $0 + $1.score * $1.weight }
    let score = total > 0 ? min(1, max(0, sum / total)) : 0
    return gated(
      Judgement(score: score, assertions: statements, input: echo, scores: scores))
  }

  /// The share of members that pass.
  func threshold(_ level: Double) -> Judgement {
    let echo: JSONObject = ["aggregator": "threshold", "threshold": .double(level)]
    let scores = withoutWeights()
    if let skipped = allSkipped(echo, scores) { return skipped }
    let passing = judged.count { $0.verdict == .pass }
    let share = Double(passing) / Double(judged.count)
    let summary = AssertionResult(
      "\(passing)/\(judged.count) evaluators passed (threshold: \(NumberText.plain(level)))",
      passed: share >= level)
    return gated(
      Judgement(
        score: share, verdict: share >= level ? .pass : .fail,
        assertions: [summary] + statements, input: echo, scores: scores))
  }

  // MARK: Programs and models

  /// The results by member name, as scripts written for AgentV expect them.
  private var resultsJSON: JSON {
    var object = JSONObject()
    for result in results {
      var name = result.name
      var copy = 2
      while object[name] != nil {
        name = "\(result.name)-\(copy)"
        copy += 1
      }
      object[name] = result.aggregationJSON
    }
    return .object(object)
  }

  /// A shell command judges the results.
  func script(_ command: String) async throws(GraderError) -> Judgement {
    var echo: JSONObject = ["aggregator": "code-grader", "script": .string(command)]
    if let skipped = allSkipped(echo, results) { return skipped }
    var judgement: Judgement
    do throws(GraderError) {
      let outcome = try await GraderProgram(
        subject: "Code evaluator", command: ["sh", "-c", command],
        directory: input.test.directory,
        standardInput: (["results": resultsJSON] as JSON).pretty()
      ).run(input)
      guard outcome.code == 0 else {
        let reason = outcome.errorText.isEmpty ? "" : ": \(outcome.errorText)"
        throw GraderError("Code evaluator exited with code \(outcome.code)\(reason)")
      }
      guard let reply = (try? JSON.parse(outcome.stdout))?.object else {
        throw GraderError(
          "expected a JSON object on stdout, found "
            + (outcome.stdout.isEmpty ? "nothing" : BoundedText.cut(outcome.stdout, to: 200)))
      }
      judgement = ScriptJudge.judgement(reply)
      if let verdict = reply["verdict"]?.string.flatMap(Verdict.init(rawValue:)), verdict != .skip {
        judgement.verdict = verdict
      }
    } catch {
      if error.isCancelled { throw error }
      echo["error"] = .string(error.description)
      judgement = .broken("Code aggregator failed: \(error.description)")
    }
    judgement.input = echo
    judgement.scores = results
    return judgement
  }

  /// A model judges the results, asked once.
  func model(_ prompt: String?) async throws(GraderError) -> Judgement {
    let scores = withoutWeights()
    var echo: JSONObject = ["aggregator": "llm-grader"]
    if let skipped = allSkipped(echo, scores) { return skipped }
    let target: any GraderTarget
    do throws(GraderError) {
      guard let targets = input.targets else {
        throw GraderError("No grader provider available for LLM aggregation")
      }
      target = try targets.target(nil)
    } catch {
      if error.isCancelled { throw error }
      var judgement = Judgement.skipped(error.description)
      judgement.scores = scores
      return judgement
    }
    let template = try template(prompt)
    let filled = template.replacing(
      "{{EVALUATOR_RESULTS_JSON}}", with: BoundedText.cut(resultsJSON.prettyText))
    echo["user_prompt"] = .string(filled)
    echo["system_prompt"] = .string(GraderPrompts.freeForm)
    echo["target"] = .string(target.name)
    var bill = Bill()
    var judgement: Judgement
    do throws(GraderError) {
      let reply = try await target.ask(
        GraderQuestion(prompt: filled, systemPrompt: GraderPrompts.freeForm))
      bill.add(reply)
      judgement = try GraderReplies.judgement(reply.text, nil)
    } catch {
      if error.isCancelled { throw error }
      judgement = .broken("LLM aggregator failed", evidence: error.description)
    }
    judgement.input = echo
    judgement.scores = scores
    bill.write(to: &judgement, target)
    return judgement
  }

  private func template(_ prompt: String?) throws(GraderError) -> String {
    guard let prompt, !prompt.trimmed.isEmpty else { return Self.defaultPrompt }
    switch try PromptSource.resolve(prompt, spec, input.test) {
    case .template(let text), .criteria(let text): return text
    case .none: return Self.defaultPrompt
    }
  }
}

extension GraderScore {
  /// What an aggregator gets of a member, in the camelCase that scripts know from AgentV.
  fileprivate var aggregationJSON: JSON {
    var object: JSONObject = [
      "score": .double(score), "verdict": .string(verdict.rawValue),
      "assertions": .array(assertions.map(\.json)),
    ]
    if let details { object["details"] = .object(details) }
    if let input { object["graderRawRequest"] = .object(input) }
    if let target { object["graderTarget"] = .string(target) }
    if let tokenUsage { object["tokenUsage"] = tokenUsage.json }
    if !scores.isEmpty { object["scores"] = .array(scores.map(\.aggregationJSON)) }
    return .object(object)
  }
}
