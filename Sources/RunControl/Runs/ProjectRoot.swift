// Which project a command means that was given none.

import Core

/// The directory whose results tree is meant.
public enum ProjectRoot {
  /// The nearest directory, from the given one upwards, that has a results tree; the given one when
  /// there is none.
  public static func find(from directory: String) -> String {
    var current = Path.normalize(directory)
    while true {
      if FileIO.isDirectory(Path.join(current, ".agentv/results/runs")) { return current }
      let parent = Path.directory(current)
      if parent == current || current == "/" { return Path.normalize(directory) }
      current = parent
    }
  }
}
