// Programs that turn a file of the target's answer into text for a grader.

/// One entry of `preprocessors`.
public struct Preprocessor: Sendable, Hashable {
  /// MIME type or short name such as `pdf`, lower case, as it was written.
  public var type: String
  /// Program and arguments; the last one is the script, absolute.
  public var command: [String]

  /// An entry.
  public init(type: String, command: [String]) {
    self.type = type
    self.command = command
  }

  /// MIME types of the short names.
  public static let shortNames: [String: String] = [
    "csv": "text/csv", "htm": "text/html", "html": "text/html", "json": "application/json",
    "markdown": "text/markdown", "md": "text/markdown", "pdf": "application/pdf",
    "sql": "application/sql", "txt": "text/plain", "xml": "application/xml",
    "yaml": "application/yaml", "yml": "application/yaml", "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  ]

  /// The MIME type it is for.
  public var mediaType: String { Self.shortNames[type] ?? type }
}
