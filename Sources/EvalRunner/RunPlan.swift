// Which tests run on which targets: files, tags, ids and targets put together, before anything is
// resolved or started.

import Core
import EvalFiles

/// One test on one target.
///
/// It refers to the tests of its file: a plan of a hundred thousand holds none of them twice.
struct PlannedTest: Sendable {
  private let tests: Shared<[EvalTest]>
  private let index: Int
  private let evalFile: String?
  private let target: String
  /// Its place among everything that was asked for, from 0.
  let number: Int

  /// A test of a file.
  init(
    _ tests: Shared<[EvalTest]>, _ index: Int, evalFile: String?, target: String, number: Int
  ) {
    self.tests = tests
    self.index = index
    self.evalFile = evalFile
    self.target = target
    self.number = number
  }

  /// A test by itself.
  init(test: EvalTest, identity: TestIdentity) {
    self.init(
      Shared([test]), 0, evalFile: identity.evalFile, target: identity.target, number: 0)
  }

  var test: EvalTest { tests.value[index] }
  var identity: TestIdentity {
    TestIdentity(evalFile: evalFile, testID: tests.value[index].id, target: target)
  }
}

/// The tests of one file on one requested target.
struct TargetPlan: Sendable {
  /// Name that was asked for.
  let requested: String
  /// Entry that the file puts behind that name.
  let useTarget: String?
  var tests: [PlannedTest]
}

/// The part of a plan that one eval file makes.
struct FilePlan: Sendable {
  let suite: EvalSuite
  var targets: [TargetPlan]

  var tests: [PlannedTest] { targets.flatMap(\.tests) }
}

/// Everything that is to be run.
struct RunPlan: Sendable {
  var files: [FilePlan]

  /// Every planned execution, in order.
  var tests: [PlannedTest] { files.flatMap(\.tests) }
  /// Number of planned executions.
  var count: Int { files.reduce(0) { $0 + $1.targets.reduce(0) { $0 + $1.tests.count } } }
  /// Names of the requested targets, each once.
  var targetNames: Set<String> { Set(files.flatMap { $0.targets.map(\.requested) }) }

  /// Plans suites under the filters of the options.
  ///
  /// Files that the tag filters leave out are not in the plan at all; files without a matching test
  /// have no targets.
  init(_ suites: [EvalSuite], _ options: EvalOptions) {
    let globs = options.testIDs.map { Glob($0) }
    var number = 0
    files = suites.filter { Self.matchesTags($0, options) }.map { suite in
      let references = Self.targets(of: suite, options)
      let all = Shared(suite.tests)
      let chosen = suite.tests.indices.filter { index in
        let id = suite.tests[index].id
        return globs.isEmpty || globs.contains { $0.matches(id) } || options.testIDs.contains(id)
      }
      let targets = references.map { reference in
        TargetPlan(
          requested: reference.name, useTarget: reference.useTarget,
          tests: chosen.filter { index in
            // A test's own list counts only where there is a choice.
            references.count < 2
              || suite.tests[index].targets?.contains(reference.name) ?? true
          }.map { index in
            defer { number += 1 }
            return PlannedTest(
              all, index, evalFile: suite.relativePath, target: reference.name, number: number)
          })
      }
      return FilePlan(suite: suite, targets: targets.filter { !$0.tests.isEmpty })
    }
  }

  private static func matchesTags(_ suite: EvalSuite, _ options: EvalOptions) -> Bool {
    options.tags.allSatisfy(suite.tags.contains)
      && !options.excludeTags.contains(where: suite.tags.contains)
  }

  private static func targets(
    of suite: EvalSuite, _ options: EvalOptions
  ) -> [(name: String, useTarget: String?)] {
    if options.transcript != nil { return [("transcript", nil)] }
    var seen = Set<String>()
    let own = suite.execution.targets
    let names = options.targets.isEmpty ? suite.execution.targetNames : options.targets
    return names.filter { seen.insert($0).inserted }.map { name in
      (name, own.first { $0.name == name }?.useTarget)
    }
  }

  /// The plan without the executions that need not run.
  func filtered(_ keeps: (PlannedTest) -> Bool) -> RunPlan {
    var plan = self
    plan.files = files.map { file in
      var file = file
      file.targets = file.targets.map { target in
        var target = target
        target.tests = target.tests.filter(keeps)
        return target
      }.filter { !$0.tests.isEmpty }
      return file
    }.filter { !$0.targets.isEmpty }
    return plan
  }
}
