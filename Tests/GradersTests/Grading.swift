// Grading of one answer, without a target under test.

import Core
import EvalFiles
import Synchronization

@testable import Graders

/// The input of a grader that judges an answer.
func input(
  _ answer: String, test: EvalTest? = nil, output: [Message]? = nil, dryRun: Bool = false,
  environment: [String: String] = ["PATH": "/usr/bin:/bin"], timeout: Duration? = nil
) -> GraderInput {
  GraderInput(
    test: test ?? EvalTest(id: "t", suite: "s", input: [Message(role: "user", text: "hi")]),
    output: output ?? [Message(role: "assistant", text: answer)],
    target: ResolvedTarget(requested: "m", name: "m", provider: "mock"),
    environment: environment, agentTimeout: timeout, dryRun: dryRun)
}

/// The score of one grader on an answer.
func grade(
  _ type: String, _ config: JSONObject = [:], _ answer: String, negate: Bool = false,
  dryRun: Bool = false
) async throws -> GraderScore {
  let spec = GraderSpec(name: "g", type: type, negate: negate, config: config)
  let test = EvalTest(
    id: "t", suite: "s", input: [Message(role: "user", text: "hi")], assertions: [spec])
  return try await GraderRegistry.grade(spec, input(answer, test: test, dryRun: dryRun))
}

/// The score of one grader on an input.
func grade(
  _ type: String, _ config: JSONObject, _ input: GraderInput
) async throws -> GraderScore {
  try await GraderRegistry.grade(GraderSpec(name: "g", type: type, config: config), input)
}

/// A grading target that says what it is told to, and remembers what it was asked.
final class ScriptedTarget: GraderTarget, GraderTargets {
  let name: String
  let kind: GraderTargetKind
  private let replies: [Result<GraderReply, GraderError>]
  private let state = Mutex<[GraderQuestion]>([])

  /// Replies in order; the last one for every further question.
  init(
    _ replies: [Result<GraderReply, GraderError>], name: String = "judge",
    kind: GraderTargetKind = .model
  ) {
    self.name = name
    self.kind = kind
    self.replies = replies
  }

  /// Texts in order.
  convenience init(_ texts: String..., kind: GraderTargetKind = .model) {
    self.init(texts.map { .success(GraderReply(text: $0)) }, kind: kind)
  }

  var names: [String] { [name] }
  var questions: [GraderQuestion] { state.withLock { $0 } }

  func target(_ name: String?) throws(GraderError) -> any GraderTarget {
    guard name == nil || name == self.name else { throw GraderError("no target '\(name ?? "")'") }
    return self
  }

  func ask(_ question: GraderQuestion) async throws(GraderError) -> GraderReply {
    let index = state.withLock { questions in
      questions.append(question)
      return questions.count - 1
    }
    guard !replies.isEmpty else { throw GraderError("no reply") }
    return try replies[min(index, replies.count - 1)].get()
  }
}

/// Lines that were said, for tests of warnings.
final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  var add: @Sendable (String) -> Void { { line in self.lines.withLock { $0.append(line) } } }
}
