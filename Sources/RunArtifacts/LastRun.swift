// .agentv/cache.json: the run that a bare --resume means. Written when a run starts.

public import Core

/// The last-run pointer of a project.
public enum LastRun {
  private static func path(_ project: String) -> String {
    Path.join(project, ".agentv/cache.json")
  }

  /// Points to a run.
  /// - Throws: `FileError`.
  public static func write(_ directory: String, project: String, at: Timestamp) throws(FileError) {
    let file = path(project)
    try FileIO.createDirectories(Path.directory(file))
    let json: JSON = ["lastRunDir": .string(directory), "timestamp": .string(at.description)]
    try FileIO.replace(file, json.pretty() + [0x0A])
  }

  /// The run it points to, if that still exists.
  public static func read(project: String) -> String? {
    guard let bytes = try? FileIO.read(path(project), limitBytes: 65536),
      let directory = (try? JSON.parse(bytes))?["lastRunDir"]?.string,
      FileIO.isDirectory(directory)
    else { return nil }
    return directory
  }
}
