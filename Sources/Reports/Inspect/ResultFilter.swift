// Which results of which runs (reference: cli 1, inspect filter).

public import Core
public import RunArtifacts

/// Conditions on results, all of which must hold.
public struct ResultFilter: Sendable, Hashable {
  /// Name of the target, resolved or as it was asked for.
  public var target: String?
  /// Experiment label.
  public var experiment: String?
  /// Only scores below this.
  public var scoreBelow: Double?
  /// Only scores above this.
  public var scoreAbove: Double?
  /// Only this status.
  public var status: ExecutionStatus?
  /// Part of the name of a tool that was called, in any case.
  public var tool: String?

  /// No condition.
  public init() {}

  /// The status that a word means: `pass`, `fail`, `error` or a status as rows write it.
  /// - Throws: `ReportError` for another word.
  public static func status(_ word: String) throws(ReportError) -> ExecutionStatus {
    switch word.lowercased() {
    case "pass", "passed", "ok": return .ok
    case "fail", "failed", "quality_failure": return .qualityFailure
    case "error", "execution_error": return .executionError
    default:
      throw ReportError(
        "--status must be pass, fail, error, ok, quality_failure or execution_error, got: \(word)")
    }
  }

  /// Whether a result meets the conditions that need no messages.
  public func matches(_ digest: ResultDigest, experiment own: String) -> Bool {
    if let target, target != digest.target, target != digest.requestedTarget { return false }
    if let experiment, experiment != digest.experiment ?? own { return false }
    if let scoreBelow, digest.score >= scoreBelow { return false }
    if let scoreAbove, digest.score <= scoreAbove { return false }
    return status.map { $0 == digest.status } ?? true
  }

  /// Whether a result's tools meet the condition on them.
  public func matches(_ row: ResultRow, _ detail: ResultDetail) -> Bool {
    guard let tool = tool?.lowercased() else { return true }
    let counted = row.extra["trace"]?["tool_calls"]?.object?.names ?? []
    let called = ToolCallDigest.all(in: detail.output).map(\.name)
    return (counted + called).contains { $0.lowercased().contains(tool) }
  }
}

/// A result that was found in one of several runs.
public struct FoundResult: Sendable {
  /// The run.
  public var source: ResultSource
  /// The result.
  public var digest: ResultDigest

  /// Upstream's members, then ours.
  public var json: JSON {
    var object: JSONObject = ["test_id": .string(digest.testID), "target": .string(digest.target)]
    object["experiment"] = .string(digest.experiment ?? source.experiment)
    object["score"] = .double(digest.score)
    object["execution_status"] = .string(digest.status.rawValue)
    object["suite"] = digest.suite.map(JSON.string)
    object["duration_ms"] = digest.durationMS.map(JSON.int)
    object["cost_usd"] = digest.costUSD.map(JSON.double)
    object["run_id"] = .string(source.label)
    object["file"] = .string(source.path)
    return .object(object)
  }

  /// The runs beneath a path: itself, or every run in it; all of the project without a path.
  /// - Throws: `ReportError` when the path does not exist.
  public static func sources(
    _ path: String?, project: String
  ) throws(ReportError) -> [ResultSource] {
    guard let path else { return ResultSource.all(project: project) }
    let absolute = Path.absolute(path, in: project)
    guard FileIO.isDirectory(absolute), !RunDirectory.holdsRun(absolute) else {
      return [try ResultSource.find(path, project: project)]
    }
    var found: [ResultSource] = []
    collect(absolute, project, depth: 0, into: &found)
    return found
  }

  private static func collect(
    _ path: String, _ project: String, depth: Int, into found: inout [ResultSource]
  ) {
    guard depth < 8 else { return }
    for name in (try? FileIO.list(path)) ?? [] {
      let child = Path.join(path, name)
      guard FileIO.linkStatus(child)?.kind == .directory else { continue }
      if RunDirectory.holdsRun(child) {
        found.append(ResultSource(RunDirectory(path: child, project: project)))
      } else {
        collect(child, project, depth: depth + 1, into: &found)
      }
    }
  }

  /// The results of runs that meet a filter.
  /// - Parameters:
  ///   - sources: the runs.
  ///   - filter: what results must meet.
  ///   - warn: gets a sentence for each run with lines that could not be read.
  /// - Returns: the results, run by run.
  /// - Throws: `FileError` or `ReportError`.
  public static func all(
    in sources: [ResultSource], _ filter: ResultFilter, warn: (String) -> Void
  ) throws -> [FoundResult] {
    var found: [FoundResult] = []
    for source in sources {
      let scan = try source.digests()
      if let warning = source.warning(badLines: scan.badLines) { warn(warning) }
      let candidates = scan.values.filter { filter.matches($0, experiment: source.experiment) }
      guard filter.tool != nil else {
        found += candidates.map { FoundResult(source: source, digest: $0) }
        continue
      }
      for digest in candidates {
        try InspectSource(source).forEach([digest]) { row, detail in
          if filter.matches(row, detail) {
            found.append(FoundResult(source: source, digest: digest))
          }
        }
      }
    }
    return found
  }

  /// The table for people.
  public static func text(_ found: [FoundResult], _ style: TextStyle) -> String {
    guard !found.isEmpty else { return style.paint("No matching results found.", .yellow) + "\n" }
    var table = TextTable([
      .left("Test ID", limit: 40), .left("Target", limit: 24), .left("Experiment", limit: 20),
      .right("Score"), .left("Run", limit: 40), .left("Status"),
    ])
    for result in found {
      let color: TextStyle.Color =
        switch result.digest.status {
        case .ok: .green
        case .qualityFailure: .yellow
        case .executionError: .red
        }
      table.add(
        [
          result.digest.testID, result.digest.target,
          result.digest.experiment ?? result.source.experiment,
          Format.percent(result.digest.score), result.source.label, result.digest.status.rawValue,
        ], color: color)
    }
    let totals = RunTotals(found.map(\.digest))
    let mean = totals.meanScore.map(Format.percent) ?? "–"
    let sum = "\(totals.total) results | \(totals.passed) passed | mean score: \(mean)"
    return """

      \(style.bold("Filtered Results")) \
      \(style.dim("(\(found.count) match\(found.count == 1 ? "" : "es"))"))

      \(table.text(style))

      \(style.dim(sum))

      """
  }
}
