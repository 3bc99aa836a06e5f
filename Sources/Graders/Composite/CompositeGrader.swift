// `composite`: several graders, and a rule that makes one result of theirs.

import Core
import EvalFiles

/// Runs its members at the same time and puts their results together.
struct CompositeGrader: Grader {
  /// Most members that run at the same time.
  static let parallelMembers = 8

  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    guard input.depth < CompositeSpec.maximumDepth else {
      throw GraderError(
        "composites are nested deeper than \(CompositeSpec.maximumDepth); make it flatter")
    }
    let composite = try CompositeSpec.of(spec)
    let results = try await run(composite.members, input)
    let aggregation = CompositeAggregation(
      spec: spec, members: composite.members, results: results, input: input)
    switch composite.aggregator {
    case .weightedAverage(let weights): return aggregation.weightedAverage(weights)
    case .threshold(let level): return aggregation.threshold(level)
    case .script(let command): return try await aggregation.script(command)
    case .model(let prompt): return try await aggregation.model(prompt)
    }
  }

  private func run(
    _ members: [GraderSpec], _ input: GraderInput
  ) async throws(GraderError) -> [GraderScore] {
    var inner = input
    inner.depth += 1
    let input = inner
    let results = await withTaskGroup(
      of: (Int, Result<GraderScore, GraderError>).self,
      returning: [Int: Result<GraderScore, GraderError>].self
    ) { group in
      var results: [Int: Result<GraderScore, GraderError>] = [:]
      for (index, member) in members.enumerated() {
        if index >= Self.parallelMembers, let (done, result) = await group.next() {
          results[done] = result
        }
        group.addTask {
          do throws(GraderError) {
            return (index, .success(try await GraderRegistry.grade(member, input)))
          } catch {
            return (index, .failure(error))
          }
        }
      }
      for await (done, result) in group { results[done] = result }
      return results
    }
    var scores: [GraderScore] = []
    for index in members.indices {
      // Nothing but a stop is thrown here, and then there is no result at all.
      if let result = results[index] { scores.append(try result.get()) }
    }
    return scores
  }
}
