// The targets that graders of a run may ask, each set up once.

import Core
import EvalFiles
import Graders
import Providers
import ScriptProxy
import Synchronization

/// Slots and paces of the run's targets, for graders as for tests.
final class GraderLimits: Sendable {
  private let limits: Mutex<[ResolvedTarget.Key: CallLimits]>

  /// Limits that exist already.
  init(_ limits: [ResolvedTarget.Key: CallLimits]) { self.limits = Mutex(limits) }

  /// The limits of a target, the same for everybody who calls it.
  func limits(of target: ResolvedTarget) throws -> CallLimits {
    let pace = try target.requestsPerMinute()
    return limits.withLock { limits in
      let key = ResolvedTarget.Key(target)
      if let known = limits[key] { return known }
      let new = CallLimits(slots: target.workers, requestsPerMinute: pace)
      limits[key] = new
      return new
    }
  }
}

/// Targets of one eval file by name.
final class GraderTargetSource: Sendable {
  private let targetSet: TargetSet?
  private let environment: [String: String]
  private let options: ProviderOptions
  private let limits: GraderLimits
  private let known = Mutex<[String: Result<CallableTarget, GraderError>]>([:])

  /// A source.
  /// - Parameters:
  ///   - set: the file's targets; `nil` when there is no targets file, as a dry run allows.
  ///   - environment: the variables.
  ///   - options: how providers are set up.
  ///   - limits: what is shared with every other caller.
  init(
    _ set: TargetSet?, environment: [String: String], options: ProviderOptions,
    limits: GraderLimits
  ) {
    targetSet = set
    self.environment = environment
    self.options = options
    self.limits = limits
  }

  /// Names of the targets that there are.
  var names: [String] { targetSet?.names ?? [] }

  /// A target by name, set up at its first use.
  func target(_ name: String) throws(GraderError) -> CallableTarget {
    try remembered(name) {
      guard let targetSet else { throw GraderError("there is no targets file", isPermanent: true) }
      return try targetSet.resolve(name, environment: environment)
    }
  }

  /// The built-in grader with a model.
  func builtIn(model: String) throws(GraderError) -> CallableTarget {
    try remembered("\(GraderChoice.builtInName):\(model)") {
      ResolvedTarget(
        requested: GraderChoice.builtInName, name: GraderChoice.builtInName,
        provider: "agentv", settings: ["model": .string(model)])
    }
  }

  private func remembered(
    _ key: String, _ resolve: () throws -> ResolvedTarget
  ) throws(GraderError) -> CallableTarget {
    let result = known.withLock { known -> Result<CallableTarget, GraderError> in
      if let result = known[key] { return result }
      let result: Result<CallableTarget, GraderError>
      do {
        let target = try resolve()
        result = .success(
          CallableTarget(
            target: target, provider: try ProviderRegistry.make(target, options: options),
            limits: try limits.limits(of: target)))
      } catch {
        result = .failure(GraderError("grading target: \(error)", isPermanent: true))
      }
      known[key] = result
      return result
    }
    return try result.get()
  }
}

/// What the graders of one target under test may ask.
struct GraderTargetPool: Sendable {
  let underTest: CallableTarget
  let choice: GraderChoice
  let source: GraderTargetSource
  let warn: @Sendable (String) -> Void

  /// Why a test could not be judged, known before its target is called; `nil` when it can.
  func problem(with test: EvalTest) -> String? {
    for name in GraderRegistry.targetsNeeded(by: test) {
      do throws(GraderError) {
        _ = try callable(name)
      } catch {
        return error.description
      }
    }
    return nil
  }

  /// Gives graders what they need to ask.
  func equip(_ input: inout GraderInput) {
    input.targets = TestGraderTargets(pool: self, input: input)
    input.warn = warn
    input.proxies = ScriptProxies()
  }

  /// The target to ask; `nil` for the mock.
  func callable(_ name: String?) throws(GraderError) -> CallableTarget? {
    if let name { return try source.target(name) }
    switch choice {
    case .mock: return nil
    case .itself: return underTest
    case .named(let name): return try source.target(name)
    case .builtIn(let model): return try source.builtIn(model: model)
    case .none(let reason): throw GraderError(reason, isPermanent: true)
    }
  }
}

/// The targets that graders of one test may ask.
private struct TestGraderTargets: GraderTargets {
  let pool: GraderTargetPool
  private let test: EvalTest
  private let workspacePath: String?
  private let environment: [String: String]
  private let timeout: Duration?

  init(pool: GraderTargetPool, input: GraderInput) {
    self.pool = pool
    test = input.test
    workspacePath = input.workspacePath
    environment = input.environment
    timeout = input.agentTimeout
  }

  var names: [String] { pool.source.names }

  func target(_ name: String?) throws(GraderError) -> any GraderTarget {
    guard let callable = try pool.callable(name) else {
      return MockGraderTarget(name: pool.underTest.target.name)
    }
    return GraderTargetAdapter(
      callable: callable, test: test, workspacePath: workspacePath, environment: environment,
      timeout: timeout)
  }
}
