// A launch that has passed every check.

import Core

struct LaunchPlan: Sendable, Hashable {
  /// Arguments of `agentv`, the executable left out.
  var arguments: [String]
  /// The command line shown to people.
  var command: String
  /// The project's directory; the run starts in it.
  var project: String
  /// Absolute path of the run directory.
  var runDirectory: String
  /// Id under which the run is listed.
  var runID: String
  /// The target asked for; `nil` when the eval files decide.
  var target: String?
  /// What was asked for, comma-separated.
  var suiteFilter: String

  /// The run directory as people see it: relative to the project when it is inside.
  var displayDirectory: String {
    Path.isInside(runDirectory, project)
      ? Path.relative(runDirectory, to: project) : runDirectory
  }
}
