// The texts of a run for those who watch it from outside.

public import RunArtifacts

/// Renders rows, the live line and the summary as `agentv eval` does.
public struct RunText: Sendable {
  private let console: Console
  private let lines: ProgressLine

  /// Texts.
  /// - Parameters:
  ///   - hasColor: whether escape sequences may be used for colours.
  ///   - isMatrix: whether ids are followed by their target, because there is more than one.
  public init(hasColor: Bool, isMatrix: Bool) {
    console = Console(hasColor: hasColor)
    lines = ProgressLine(isMatrix: isMatrix)
  }

  /// The line of a test that has its row.
  public func line(_ row: ResultRow, done: Int, total: Int) -> String {
    lines.finished(row, done: done, total: total, console: console)
  }

  /// The live line, cut to the width of the terminal.
  /// - Parameters:
  ///   - done: tests with a row.
  ///   - ok: those whose status is `ok`.
  ///   - total: tests planned.
  ///   - costUSD: sum of the reported costs; `nil` when none was reported.
  ///   - running: names of the tests running now.
  ///   - elapsedSeconds: time since the start; 0 leaves the time that remains out.
  ///   - isStopping: whether a stop was asked for.
  ///   - columns: width of the terminal.
  /// - Returns: the line.
  public func liveLine(
    done: Int, ok: Int, total: Int, costUSD: Double?, running: [String], elapsedSeconds: Double,
    isStopping: Bool, columns: Int
  ) -> String {
    ProgressBar(
      total: total, done: done, ok: ok, running: running, costUSD: costUSD,
      elapsedSeconds: elapsedSeconds, isStopping: isStopping
    ).line(columns: columns)
  }

  /// The summary of the rows that count, with the matrix when there are several targets.
  /// - Parameters:
  ///   - rows: the rows.
  ///   - threshold: pass score that was asked for.
  /// - Returns: lines, the first one empty.
  public func summary(_ rows: [ResultRow], threshold: Double?) -> String {
    var text = SummaryText(rows, threshold: threshold, console: console).text
    var seen = Set<String>()
    let targets = rows.map { $0.requestedTarget ?? $0.target }.filter { seen.insert($0).inserted }
    if targets.count > 1 { text += "\n" + MatrixTable.text(rows, targets: targets) }
    return text
  }
}
