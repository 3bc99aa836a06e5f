import Core
import EvalFiles
import Providers
import RunArtifacts
import Synchronization

@testable import EvalRunner

/// Answers as it was told, call by call; the last word is repeated.
final class ScriptedProvider: Provider {
  let promptStyle: PromptStyle
  private let script: Mutex<[Result<ProviderResponse, ProviderError>]>
  private let received = Mutex<[ProviderRequest]>([])

  init(
    _ script: [Result<ProviderResponse, ProviderError>], style: PromptStyle = .agent
  ) {
    self.script = Mutex(script)
    promptStyle = style
  }

  /// What it was sent.
  var requests: [ProviderRequest] { received.withLock { $0 } }
  /// Numbers of the calls.
  var attempts: [Int] { requests.map(\.attempt) }

  func invoke(_ request: ProviderRequest) async throws(ProviderError) -> ProviderResponse {
    received.withLock { $0.append(request) }
    return try script.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }.get()
  }
}

extension ProviderResponse {
  /// A plain answer that cost half a dollar.
  static func saying(_ text: String) -> ProviderResponse {
    ProviderResponse(
      output: [Message(role: "assistant", text: text)],
      metrics: TargetMetrics(
        tokenUsage: TokenUsage(input: 1, output: 2), costUSD: 0.5, durationMS: 12))
  }
}

/// One test on one target that is scripted.
struct ScriptedTest {
  var test = EvalTest(
    id: "a", suite: "s", input: [Message(role: "user", text: "Q")],
    assertions: [GraderSpec(name: "c", type: "contains", config: ["value": "42"])])
  var retries = 0
  var threshold: Double?
  var fallbacks: [ScriptedProvider] = []
  var trials: Trials?
  var cache: ResponseCache?
  var settings: JSONObject = [:]

  /// Runs the test.
  /// - Throws: `EvalRunError` when it was given back.
  func run(_ provider: ScriptedProvider) async throws -> (row: ResultRow, files: TestArtifacts) {
    let executor = TestExecutor(
      threshold: threshold,
      caller: TargetCaller(retry: RetryPolicy(maxRetries: retries), agentTimeout: nil),
      isDryRun: false, experiment: "default")
    let planned = PlannedTest(
      test: test, identity: TestIdentity(evalFile: "f.yaml", testID: test.id, target: "alias"))
    func target(_ name: String) -> ResolvedTarget {
      ResolvedTarget(requested: "alias", name: name, provider: "cli", settings: settings)
    }
    let ready = ReadyTarget(
      primary: CallableTarget(target: target("real"), provider: provider),
      fallbacks: fallbacks.enumerated().map {
        CallableTarget(target: target("fallback-\($0.offset)"), provider: $0.element)
      })
    let outcome = await executor.run(
      planned, on: ready, environment: [:], trials: trials, cache: cache)
    guard case .finished(let row, let files, _) = outcome else {
      throw EvalRunError("the test was dropped")
    }
    return (row, files)
  }
}

/// A grader that wants a text in the answer.
func contains(_ text: String) -> GraderSpec {
  GraderSpec(name: "contains-\(text)", type: "contains", config: ["value": .string(text)])
}
