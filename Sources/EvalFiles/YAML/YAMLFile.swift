// Settings files of the project and of the user, for those who only want their values.

public import Core

/// A YAML file as plain values.
public enum YAMLFile {
  /// Reads a file; blocks.
  ///
  /// - Parameters:
  ///   - path: the file, absolute.
  ///   - limitBytes: largest size accepted.
  /// - Returns: its values; `nil` when it is missing, too large, not YAML or empty.
  public static func read(_ path: String, limitBytes: Int) -> JSON? {
    guard let size = FileIO.status(path)?.size, size <= limitBytes else { return nil }
    let file = SourceFile(path, workingDirectory: "/")
    guard let text = try? file.read() else { return nil }
    return (try? YAMLReader.read(text, file: file, environment: nil))?.json
  }
}
