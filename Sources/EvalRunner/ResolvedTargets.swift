// The targets of a plan, resolved before anything starts: a run shall not break in its middle
// because the second file's target is misspelt.

import Core
import EvalFiles
import Graders
import Providers
import RunArtifacts

/// Targets of a run by eval file and requested name.
struct ResolvedTargets: Sendable {
  private struct Key: Hashable, Sendable {
    var evalFile: String
    var requested: String
  }

  private var targets: [Key: ResolvedTarget] = [:]
  private var ready: [Key: ReadyTarget] = [:]
  private var warnings: [Diagnostic] = []
  private var resolver: TargetResolver
  private var limits: [ResolvedTarget.Key: CallLimits] = [:]
  private let environment: [String: String]
  private let workingDirectory: String

  /// Resolves every target of a plan.
  init(
    _ plan: RunPlan, options: EvalOptions, environment: [String: String], workingDirectory: String
  ) throws {
    resolver = TargetResolver(options: options, workingDirectory: workingDirectory)
    self.environment = environment
    self.workingDirectory = workingDirectory
    for file in plan.files {
      let variables = Self.environment(file.suite, environment)
      for target in file.targets {
        let key = Key(evalFile: file.suite.relativePath, requested: target.requested)
        targets[key] = try resolver.resolve(
          target.requested, useTarget: target.useTarget, suite: file.suite, environment: variables)
      }
    }
    warnings = resolver.warnings
  }

  /// Shows what is odd in the targets files.
  func show(_ console: Console) {
    var file = ""
    for warning in warnings {
      if warning.file != file { console.complain("Warnings in \(warning.file):") }
      file = warning.file
      console.complain("  \(warning)")
    }
  }

  /// The variables that a suite's tests see: its `.env` files below the process's own.
  static func environment(
    _ suite: EvalSuite, _ environment: [String: String]
  ) -> [String: String] {
    suite.environment.merging(environment) { _, own in own }
  }

  /// Name of the target behind an identity, after `use_target`.
  func name(of identity: TestIdentity) -> String? {
    targets[Key(evalFile: identity.evalFile ?? "", requested: identity.target)]?.name
  }

  /// Sets up the providers of everything that is to run.
  mutating func makeReady(
    _ plan: RunPlan, options: EvalOptions, console: Console
  ) throws {
    let log: @Sendable (String) -> Void = { console.say($0) }
    let providerOptions = ProviderOptions(
      dryRunDelayMS: options.dryRunDelay, log: options.verbose ? log : nil,
      projectDirectory: workingDirectory, environment: environment)
    for file in plan.files {
      for target in file.targets {
        let key = Key(evalFile: file.suite.relativePath, requested: target.requested)
        guard let resolved = targets[key] else { continue }
        let wanted = try workers(file.suite, resolved, options)
        ready[key] = ReadyTarget(
          primary: try callable(resolved, workers: wanted, providerOptions),
          fallbacks: try fallbacks(of: resolved, file.suite, providerOptions))
      }
    }
    try addGraders(plan, options, providerOptions, console)
  }

  /// Gives every target what its tests' graders may ask.
  private mutating func addGraders(
    _ plan: RunPlan, _ options: EvalOptions, _ providers: ProviderOptions, _ console: Console
  ) throws {
    if options.model != nil, options.graderTarget != GraderChoice.builtInName {
      console.complain("Warning: --model has no effect without --grader-target agentv")
    }
    let shared = GraderLimits(limits)
    let warnings = GraderWarnings(console)
    for file in plan.files {
      let source = GraderTargetSource(
        resolver.targets(for: file.suite),
        environment: Self.environment(file.suite, environment), options: providers,
        limits: shared)
      if let name = options.graderTarget, name != GraderChoice.builtInName, !options.dryRun {
        do throws(GraderError) {
          _ = try source.target(name)
        } catch {
          throw EvalRunError("--grader-target '\(name)': \(error.description)")
        }
      }
      for target in file.targets {
        let key = Key(evalFile: file.suite.relativePath, requested: target.requested)
        guard let primary = ready[key]?.primary else { continue }
        ready[key]?.graders = GraderTargetPool(
          underTest: primary, choice: GraderChoice(for: primary.target, options),
          source: source, warn: { warnings.say($0) })
      }
    }
  }

