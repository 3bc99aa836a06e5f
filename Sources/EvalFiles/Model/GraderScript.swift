// Grader types that a project defines itself: files below `.agentv`.

import Core

/// The file behind a grader type of a project's own.
public struct GraderScript: Sendable, Hashable {
  /// Directories below `.agentv` in which such files stand, first wins.
  public static let folders = ["assertions", "graders", "judges"]

  /// The file, absolute.
  public var path: String
  /// Whether it is JavaScript or TypeScript, which `bun` or `node` runs; anything else runs by
  /// itself.
  public var isJavaScript: Bool

  /// Looks for the file of a type in `.agentv` of a directory and of all above it, nearest first.
  ///
  /// A script of `bun` or `node` goes before an executable file `TYPE` or `TYPE.ENDING`.
  /// - Parameters:
  ///   - type: the name of the type; one that no file can have finds nothing.
  ///   - directory: where to begin, absolute.
  /// - Returns: the file, or `nil`.
  public static func find(_ type: String, above directory: String) -> GraderScript? {
    guard !type.isEmpty, !type.hasPrefix("."), !type.utf8.contains(0), !type.contains("/") else {
      return nil
    }
    var directory = directory
    while directory.hasPrefix("/") {
      for folder in folders {
        if let found = look(for: type, in: Path.join(directory, ".agentv/\(folder)")) {
          return found
        }
      }
      if directory == "/" { return nil }
      directory = Path.directory(directory)
    }
    return nil
  }

  private static func look(for type: String, in folder: String) -> GraderScript? {
    guard FileIO.isDirectory(folder) else { return nil }
    for ending in GraderTypes.scriptExtensions {
      let path = "\(folder)/\(type).\(ending)"
      if FileIO.isFile(path) { return GraderScript(path: path, isJavaScript: true) }
    }
    let names = ((try? FileIO.list(folder)) ?? []).sorted()
    for name in names where name == type || name.hasPrefix("\(type).") {
      let path = "\(folder)/\(name)"
      if FileIO.isFile(path), FileIO.isExecutable(path) {
        return GraderScript(path: path, isJavaScript: false)
      }
    }
    return nil
  }
}
