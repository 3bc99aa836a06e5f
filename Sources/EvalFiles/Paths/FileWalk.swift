// Walking directories for files that match a glob.

import Core

/// Searches of the file system.
enum FileWalk {
  /// Deepest nesting that is walked; deeper trees are taken for loops of links.
  static let maximumDepth = 64

  /// Ending of a file's name in lower case, without the dot; empty when there is none.
  static func ending(_ path: String) -> String {
    let name = Path.name(path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return name[name.index(after: dot)...].lowercased()
  }

  /// Finds files that match a glob.
  /// - Parameters:
  ///   - glob: the pattern; a leading `/` makes it absolute.
  ///   - directory: what it is relative to, absolute.
  ///   - skipping: names of directories that are not entered.
  /// - Returns: the files, absolute, sorted.
  static func files(
    matching glob: Glob, in directory: String, skipping: Set<String> = []
  ) -> [String] {
    var found: Set<String> = []
    for segments in glob.alternatives {
      // The part without wildcards is entered directly, so that `../x/*.yaml` works and no sibling
      // is listed in vain.
      var base = glob.pattern.hasPrefix("/") ? "/" : directory
      var rest = segments[...]
      while rest.count > 1, let name = rest.first?.literal {
        base = Path.absolute(name, in: base)
        rest = rest.dropFirst()
      }
      walk(
        base, Array(rest), GlobStates(start: Array(rest)), skipping, trail: [], &found)
    }
    return found.sorted()
  }

  private static func walk(
    _ directory: String, _ segments: [GlobSegment], _ states: GlobStates,
    _ skipping: Set<String>, trail: [UInt64], _ found: inout Set<String>
  ) {
    guard trail.count < maximumDepth, let status = FileIO.status(directory),
      status.kind == .directory, !trail.contains(status.inode),
      let names = try? FileIO.list(directory)
    else { return }
    for name in names {
      let path = directory == "/" ? "/\(name)" : "\(directory)/\(name)"
      var below = states
      below.enter(name[...], in: segments)
      let completes = states.accepts(name[...], in: segments)
      guard completes || !below.isDead, let kind = FileIO.status(path)?.kind else { continue }
      if kind == .file, completes {
        found.insert(path)
      } else if kind == .directory, !below.isDead, !skipping.contains(name) {
        walk(path, segments, below, skipping, trail: trail + [status.inode], &found)
      }
    }
  }
}
