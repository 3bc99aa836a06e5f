import ArgumentParser
import Core
import RunArtifacts
import RunControl

/// What the shell offers for the name of a run.
enum RunCompletion {
  /// Ids of live runs and of their jobs.
  static var live: CompletionKind {
    .custom { words, _, _ in
      finder(words).live().flatMap { [$0.directory.runID] + [$0.job?.id].compactMap(\.self) }
    }
  }

  /// Ids of all runs, newest first.
  static var all: CompletionKind {
    .custom { words, _, _ in finder(words).directories().prefix(200).map(\.runID) }
  }

  /// The finder of the project that the words of a command line name.
  private static func finder(_ words: [String]) -> RunFinder {
    let cwd = FileIO.workingDirectory
    var project = ProjectRoot.find(from: cwd)
    for (word, value) in zip(words, words.dropFirst()) where word == "-d" || word == "--dir" {
      project = Path.absolute(value, in: cwd)
    }
    return RunFinder(project: project, workingDirectory: cwd)
  }
}
