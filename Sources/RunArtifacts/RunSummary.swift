// benchmark.json and timing.json (reference: run-artifacts 4), computed from the rows that count.
// One rule decides what passed: the row's status is `ok` (design 9).

public import Core

/// Rounds to the three decimals of the summaries.
func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

/// The summaries of a run.
public enum RunSummary {
  /// What the summary says about the run as a whole.
  public struct Heading: Sendable, Hashable {
    /// Absolute path of the eval file when there is exactly one, else empty.
    public var evalFile: String
    /// Experiment label.
    public var experiment: String
    /// Executions planned; `nil` when unknown.
    public var plannedTestCount: Int?

    /// A heading.
    public init(evalFile: String, experiment: String, plannedTestCount: Int?) {
      self.evalFile = evalFile
      self.experiment = experiment
      self.plannedTestCount = plannedTestCount
    }
  }

  /// The content of benchmark.json; with no rows, the stub that a run starts with.
  /// - Parameters:
  ///   - heading: about the run as a whole.
  ///   - rows: the rows that count.
  ///   - now: used as the timestamp when no row has one.
  /// - Returns: the object to write.
  public static func benchmark(
    _ heading: Heading, rows: some Collection<some CountedRow>, now: Timestamp
  ) -> JSON {
    var metadata: JSONObject = [
      "eval_file": .string(heading.evalFile),
      "timestamp": .string(rows.first?.timestamp ?? now.description),
      "targets": .array(Set(rows.lazy.map(\.target)).sorted().map(JSON.string)),
      "tests_run": .array(Self.distinct(rows.map(\.testID)).map(JSON.string)),
      "experiment": .string(heading.experiment),
    ]
    if let planned = heading.plannedTestCount { metadata["planned_test_count"] = .int(planned) }
    var benchmark: JSONObject = ["metadata": .object(metadata), "run_summary": targets(rows)]
    let graders = perGrader(rows)
    if !graders.isEmpty { benchmark["per_grader_summary"] = .object(graders) }
    benchmark["notes"] = notes(rows)
    return .object(benchmark)
  }

  /// The texts in order, each once; sorted in place, since there may be a hundred thousand.
  private static func distinct(_ texts: consuming [String]) -> [String] {
    texts.sort()
    var count = 0
    for index in texts.indices where index == 0 || texts[index] != texts[index - 1] {
      texts[count] = texts[index]
      count += 1
    }
    texts.removeSubrange(count...)
    return texts
  }

  /// The columns of one target.
  private struct Columns {
    var passes: [Double] = []
    var seconds: [Double] = []
    var tokens: [Double] = []
    var costs: [Double] = []
  }

  private static func targets(_ rows: some Collection<some CountedRow>) -> JSON {
    var groups: [String: Columns] = [:]
    for row in rows {
      groups[row.target, default: Columns()].passes.append(row.executionStatus == .ok ? 1 : 0)
      groups[row.target, default: Columns()].seconds.append(Double(row.durationMS ?? 0) / 1000)
      groups[row.target, default: Columns()].tokens.append(Double(row.tokenUsage?.total ?? 0))
      if let cost = row.costUSD { groups[row.target, default: Columns()].costs.append(cost) }
    }
    return .object(
      JSONObject(
        groups.sorted { $0.key < $1.key }.map { name, columns in
          var summary: JSONObject = [
            "pass_rate": spread(columns.passes), "time_seconds": spread(columns.seconds),
            "tokens": spread(columns.tokens),
          ]
          if !columns.costs.isEmpty {
            summary["cost_usd"] = spread(columns.costs, decimals: 1_000_000)
          }
          return (name, JSON.object(summary))
        }))
  }

  private static func perGrader(_ rows: some Collection<some CountedRow>) -> JSONObject {
    var order: [String] = []
    var values: [String: [Double]] = [:]
    for row in rows {
      for mark in row.graderMarks {
        if values[mark.key] == nil { order.append(mark.key) }
        values[mark.key, default: []].append(mark.score)
      }
    }
    return JSONObject(order.map { ($0, spread(values[$0] ?? [])) })
  }

  private static func notes(_ rows: some Collection<some CountedRow>) -> JSON {
    if rows.isEmpty { return ["No results to summarize"] }
    let errors = rows.count { $0.executionStatus == .executionError }
    if errors == 0 { return [] }
    return [
      .string(
        "\(errors) test(s) had execution errors and are included in pass_rate as failures")
    ]
  }

  /// Mean and population standard deviation.
  private static func spread(_ values: [Double], decimals: Double = 1000) -> JSON {
    guard !values.isEmpty else { return ["mean": 0, "stddev": 0] }
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    func cut(_ value: Double) -> JSON { .double((value * decimals).rounded() / decimals) }
    return ["mean": cut(mean), "stddev": cut(variance.squareRoot())]
  }

  /// The content of timing.json, for one test or a run: sums of what the targets took, not wall
  /// time.
  public static func timing(_ rows: some Collection<some CountedRow>) -> JSON {
    let duration = rows.reduce(0) { $0 + ($1.durationMS ?? 0) }
    var usage = TokenCount(input: 0, output: 0, reasoning: 0)
    for row in rows {
      usage.input += row.tokenUsage?.input ?? 0
      usage.output += row.tokenUsage?.output ?? 0
      usage.reasoning = (usage.reasoning ?? 0) + (row.tokenUsage?.reasoning ?? 0)
    }
    return [
      "total_tokens": .int(usage.total), "duration_ms": .int(duration),
      "total_duration_seconds": .double(rounded(Double(duration) / 1000)),
      "token_usage": usage.json,
    ]
  }
}
