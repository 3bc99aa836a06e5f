import ArgumentParser
import Core
import Reports

/// `agentv compare`.
struct CompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Compare the scores of two runs, or of the targets of one.",
    discussion: """
      Two runs: the first is the baseline; exit code 1 when the mean score drops. One run: a matrix \
      of all targets, exit code 1 when one regresses against --baseline; with --baseline and \
      --candidate, these two.

      Examples:
        agentv compare RUN-A RUN-B
        agentv compare RUN --baseline gpt-5 --candidate claude

      Exit codes: 0 no regression; 1 the second run or the candidate scores less, or an error.
      """)

  @Argument(help: "One or two runs: directories, index.jsonl files or run ids.")
  var runs: [String] = []
  @Option(
    name: [.short, .long], parsing: .unconditional,
    help: "Least difference that is a win or a loss (default: 0.1).")
  var threshold: Double = 0.1
  @Option(name: [.short, .long], help: "Target to compare with.")
  var baseline: String?
  @Option(name: [.short, .long], help: "Target to compare; needs --baseline.")
  var candidate: String?
  @Option(name: .customLong("targets"), help: "Only these targets; repeatable.")
  var targets: [String] = []
  @OptionGroup var form: FormOptions
  @OptionGroup var project: ProjectOptions

  func run() async {
    await CommandEnd.perform {
      guard threshold >= 0, threshold.isFinite else {
        throw ReportError("--threshold must be 0 or more, got: \(threshold)")
      }
      switch runs.count {
      case 1: return try compareTargets(runs[0])
      case 2: return try compareRuns(runs[0], runs[1])
      default:
        throw ReportError(
          "compare needs one or two runs, got \(runs.count); "
            + "agentv inspect list shows those of this project")
      }
    }
  }

  private func results(_ run: String) throws -> [ResultDigest] {
    let source = try ResultSource.find(run, project: project.project)
    let scan = try source.digests(keepsGraders: false)
    CommandEnd.complain(source.warning(badLines: scan.badLines))
    guard !scan.values.isEmpty else { throw ReportError("\"\(source.path)\" has no results yet") }
    guard targets.isEmpty else {
      let chosen = scan.values.filter { digest in
        targets.contains(digest.target) || digest.requestedTarget.map(targets.contains) ?? false
      }
      guard !chosen.isEmpty else {
        throw ReportError(
          "None of the specified targets found in results. Available targets: "
            + Set(scan.values.map(\.target)).sorted().joined(separator: ", "))
      }
      return chosen
    }
    return scan.values
  }

  private func compareRuns(_ first: String, _ second: String) throws -> Int32 {
    if baseline != nil || candidate != nil {
      throw ReportError(
        "--baseline and --candidate choose targets of one run; with two runs the first is the "
          + "baseline")
    }
    return show(
      Comparison(
        try results(first), try results(second), threshold: threshold, baseline: first,
        candidate: second))
  }

  private func compareTargets(_ run: String) throws -> Int32 {
    if candidate != nil, baseline == nil {
      throw ReportError("--candidate requires --baseline. Use both flags for pairwise comparison.")
    }
    let digests = try results(run)
    let groups = ScoreMatrix.groups(digests)
    func target(_ name: String, _ word: String) throws -> String {
      if groups[name] != nil { return name }
      // The name that was asked for means the target that ran.
      if let resolved = digests.first(where: { $0.requestedTarget == name })?.target {
        return resolved
      }
      throw ReportError(
        "\(word) target \"\(name)\" not found in results. Available targets: "
          + groups.keys.sorted().joined(separator: ", "))
    }
    let first = try baseline.map { try target($0, "Baseline") }
    if let first, let candidate {
      let second = try target(candidate, "Candidate")
      return show(
        Comparison(
          groups[first] ?? [], groups[second] ?? [], threshold: threshold, baseline: first,
          candidate: second))
    }
    let matrix = ScoreMatrix(groups, threshold: threshold)
    switch form.form() {
    case .json: CommandEnd.say(matrix.json)
    case .table: CommandEnd.say(matrix.text(CommandEnd.style, baseline: first))
    }
    return first.map { matrix.hasRegression(against: $0) } ?? false ? 1 : 0
  }

  private func show(_ comparison: Comparison) -> Int32 {
    switch form.form() {
    case .json: CommandEnd.say(comparison.json)
    case .table: CommandEnd.say(comparison.text(CommandEnd.style))
    }
    return comparison.meanDelta >= 0 ? 0 : 1
  }
}

/// `agentv trend`.
struct TrendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trend", abstract: "Tell whether the mean score of runs rises or falls.",
    discussion: """
      Fits a line through the mean scores of two or more runs, the oldest first. Only tests that \
      all runs have are counted, unless --allow-missing-tests is given. Exit code 1 only for a \
      degrading trend with --fail-on-degrading, or an error.

      Examples:
        agentv trend --last 5
        agentv trend RUN-A RUN-B RUN-C --fail-on-degrading

      Exit codes: 0 done; 1 a degrading trend with --fail-on-degrading, or an error.
      """)

  @Argument(help: "Runs: directories, index.jsonl files or run ids.")
  var runs: [String] = []
  @Option(parsing: .unconditional, help: "The last N runs of the project, 2 or more.")
  var last: Int?
  @Option(help: "Only tests of this suite.")
  var suite: String?
  @Option(help: "Only results of this target.")
  var target: String?
  @Option(
    parsing: .unconditional,
    help: "Least slope, score for each run, that is a movement (default: 0.01).")
  var slopeThreshold: Double = 0.01
  @Flag(help: "Exit 1 when the trend is degrading.")
  var failOnDegrading = false
  @Flag(help: "Count all tests of each run, also those that not all runs have.")
  var allowMissingTests = false
  @OptionGroup var form: FormOptions
  @OptionGroup var project: ProjectOptions

  func run() async {
    await CommandEnd.perform {
      let trend = try Trend(
        try sources(),
        Trend.Settings(
          suite: suite, target: target, allowsMissingTests: allowMissingTests,
          slopeThreshold: slopeThreshold, failsOnDegrading: failOnDegrading))
      switch form.form() {
      case .json: CommandEnd.say(trend.json)
      case .table: CommandEnd.say(trend.text(CommandEnd.style))
      }
      return trend.isTriggered ? 1 : 0
    }
  }

  private func sources() throws -> [ResultSource] {
    let project = project.project
    if !runs.isEmpty {
      guard last == nil else { throw ReportError("give either runs or --last, not both") }
      return try runs.map { try ResultSource.find($0, project: project) }
    }
    guard let last else {
      throw ReportError("name two or more runs, or use --last N for the last ones of the project")
    }
    guard last >= 2 else { throw ReportError("--last must be at least 2, got: \(last)") }
    // A run that has just begun has nothing to compare.
    let all = ResultSource.all(project: project).filter { source in
      (FileIO.status(source.path)?.size ?? 0) > 0
    }
    guard all.count >= 2 else {
      throw ReportError(
        "Trend analysis requires at least 2 run workspaces in .agentv/results/runs/, found "
          + "\(all.count)")
    }
    return all.suffix(last)
  }
}
