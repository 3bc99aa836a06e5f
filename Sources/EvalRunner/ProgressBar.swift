// The live line on a terminal: pure, so that its look is tested without one.

/// What the live line tells.
struct ProgressBar: Sendable, Equatable {
  /// Tests to run in this invocation.
  var total = 0
  /// Tests with a row.
  var done = 0
  /// Tests whose status is `ok`.
  var ok = 0
  /// Names of the tests running now, longest first.
  var running: [String] = []
  /// Sum of the reported costs, US dollars; `nil` when none was reported.
  var costUSD: Double?
  /// Time since the first test started, seconds.
  var elapsedSeconds = 0.0
  /// Whether a stop was asked for.
  var isStopping = false

  private static let cells = 20

  /// The line, cut to the width of the terminal.
  func line(columns: Int) -> String {
    let filled = total == 0 ? 0 : min(Self.cells, done * Self.cells / total)
    let bar =
      String(repeating: "█", count: filled) + String(repeating: "░", count: Self.cells - filled)
    var parts = ["\(done)/\(total) \(bar)"]
    if isStopping { parts.append("stopping") }
    if done > 0 { parts.append("pass \(percent(Double(ok) / Double(done)))") }
    if let costUSD { parts.append("$\(fixed(costUSD, 4))") }
    if let remaining { parts.append("ETA \(clock(remaining))") }
    parts.append("\(running.count) running" + (running.isEmpty ? "" : ": "))
    let text = parts.joined(separator: " · ") + running.joined(separator: ", ")
    let scalars = Array(text.unicodeScalars.map { $0.value < 0x20 ? " " : $0 })
    // One column stays free: a full last column wraps on some terminals.
    guard scalars.count > columns - 1 else { return Self.string(scalars) }
    return Self.string(scalars.prefix(max(0, columns - 2))) + "…"
  }

  /// Seconds until the end at the pace so far; unknown before the first row.
  private var remaining: Int? {
    guard done > 0, done < total else { return nil }
    return Int((elapsedSeconds / Double(done) * Double(total - done)).rounded(.up))
  }

  private static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var text = ""
    text.unicodeScalars.append(contentsOf: scalars)
    return text
  }
}
