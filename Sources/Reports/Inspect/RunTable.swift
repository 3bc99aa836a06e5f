// The runs of a project for people (reference: cli 1, inspect list).

public import RunArtifacts

/// The list of runs as a table.
public enum RunTable {
  /// The table; a hint when there are no runs.
  public static func text(_ runs: [RunMeta], _ style: TextStyle) -> String {
    guard !runs.isEmpty else {
      return style.paint("No run workspaces found in .agentv/results/runs/", .yellow)
        + "\nRun an evaluation first: agentv eval <eval-file>\n"
    }
    var table = TextTable([
      .left("File"), .right("Tests"), .right("Pass"), .right("Score"), .right("Size"),
      .left("Timestamp"), .left("Status"),
    ])
    for run in runs {
      let color: TextStyle.Color =
        switch run.status {
        case .running: .cyan
        case .finished: run.okCount == run.testCount ? .green : .yellow
        case .interrupted: .red
        case .unknown: .gray
        }
      table.add(
        [
          run.runID, String(run.testCount), Format.percent(run.passRate),
          run.averageScore.map(Format.percent) ?? "–", Format.bytes(run.sizeBytes), run.timestamp,
          run.status.rawValue,
        ], color: color)
    }
    return """

      \(style.bold("Evaluation Runs")) \(style.dim("(.agentv/results/runs/)"))

      \(table.text(style))

      \(style.dim("\(runs.count) run workspace\(runs.count == 1 ? "" : "s") found"))

      """
  }
}
