// A comparison for people.

extension Comparison {
  /// The table and its summary.
  public func text(_ style: TextStyle) -> String {
    var lines = [
      "",
      "\(style.bold("Comparing:")) \(style.paint(baseline, .cyan)) → "
        + style.paint(candidate, .cyan), "",
    ]
    if matched.isEmpty {
      lines.append(style.paint("No matching test IDs found between files.", .yellow))
    } else {
      var table = TextTable([
        .left("Test ID", limit: 60), .right("Baseline"), .right("Candidate"), .right("Delta"),
        .left("Result"),
      ])
      for test in matched {
        let mark: (text: String, color: TextStyle.Color) =
          switch test.outcome {
          case .win: ("✓ win", .green)
          case .loss: ("✗ loss", .red)
          case .tie: ("= tie", .gray)
          }
        table.add(
          [
            test.key.text, test.score1.fixed(2), test.score2.fixed(2), Self.signed(test.delta, 2),
            mark.text,
          ], color: mark.color)
      }
      lines.append(table.text(style))
    }
    if unmatched1 + unmatched2 > 0 {
      lines += [
        "",
        "\(style.paint("⚠ Unmatched:", .yellow)) \(unmatched1) in baseline, "
          + "\(unmatched2) in candidate",
      ]
    }
    lines += ["", summary(style), ""]
    return lines.joined(separator: "\n")
  }

  private func summary(_ style: TextStyle) -> String {
    let status =
      meanDelta > 0
      ? style.paint("improved", .green)
      : meanDelta < 0 ? style.paint("regressed", .red) : style.paint("neutral", .gray)
    return "\(style.bold("Summary:")) \(counts) | Mean Δ: \(Self.signed(meanDelta, 3))"
      + (meanNormalizedGain.map { " | g: \(Self.signed($0, 3))" } ?? "") + " | Status: \(status)"
  }

  /// `2 wins, 1 loss, 0 ties`.
  var counts: String {
    func plural(_ count: Int, _ one: String, _ many: String) -> String {
      "\(count) \(count == 1 ? one : many)"
    }
    return [
      plural(count(.win), "win", "wins"), plural(count(.loss), "loss", "losses"),
      plural(count(.tie), "tie", "ties"),
    ].joined(separator: ", ")
  }

  static func signed(_ value: Double, _ decimals: Int) -> String {
    let text = value.fixed(decimals)
    return text.hasPrefix("-") ? text : "+" + text
  }
}
