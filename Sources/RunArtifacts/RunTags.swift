// tags.json: labels that people give to a run (reference: studio-api 7).

public import Core

/// The tags of a run.
public enum RunTags {
  /// Most tags of one run.
  public static let maximumCount = 20
  /// Longest tag, characters.
  public static let maximumLength = 60
  static let limitBytes = 1 << 20

  /// The tags; none when there is no file or it cannot be read.
  public static func read(_ directory: RunDirectory) -> [String] {
    guard let bytes = try? FileIO.read(directory.file(RunFile.tags), limitBytes: limitBytes)
    else { return [] }
    return ((try? JSON.parse(bytes))?["tags"]?.array ?? []).compactMap(\.string)
  }

  /// Replaces the tags; without any the file is removed.
  /// - Returns: the object that the file holds.
  /// - Throws: `FileError`.
  @discardableResult
  public static func write(
    _ tags: [String], to directory: RunDirectory, at now: Timestamp
  ) throws(FileError) -> JSON {
    let json: JSON = [
      "tags": .array(tags.map(JSON.string)), "updated_at": .string(now.description),
    ]
    if tags.isEmpty {
      try FileIO.remove(directory.file(RunFile.tags))
    } else {
      try FileIO.replace(directory.file(RunFile.tags), json.pretty() + [0x0A])
    }
    return json
  }
}
