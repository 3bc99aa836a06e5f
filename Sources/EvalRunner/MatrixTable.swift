// The table of a run on several targets.

import Core
import RunArtifacts

/// Renders tests × targets.
enum MatrixTable {
  /// The table with its heading.
  /// - Parameters:
  ///   - rows: the rows that count.
  ///   - targets: requested targets in the order of the columns.
  /// - Returns: lines, the first one empty.
  static func text(_ rows: some Collection<some CountedRow>, targets: [String]) -> String {
    // Equal ids of two files are two lines.
    var tests: [(key: String, id: String)] = []
    var scores: [String: [String: Double]] = [:]
    for row in rows {
      let key = "\(row.evalFile ?? "")::\(row.testID)"
      if scores[key] == nil { tests.append((key, row.testID)) }
      // `-` for a test that could not be judged: its score says nothing about the target.
      scores[key, default: [:]][row.requestedTarget ?? row.target] =
        row.executionStatus == .executionError ? nil : row.score
    }
    let body = tests.map { test in
      [test.id] + targets.map { scores[test.key]?[$0].map(percent) ?? "-" }
    }
    let average =
      ["Average"]
      + targets.map { target in
        let values = tests.compactMap { scores[$0.key]?[target] }
        return values.isEmpty ? "-" : percent(values.reduce(0, +) / Double(values.count))
      }
    let header = ["Test"] + targets
    let widths = header.indices.map { column in
      ([header, average] + body).map { $0[column].count }.max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      let padded = zip(cells, widths).enumerated().map { column, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 0 ? cell.0 + space : space + cell.0
      }
      return padded.joined(separator: "  ")
    }
    let dashes = widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ")
    let rule = String(repeating: "=", count: 50)
    return
      (["", rule, "MATRIX RESULTS (tests × targets)", rule, "", line(header), dashes]
      + body.map(line) + [dashes, line(average)]).joined(separator: "\n")
  }
}
