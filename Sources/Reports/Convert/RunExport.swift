// `agentv results export`: the directory of a run, made whole from its rows (reference: cli 10).

import Core
import RunArtifacts

/// Writes the artifacts of a run anew, from rows of any shape.
public enum RunExport {
  /// Writes a run directory: one row for each test that counts, its artifacts, the summaries.
  /// - Parameters:
  ///   - source: the run.
  ///   - path: the new directory, absolute; it must be empty or missing.
  ///   - project: what gives the new run its id.
  /// - Returns: the number of tests, and of lines that could not be read.
  /// - Throws: `FileError` or `ReportError`.
  public static func write(
    _ source: ResultSource, to path: String, project: String
  ) throws -> (tests: Int, badLines: Int) {
    if FileIO.exists(path), !FileIO.isDirectory(path) {
      throw ReportError("cannot export to \"\(path)\": it is no directory")
    }
    guard try !FileIO.exists(path) || FileIO.list(path).isEmpty else {
      throw ReportError("\"\(path)\" is not empty; choose another --output")
    }
    let scan = try source.digests()
    guard !scan.values.isEmpty else { throw ReportError("\"\(source.path)\" has no results yet") }
    try FileIO.createDirectories(path)
    let artifacts = ArtifactReader(source.directory)
    let layout = ArtifactLayout(
      plan: scan.values.map {
        ArtifactLayout.Parts(
          suite: $0.suite, testID: $0.testID, target: $0.requestedTarget ?? $0.target)
      }, existing: [])
    var index = try OutputFile(Path.join(path, RunFile.index))
    var slim: [ResultRow] = []
    for (number, digest) in scan.values.enumerated() {
      var row = try source.row(of: digest)
      let detail = ResultDetail(row, artifacts)
      row.durationMS = detail.durationMS
      row.tokenUsage = detail.tokenUsage
      row.experiment = row.experiment ?? source.experiment
      if row.scores.isEmpty { row.scores = detail.scores?.array ?? [] }
      for name in ["assertions", "input", "output", "messages_path"] { row.extra[name] = nil }
      (row.inputPath, row.outputPath, row.responsePath) = (nil, nil, nil)
      try TestArtifacts(
        input: detail.input?.array ?? [], output: detail.output?.array ?? [],
        assertions: detail.assertions?.array ?? [], graders: detail.scores?.array ?? []
      ).write(for: &row, at: layout.directory(number), in: path)
      try index.write(row.line)
      row.scores = row.scores.map { score in
        ["name": score["name"] ?? "", "type": score["type"] ?? "", "score": score["score"] ?? 0]
      }
      row.extra = [:]
      row.metadata = nil
      slim.append(row)
    }
    try index.finish()
    try writeSummaries(source, slim, to: path)
    return (slim.count, scan.badLines)
  }

  private static func writeSummaries(
    _ source: ResultSource, _ rows: [ResultRow], to path: String
  ) throws {
    let old = source.directory.json(RunFile.benchmark)?["metadata"]
    let heading = RunSummary.Heading(
      evalFile: old?["eval_file"]?.string ?? "",
      experiment: old?["experiment"]?.string ?? source.experiment,
      plannedTestCount: old?["planned_test_count"]?.int)
    let benchmark = RunSummary.benchmark(heading, rows: rows, now: .now())
    try FileIO.replace(Path.join(path, RunFile.benchmark), benchmark.pretty() + [0x0A])
    try FileIO.replace(
      Path.join(path, RunFile.timing), RunSummary.timing(rows).pretty() + [0x0A])
  }
}
