// A target as graders see it: something to put a question to.

import Core
import EvalFiles
import Graders
import Providers

/// Puts questions of graders to a provider.
struct GraderTargetAdapter: GraderTarget {
  /// Kinds of providers that send instructions apart from the prompt; the others get both as one
  /// text.
  private static let instructable: Set<String> = [
    "openai", "openrouter", "azure", "anthropic", "gemini", "agentv",
  ]
  private static let agents: Set<String> = [
    "codex", "copilot-sdk", "copilot-cli", "pi-coding-agent", "pi-cli", "claude-cli",
    "claude-sdk", "vscode", "vscode-insiders",
  ]
  /// Kinds that only tell what was said before.
  private static let recorded: Set<String> = ["copilot-log", "transcript"]

  let callable: CallableTarget
  /// The test that is graded.
  let test: EvalTest
  let workspacePath: String?
  let environment: [String: String]
  let timeout: Duration?

  var name: String { callable.target.name }

  var kind: GraderTargetKind {
    switch callable.target.provider {
    case "agentv": .builtIn
    case let provider where Self.agents.contains(provider): .agent
    default: .model
    }
  }

  func ask(_ question: GraderQuestion) async throws(GraderError) -> GraderReply {
    let provider = callable.target.provider
    guard !Self.recorded.contains(provider) else {
      throw GraderError(
        "target '\(name)' (\(provider)) tells what was recorded and cannot grade; name another one",
        isPermanent: true)
    }
    let request = request(question)
    let answer = await callable.limits.call { () -> Result<ProviderResponse, ProviderError> in
      do throws(ProviderError) {
        return .success(try await callable.provider.invoke(request))
      } catch {
        return .failure(error)
      }
    }
    switch answer {
    case nil: throw .cancelled
    case .success(let response):
      if let error = response.rawError { throw GraderError("target '\(name)': \(error)") }
      return GraderReply(
        text: response.output.answer, tokenUsage: response.metrics.tokenUsage,
        costUSD: response.metrics.costUSD)
    case .failure(let error):
      if error.isCancelled { throw .cancelled }
      if let pause = error.retryAfter, pause <= RetryPolicy.longestRetryAfter {
        callable.limits.pause(for: pause)
      }
      let isNamed = error.description.hasPrefix("target '")
      throw GraderError(
        isNamed ? error.description : "target '\(name)': \(error.description)",
        isPermanent: !error.mayPass)
    }
  }

  /// The question as a test of one message: the grading target must not see files or workspace of
  /// the real one, but for an agent that is to look around.
  private func request(_ question: GraderQuestion) -> ProviderRequest {
    var prompt = question.prompt
    let isInstructable = Self.instructable.contains(callable.target.provider)
    if let system = question.systemPrompt, !isInstructable { prompt += "\n\n\(system)" }
    let asked = EvalTest(
      id: test.id, suite: test.suite, input: [Message(role: "user", text: prompt)],
      directory: test.directory, searchRoots: test.searchRoots)
    var request = ProviderRequest(
      test: asked, prompt: prompt, workingDirectory: kind == .agent ? workspacePath : nil,
      environment: environment, timeout: timeout)
    request.systemPrompt = isInstructable ? question.systemPrompt : nil
    if isInstructable, !question.images.isEmpty {
      let text: JSON = ["type": "text", "value": .string(prompt)]
      request.chat = [Message(role: "user", content: .blocks([text] + question.images))]
    }
    request.temperature = question.temperature
    request.maxOutputTokens = question.maxOutputTokens
    return request
  }
}

/// The grading target of a dry run.
struct MockGraderTarget: GraderTarget {
  let name: String
  let kind = GraderTargetKind.model

  func ask(_ question: GraderQuestion) async throws(GraderError) -> GraderReply {
    GraderReply(text: ResolvedTarget.dryRunReply)
  }
}
