// Percentiles of what tests took (reference: cli 1, inspect stats).

public import Core
import RunArtifacts

/// Percentiles by group.
public struct ResultStatistics: Sendable {
  /// What results are grouped by.
  public enum Grouping: String, Sendable, Hashable, CaseIterable {
    case target, suite
    case testID = "test-id"
  }

  /// One measure over the results of a group.
  struct Metric: Sendable {
    enum Unit: Sendable { case ratio, seconds, dollars, count }
    var name: String
    var unit: Unit
    var sorted: [Double]

    func text(_ value: Double) -> String {
      switch unit {
      case .ratio: value.fixed(2)
      case .seconds: value.fixed(1)
      case .dollars: Format.dollars(value)
      case .count: Int(exactly: value.rounded()).map(Format.grouped) ?? value.fixed(0)
      }
    }
  }

  struct Group: Sendable {
    var label: String
    var count: Int
    var metrics: [Metric]
  }

  let path: String
  let groups: [Group]
  private static let percents = [50.0, 90, 95, 99]

  /// Statistics of results.
  /// - Parameters:
  ///   - digests: the results.
  ///   - path: where they are from.
  ///   - grouping: `nil` for one group of all.
  public init(_ digests: [ResultDigest], path: String, by grouping: Grouping?) {
    self.path = path
    let grouped = Dictionary(grouping: digests) { digest in
      switch grouping {
      case .target: digest.target
      case .suite: digest.suite ?? "unknown"
      case .testID: digest.testID
      case nil: "all"
      }
    }
    groups = grouped.sorted { $0.key < $1.key }.map { label, digests in
      Group(label: label, count: digests.count, metrics: Self.metrics(digests))
    }
  }

  private static func metrics(_ digests: [ResultDigest]) -> [Metric] {
    var metrics: [Metric] = []
    func add(_ name: String, _ unit: Metric.Unit, _ values: [Double]) {
      if !values.isEmpty { metrics.append(Metric(name: name, unit: unit, sorted: values.sorted())) }
    }
    add("score", .ratio, digests.filter(\.hasScore).map(\.score))
    add("latency_s", .seconds, digests.compactMap(\.durationMS).map { Double($0) / 1000 })
    add("cost_usd", .dollars, digests.compactMap(\.costUSD))
    add("tokens_total", .count, digests.compactMap(\.tokens).map { Double($0.total) })
    add("tool_calls", .count, digests.compactMap(\.toolCalls).map(Double.init))
    add("llm_calls", .count, digests.compactMap(\.llmCalls).map(Double.init))
    return metrics
  }

  /// Upstream's document.
  public var json: JSON {
    [
      "file": .string(path),
      "groups": .array(
        groups.map { group in
          [
            "label": .string(group.label), "count": .int(group.count),
            "metrics": .object(
              JSONObject(
                group.metrics.map { metric in
                  var object: JSONObject = [
                    "mean": .double((Statistics.mean(metric.sorted) ?? 0).rounded(decimals: 4))
                  ]
                  for percent in Self.percents {
                    object["p\(Int(percent))"] = .double(
                      Statistics.percentile(metric.sorted, percent).rounded(decimals: 4))
                  }
                  return (metric.name, JSON.object(object))
                })),
          ]
        }),
    ]
  }

  /// The tables for people.
  public func text(_ style: TextStyle) -> String {
    var lines = ["", "\(style.bold("Statistics:")) \(style.paint(path, .cyan))"]
    for group in groups {
      if groups.count > 1 || group.label != "all" {
        lines.append("")
        lines.append(
          style.bold("Group: \(group.label)") + " " + style.dim("(\(group.count) tests)"))
      } else {
        lines.append(style.dim("\(group.count) tests"))
      }
      var table = TextTable(
        [.left("Metric"), .right("Mean")] + Self.percents.map { .right("P\(Int($0))") })
      for metric in group.metrics {
        table.add(
          [metric.name, metric.text(Statistics.mean(metric.sorted) ?? 0)]
            + Self.percents.map { metric.text(Statistics.percentile(metric.sorted, $0)) })
      }
      lines += ["", table.text(style)]
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
