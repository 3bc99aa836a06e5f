// `agentv eval aggregate`: the summaries of a run, made anew from its rows.

import Core
import RunArtifacts

/// Makes the summaries of a run anew.
public enum RunAggregation {
  /// Writes benchmark.json and timing.json of a run and says so.
  /// - Parameters:
  ///   - path: the run directory, or its index.
  ///   - workingDirectory: absolute path of the directory that relative paths start from.
  /// - Returns: the exit code: 0, or 1 when there is no such run, or it cannot be written.
  public static func run(_ path: String, workingDirectory: String) -> Int32 {
    var absolute = Path.absolute(path, in: workingDirectory)
    if FileIO.isFile(absolute), Path.name(absolute) == RunFile.index {
      absolute = Path.directory(absolute)
    }
    let directory = RunDirectory(path: absolute, project: workingDirectory)
    guard FileIO.isFile(directory.file(RunFile.index)) else {
      StandardStream.error.write(
        "Error: no run in \"\(path)\": it has no \(RunFile.index); name the directory of a run\n")
      return 1
    }
    do throws(RunArtifactsError) {
      let summary = try directory.summarize(now: .now())
      StandardStream.output.write(
        """
        Aggregated \(summary.results) test result(s) across \(summary.targets) target(s)
          Benchmark: \(directory.file(RunFile.benchmark))
          Timing:    \(directory.file(RunFile.timing))

        """)
      return 0
    } catch {
      StandardStream.error.write("Error: \(error)\n")
      return 1
    }
  }
}
