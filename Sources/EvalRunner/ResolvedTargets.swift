// The targets of a plan, resolved before anything starts: a run shall not break in its middle
// because the second file's target is misspelt.

import Core
import EvalFiles
import Providers

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
  private let environment: [String: String]

  /// Resolves every target of a plan.
  init(
    _ plan: RunPlan, options: EvalOptions, environment: [String: String], workingDirectory: String
  ) throws {
    resolver = TargetResolver(options: options, workingDirectory: workingDirectory)
    self.environment = environment
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
      dryRunDelayMS: options.dryRunDelay, log: options.verbose ? log : nil)
    for file in plan.files {
      for target in file.targets {
        let key = Key(evalFile: file.suite.relativePath, requested: target.requested)
        guard let resolved = targets[key] else { continue }
        ready[key] = ReadyTarget(
          target: resolved,
          provider: try ProviderRegistry.make(resolved, options: providerOptions),
          fallbacks: try fallbacks(of: resolved, file.suite, providerOptions))
      }
    }
  }

  private mutating func fallbacks(
    of target: ResolvedTarget, _ suite: EvalSuite, _ options: ProviderOptions
  ) throws -> [(target: ResolvedTarget, provider: any Provider)] {
    let names = (target.settings["fallback_targets"]?.array ?? []).compactMap(\.string)
    var fallbacks: [(target: ResolvedTarget, provider: any Provider)] = []
    for name in names {
      let resolved = try resolver.resolve(
        name, useTarget: nil, suite: suite, environment: Self.environment(suite, environment))
      fallbacks.append((resolved, try ProviderRegistry.make(resolved, options: options)))
    }
    return fallbacks
  }

  /// The runs of one file of a plan.
  func runs(
    of file: FilePlan, options: EvalOptions, extra: [String: String]
  ) throws(EvalRunError) -> [TargetRun] {
    let variables = Self.environment(file.suite, environment)
      .merging(extra) { own, _ in own }
    var runs: [TargetRun] = []
    for target in file.targets {
      let key = Key(evalFile: file.suite.relativePath, requested: target.requested)
      guard let ready = ready[key] else { continue }
      runs.append(
        TargetRun(
          ready: ready, workers: try workers(file.suite, ready.target, options),
          environment: variables, tests: target.tests,
          announcement: announcement(ready.target, file.suite, options)))
    }
    return runs
  }

  private func workers(
    _ suite: EvalSuite, _ target: ResolvedTarget, _ options: EvalOptions
  ) throws(EvalRunError) -> Int {
    let wanted = [options.workers, suite.execution.workers, target.workers]
      .compactMap(\.self).first { $0 > 0 }
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
    let label = ProgressLine.label(requested: target.requested, resolved: target.name)
    guard options.verbose else { return "Using target: \(label)" }
    let source = options.targets.isEmpty ? "test-file" : "cli"
    let model = target.settings["model"]?.string.map { ", model=\($0)" } ?? ""
    let file = target.file.map { " via \($0)" } ?? ""
    return "Using target (\(source)): \(label) [provider=\(target.provider)\(model)]\(file)"
  }
}
