// `llm-grader` and `rubrics`: a target judges the answer.

import Core
import EvalFiles

/// Asks a grading target for a judgement.
struct ModelGrader: Grader {
  /// Turns of the built-in loop when the grader does not say how many.
  static let defaultSteps = 10
  /// Most turns of the built-in loop.
  static let maximumSteps = 50

  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    let rubric = try Rubric.of(spec)
    let own = spec.config["target"]?.string.flatMap { $0.trimmed.isEmpty ? nil : $0.trimmed }
    let target: any GraderTarget
    do throws(GraderError) {
      guard let targets = input.targets else {
        throw GraderError("No grader provider available for LLM grading")
      }
      target = try targets.target(own)
    } catch {
      if error.isCancelled { throw error }
      // Nobody to judge is no bad answer.
      return .skipped(error.description)
    }
    let grading = try await grading(spec, input, rubric)
    let session = GradingSession(
      spec: spec, grading: grading, target: target, temperature: try temperature(spec),
      warn: input.warn)
    switch target.kind {
    case .model: return try await session.askModel()
    case .agent: return try await session.askAgent(own == nil ? "delegate" : "grader_target")
    case .builtIn:
      // Without a workspace there is nothing to look into: the model judges what it is given.
      guard let workspace = input.workspacePath else { return try await session.askModel() }
      return try await session.runLoop(
        WorkspaceTools(root: workspace), steps: try steps(spec))
    }
  }

  private func grading(
    _ spec: GraderSpec, _ input: GraderInput, _ rubric: Rubric?
  ) async throws(GraderError) -> Grading {
    var input = input
    input.answer = try await Preprocessing(spec: spec, input: input).answer()
    var criteria = input.test.criteria
    var template: String?
    switch try await PromptSource.resolve(spec, input) {
    case .none: break
    case .criteria(let text): criteria = text
    case .template(let text):
      template = text
      if let warning = GraderTemplate.deprecation(text) { input.warn(warning) }
    }
    return Grading(
      rubric: rubric, template: template,
      values: GraderTemplate.values(input, criteria: criteria), images: input.answerImages)
  }

  private func temperature(_ spec: GraderSpec) throws(GraderError) -> Double? {
    guard let written = spec.config["temperature"], !written.isNull else { return nil }
    guard let value = written.double, (0...2).contains(value) else {
      throw GraderError("temperature must be a number from 0 to 2, found \(written.text)")
    }
    return value
  }

  private func steps(_ spec: GraderSpec) throws(GraderError) -> Int {
    guard let written = spec.config["max_steps"], !written.isNull else { return Self.defaultSteps }
    guard let value = written.int, (1...Self.maximumSteps).contains(value) else {
      throw GraderError(
        "max_steps must be a whole number from 1 to \(Self.maximumSteps), found \(written.text)")
    }
    return value
  }
}
