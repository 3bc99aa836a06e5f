// Which models a test's graders will ask: known before the target is called.

import Core
public import EvalFiles

extension GraderRegistry {
  /// Targets that the graders of a test cannot do without.
  ///
  /// A missing one is better found before an agent has worked for an hour.
  /// - Parameter test: the test.
  /// - Returns: names of targets, `nil` among them for the test's grading target; each once.
  public static func targetsNeeded(by test: EvalTest) -> [String?] {
    var names: [String?] = []
    for spec in specs(of: test) { collect(spec, depth: 0, into: &names) }
    return names
  }

  /// Everything that grades a test: of a conversation its own graders and those of its turns.
  ///
  /// A turn with an expected answer alone is judged by a model, one with neither by nobody.
  private static func specs(of test: EvalTest) -> [GraderSpec] {
    guard let conversation = test.conversation else {
      return test.assertions.isEmpty ? [implicitGrader] : test.assertions
    }
    return conversation.turns.reduce(into: test.assertions) { specs, turn in
      if turn.assertions.isEmpty, !turn.expectedOutput.isEmpty { specs.append(implicitGrader) }
      specs += turn.assertions
    }
  }

  private static func collect(_ spec: GraderSpec, depth: Int, into names: inout [String?]) {
    func add(_ name: String?) { if !names.contains(name) { names.append(name) } }
    if GraderTypes.model.contains(spec.type) {
      add(spec.config["target"]?.string.flatMap { $0.trimmed.isEmpty ? nil : $0.trimmed })
    } else if spec.type == "composite", depth < CompositeSpec.maximumDepth,
      let composite = try? CompositeSpec.of(spec)
    {
      for member in composite.members { collect(member, depth: depth + 1, into: &names) }
      if case .model = composite.aggregator { add(nil) }
    }
  }
}
