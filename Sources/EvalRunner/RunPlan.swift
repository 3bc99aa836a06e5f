// Which tests run on which targets: files, tags, ids and targets put together, before anything is
// resolved or started.

import Core
import EvalFiles

/// One test on one target.
///
/// It only says which: a plan of a hundred thousand holds none of them.
struct PlannedTest: Sendable {
  /// What the tests of one file on one target have in common.
  final class Group: Sendable {
    let catalog: TestCatalog
    let evalFile: String?
    let suite: String
    let target: String

    init(_ catalog: TestCatalog, evalFile: String?, suite: String, target: String) {
      self.catalog = catalog
      self.evalFile = evalFile
      self.suite = suite
      self.target = target
    }
  }

  private let group: Group
  private let place: UInt32
  private let order: UInt32

  /// A test of a file.
  /// - Parameters:
  ///   - group: its file and target.
  ///   - place: its place in the file.
  ///   - number: its place among everything that was asked for.
  init(_ group: Group, _ place: Int, number: Int) {
    self.group = group
    self.place = UInt32(place)
    order = UInt32(number)
  }

  /// A test by itself.
  init(test: EvalTest, identity: TestIdentity) {
    let group = Group(
      TestCatalog([test]), evalFile: identity.evalFile, suite: test.suite, target: identity.target)
    self.init(group, 0, number: 0)
  }

  /// Its place among everything that was asked for, from 0.
  var number: Int { Int(order) }
  var id: String { group.catalog.id(Int(place)) }
  /// Name of its suite.
  var suite: String { group.suite }
  /// Name that its target was asked for by.
  var target: String { group.target }
  /// What a plan must know of it.
  var facts: TestFacts { group.catalog.facts(Int(place)) }
  var identity: TestIdentity {
    TestIdentity(evalFile: group.evalFile, testID: id, target: group.target)
  }

  /// Reads the test; blocks for a small read.
  func load() throws(TestChange) -> EvalTest { try group.catalog.test(Int(place)) }

  /// What a row says of it when it cannot be read any more.
  var outline: EvalTest { group.catalog.outline(Int(place)) }
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

  var tests: [PlannedTest] {
    targets.count == 1 ? targets[0].tests : targets.flatMap(\.tests)
  }
}

/// Everything that is to be run.
struct RunPlan: Sendable {
  var files: [FilePlan]

  /// Every planned execution, in order.
  var tests: [PlannedTest] { files.count == 1 ? files[0].tests : files.flatMap(\.tests) }
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
      let catalog = suite.catalog
      let isAll = globs.isEmpty && options.testIDs.isEmpty
      let targets = references.map { reference in
        let group = PlannedTest.Group(
          catalog, evalFile: suite.relativePath, suite: suite.name, target: reference.name)
        var tests: [PlannedTest] = []
        for place in catalog.indices {
          if !isAll {
            let id = catalog.id(place)
            guard globs.contains(where: { $0.matches(id) }) || options.testIDs.contains(id) else {
              continue
            }
          }
          // A test's own list counts only where there is a choice.
          if references.count > 1,
            catalog.facts(place).targets?.contains(reference.name) == false
          {
            continue
          }
          tests.append(PlannedTest(group, place, number: number))
          number += 1
        }
        return TargetPlan(
          requested: reference.name, useTarget: reference.useTarget, tests: tests)
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
