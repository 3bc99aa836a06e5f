// From requested names to targets that can be run, with each targets file read once.

import Core
import EvalFiles
import Providers

/// Resolves targets for the files of a run.
struct TargetResolver {
  private let options: EvalOptions
  private let workingDirectory: String
  private var files: [String: TargetSet] = [:]
  /// Warnings about targets files, not yet shown.
  private(set) var warnings: [Diagnostic] = []

  init(options: EvalOptions, workingDirectory: String) {
    self.options = options
    self.workingDirectory = workingDirectory
  }

  /// The target behind a requested name, for one eval file.
  /// - Throws: `EvalFileError` naming the target, the file and what there is.
  mutating func resolve(
    _ requested: String, useTarget: String?, suite: EvalSuite, environment: [String: String]
  ) throws(EvalFileError) -> ResolvedTarget {
    if let transcript = options.transcript {
      return .transcript(
        Path.absolute(transcript, in: workingDirectory),
        tests: suite.catalog.indices.map(suite.catalog.id))
    }
    guard options.dryRun else {
      return try set(for: suite).resolve(
        requested, useTarget: useTarget, environment: environment)
    }
    // A dry run shall work before the targets' keys are there: only the chain of names is followed.
    do throws(EvalFileError) {
      let real = try set(for: suite).resolve(
        requested, useTarget: useTarget, environment: environment)
      return .dryRun(requested: requested, name: real.name)
    } catch {
      if error.code != .targetsMissing, !options.targets.isEmpty,
        try !set(for: suite).names.contains(requested)
      {
        throw error
      }
      return .dryRun(requested: requested)
    }
  }

  /// All targets of an eval file; `nil` when its targets file is missing or cannot be read.
  mutating func targets(for suite: EvalSuite) -> TargetSet? { try? set(for: suite) }

  private mutating func set(for suite: EvalSuite) throws(EvalFileError) -> TargetSet {
    let path = try TargetsFile.find(
      explicit: options.targetsFile, evalFile: suite.path, workingDirectory: workingDirectory)
    if let known = files[path] { return known }
    let set = try TargetsFile.load(path, workingDirectory: workingDirectory)
    warnings += set.warnings
    files[path] = set
    return set
  }
}
