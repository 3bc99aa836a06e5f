// The summaries of a run that nobody writes any more, made from its rows.

public import Core

extension RunDirectory {
  /// Writes benchmark.json and timing.json anew from the rows that count.
  ///
  /// What only the start of the run knew, its eval file, experiment and plan, is taken over from the
  /// files that are there. Blocks.
  /// - Parameter now: the time to name when no row tells one.
  /// - Returns: how many results and targets there are.
  /// - Throws: `RunArtifactsError`; `.busy` while another process writes the run.
  public func summarize(
    now: Timestamp
  ) throws(RunArtifactsError) -> (results: Int, targets: Int) {
    let lock = try RunWriter.takeLock(self)
    defer { withExtendedLifetime(lock) {} }
    do throws(FileError) {
      let contents = try read()
      let rows = contents.effectiveRows
      let metadata = contents.benchmark?["metadata"]
      let files = contents.record?.launch.evalFiles ?? []
      let recorded =
        files.count == 1
        ? contents.record.map { Path.absolute(files[0], in: $0.cwd) } : nil
      let heading = RunSummary.Heading(
        evalFile: metadata?["eval_file"]?.string ?? recorded ?? "",
        experiment: metadata?["experiment"]?.string ?? contents.record?.experiment
          ?? experiment ?? "default",
        plannedTestCount: contents.plannedTestCount)
      try FileIO.replace([
        FileContent(
          file(RunFile.benchmark),
          RunSummary.benchmark(heading, rows: rows, now: now).pretty() + [0x0A]),
        FileContent(file(RunFile.timing), RunSummary.timing(rows).pretty() + [0x0A]),
      ])
      return (rows.count, Set(rows.map(\.target)).count)
    } catch {
      throw RunArtifactsError(.file(error), path: path)
    }
  }
}
