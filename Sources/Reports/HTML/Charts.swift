// Inline SVG with a text alternative. Sizes are attributes: the page's policy allows no style
// attributes.

/// Pictures of a report.
enum Charts {
  /// Number of bars of the distribution.
  static let bins = 10

  /// How many scores fall into each tenth; 1 belongs to the last.
  static func histogram(_ scores: [Double]) -> [Int] {
    var counts = [Int](repeating: 0, count: bins)
    for score in scores {
      // 0.3 * 10 is a little less than 3 in binary; a hair more puts it where people expect it.
      let bin = Int((min(max(score, 0), 1) * Double(bins) + 1e-9).rounded(.down))
      counts[min(bin, bins - 1)] += 1
    }
    return counts
  }

  /// The distribution of scores as bars.
  static func distribution(_ scores: [Double]) -> String {
    let counts = histogram(scores)
    let top = max(1, counts.max() ?? 1)
    let alternative = counts.enumerated().map { bin, count in
      "\(bin * 10) to \((bin + 1) * 10) percent: \(count)"
    }.joined(separator: "; ")
    let (width, height, base, room) = (560.0, 250.0, 220.0, 186.0)
    let step = width / Double(bins)
    var svg =
      "<svg class=\"chart\" viewBox=\"0 0 \(Int(width)) \(Int(height))\" role=\"img\" "
      + "aria-label=\"Distribution of scores. \(alternative)\">"
    svg +=
      "<line class=\"axis\" x1=\"0\" y1=\"\(Int(base))\" x2=\"\(Int(width))\" y2=\"\(Int(base))\"/>"
    for (bin, count) in counts.enumerated() {
      let bar = count == 0 ? 0 : max(3, room * Double(count) / Double(top))
      let x = Double(bin) * step
      let shade = bin < 5 ? "low" : bin < 8 ? "middle" : "high"
      svg += "<g><title>\(bin * 10)–\((bin + 1) * 10) %: \(count)</title>"
      svg +=
        "<rect class=\"bar \(shade)\" x=\"\((x + 6).fixed(1))\" y=\"\((base - bar).fixed(1))\" "
        + "width=\"\((step - 12).fixed(1))\" height=\"\(bar.fixed(1))\" rx=\"3\"/>"
      if count > 0 {
        svg +=
          "<text class=\"count\" x=\"\((x + step / 2).fixed(1))\" y=\"\((base - bar - 7).fixed(1))\">"
          + "\(Format.grouped(count))</text>"
      }
      svg +=
        "<text class=\"tick\" x=\"\((x + step / 2).fixed(1))\" y=\"\(Int(base + 20))\">"
        + "\(bin * 10)–\((bin + 1) * 10)</text></g>"
    }
    return svg + "</svg>"
  }

  /// Parts of a whole as one bar.
  static func parts(_ totals: RunTotals) -> String {
    let values = [
      ("ok", "passed", totals.passed), ("fail", "failed", totals.qualityFailures),
      ("error", "errors", totals.executionErrors),
    ]
    let alternative = values.map { "\($0.2) \($0.1)" }.joined(separator: ", ")
    var svg =
      "<svg class=\"parts\" viewBox=\"0 0 1000 12\" preserveAspectRatio=\"none\" role=\"img\" "
      + "aria-label=\"\(alternative)\">"
    var x = 0.0
    for (shade, name, count) in values where count > 0 {
      let width = 1000 * Double(count) / Double(max(1, totals.total))
      svg +=
        "<rect class=\"\(shade)\" x=\"\(x.fixed(2))\" y=\"0\" width=\"\(width.fixed(2))\" "
        + "height=\"12\"><title>\(count) \(name)</title></rect>"
      x += width
    }
    return svg + "</svg>"
  }

  /// A share as a small bar; its number stands beside it in the table.
  static func meter(_ share: Double) -> String {
    let shade = share >= 0.8 ? "high" : share >= 0.5 ? "middle" : "low"
    let width = 100 * min(max(share, 0), 1)
    return "<svg class=\"meter\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" "
      + "aria-hidden=\"true\"><rect class=\"track\" width=\"100\" height=\"6\"/>"
      + "<rect class=\"bar \(shade)\" width=\"\(width.fixed(1))\" height=\"6\"/></svg>"
  }

  /// The pass rate as a ring.
  static func ring(_ share: Double) -> String {
    // Circumference of a circle with radius 52.
    let around = 326.726
    let filled = around * min(max(share, 0), 1)
    let shade = share >= 0.8 ? "high" : share >= 0.5 ? "middle" : "low"
    return "<svg class=\"ring\" viewBox=\"0 0 120 120\" role=\"img\" "
      + "aria-label=\"Pass rate \(Format.percent(share))\">"
      + "<circle class=\"track\" cx=\"60\" cy=\"60\" r=\"52\"/>"
      + "<circle class=\"arc \(shade)\" cx=\"60\" cy=\"60\" r=\"52\" "
      + "stroke-dasharray=\"\(filled.fixed(1)) \(around.fixed(1))\" "
      + "transform=\"rotate(-90 60 60)\"/>"
      + "<text x=\"60\" y=\"60\" dominant-baseline=\"central\">\(Format.percent(share))</text></svg>"
  }
}