  private mutating func fallbacks(
    of target: ResolvedTarget, _ suite: EvalSuite, _ options: ProviderOptions
  ) throws -> [CallableTarget] {
    let names = (target.settings["fallback_targets"]?.array ?? []).compactMap(\.string)
    var fallbacks: [CallableTarget] = []
    for name in names {
      let resolved = try resolver.resolve(
        name, useTarget: nil, suite: suite, environment: Self.environment(suite, environment))
      fallbacks.append(try callable(resolved, workers: resolved.workers, options))
    }
    return fallbacks
  }

  /// A target with its provider and the limits that it shares with every other use of it.
  private mutating func callable(
    _ target: ResolvedTarget, workers: Int?, _ options: ProviderOptions
  ) throws -> CallableTarget {
    let key = ResolvedTarget.Key(target)
    let shared =
      try limits[key] ?? CallLimits(requestsPerMinute: target.requestsPerMinute())
    if let workers { shared.allow(slots: workers) }
    limits[key] = shared
    return CallableTarget(
      target: target, provider: try ProviderRegistry.make(target, options: options),
      limits: shared)
  }

  /// The runs of one file of a plan.
  func runs(
    of file: FilePlan, options: EvalOptions, existing: RowLedger, limits: RunLimits,
    extra: [String: String]
  ) throws(EvalRunError) -> [TargetRun] {
    let variables = Self.environment(file.suite, environment)
      .merging(extra) { own, _ in own }
    var runs: [TargetRun] = []
    for target in file.targets {
      let key = Key(evalFile: file.suite.relativePath, requested: target.requested)
      guard let ready = ready[key] else { continue }
      runs.append(
        TargetRun(
          ready: ready, suite: file.suite,
          workers: try workers(file.suite, ready.target, options), environment: variables,
          tests: target.tests,
          graph: DependencyGraph(target.tests) { id in
            existing.status(
              for: TestIdentity(
                evalFile: file.suite.relativePath, testID: id, target: target.requested),
              suite: file.suite.name, resolvedTarget: ready.target.name)
          }, gate: limits.gate(file.suite, target.requested), cache: limits.cache(file.suite),
          announcement: announcement(ready.target, file.suite, options)))
    }
    return runs
  }

  private func workers(
    _ suite: EvalSuite, _ target: ResolvedTarget, _ options: EvalOptions
  ) throws(EvalRunError) -> Int {
    let wanted = [options.workers, suite.execution.workers, target.workers]
      .compactMap(\.self).first { $0 > 0 }
    // A window of VS Code takes one request at a time.
    if target.provider.hasPrefix("vscode") { return 1 }
    let workers = wanted ?? EvalOptions.defaultWorkers
    guard workers <= EvalOptions.maximumWorkers else {
      throw EvalRunError(
        "Workers must be between 1 and \(EvalOptions.maximumWorkers), got: \(workers)"
          + " (target \(target.name))")
    }
    return workers
  }

  private func announcement(
    _ target: ResolvedTarget, _ suite: EvalSuite, _ options: EvalOptions
  ) -> String {
    let label =
      options.transcript.map { "transcript (\($0))" }
      ?? ProgressLine.label(requested: target.requested, resolved: target.name)
    guard options.verbose else { return "Using target: \(label)" }
    let source = options.targets.isEmpty ? "test-file" : "cli"
    let model = target.settings["model"]?.string.map { ", model=\($0)" } ?? ""
    let file = target.file.map { " via \($0)" } ?? ""
    return "Using target (\(source)): \(label) [provider=\(target.provider)\(model)]\(file)"
  }
}

extension ResolvedTarget {
  /// What makes two uses of a target the same one: its entry, whatever name asked for it.
  struct Key: Hashable, Sendable {
    private let file: String?
    private let name: String

    init(_ target: ResolvedTarget) {
      file = target.file
      name = target.name
    }
  }

  /// Calls that may begin in a minute, if the target says so.
  /// - Throws: `EvalRunError` for anything but a number above 0.
  func requestsPerMinute() throws(EvalRunError) -> Double? {
    guard let value = settings["requests_per_minute"], !value.isNull else { return nil }
    let number = value.double ?? value.string.flatMap { Double($0) }
    guard let number, number > 0, number.isFinite else {
      throw EvalRunError(
        "target '\(name)': 'requests_per_minute' must be a number above 0, found \(value.text)")
    }
    return number
  }
}
