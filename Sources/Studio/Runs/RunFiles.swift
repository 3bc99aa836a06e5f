// The files of one test: the tree below its artifacts, and the content of any file of the run.
// Blocking.

import Core
import RunArtifacts

enum RunFiles {
  /// Sent of one file; the answer says when there is more.
  static let maximumBytes = 8 << 20
  /// Entries listed; a workspace that was kept in the run may hold any number.
  static let maximumEntries = 10_000

  /// The tree below the directory that the artifacts of a row share; empty when it has none.
  static func tree(of row: ResultRow, in directory: RunDirectory) -> JSON {
    let paths = [
      row.gradingPath, row.timingPath, row.inputPath, row.outputPath, row.responsePath,
    ].compactMap(\.self)
    guard let common = commonDirectory(paths),
      let place = FileIO.resolve(beneath: directory.path, common)
    else { return [] }
    var left = maximumEntries
    return .array(
      entries(
        Path.join(place.root, place.relative), shown: common == "." ? "" : common, depth: 0,
        left: &left))
  }

  private static func commonDirectory(_ paths: [String]) -> String? {
    let parents = paths.map { Path.directory($0).split(separator: "/") }
    guard var common = parents.first else { return nil }
    for parent in parents {
      while !parent.starts(with: common) { common.removeLast() }
    }
    return common.isEmpty ? "." : common.joined(separator: "/")
  }

  private static func entries(
    _ path: String, shown: String, depth: Int, left: inout Int
  ) -> [JSON] {
    guard depth < 64, let names = try? FileIO.list(path) else { return [] }
    var directories: [JSON] = []
    var files: [JSON] = []
    for name in names where left > 0 {
      // The run's own records are no artifacts of a test.
      if depth == 0, shown.isEmpty, name.hasPrefix(".") { continue }
      left -= 1
      let child = Path.join(path, name)
      let place = shown.isEmpty ? name : "\(shown)/\(name)"
      guard let status = FileIO.linkStatus(child) else { continue }
      if status.kind == .directory {
        directories.append([
          "name": .string(name), "path": .string(place), "type": "dir",
          "children": .array(entries(child, shown: place, depth: depth + 1, left: &left)),
        ])
      } else {
        files.append([
          "name": .string(name), "path": .string(place), "type": "file",
          "size": .int(status.size),
        ])
      }
    }
    return directories + files
  }

  /// A file of the run as text.
  /// - Throws: `RequestError` for what is no file inside of the run.
  static func content(_ path: String, in directory: RunDirectory) throws(RequestError) -> JSON {
    guard !path.isEmpty else {
      throw .badRequest("no-file-path", "No file path specified")
    }
    guard !path.hasPrefix("/") else {
      throw RequestError(
        status: 403, code: "outside-run", message: "Path traversal not allowed")
    }
    guard let file = FileIO.read(beneath: directory.path, path, count: maximumBytes) else {
      throw RequestError(status: 404, code: "file-not-found", message: "File not found")
    }
    return [
      "content": .string(String(decoding: file.bytes, as: UTF8.self)),
      "language": .string(language(path)), "size": .int(file.size),
      "truncated": .bool(file.bytes.count < file.size),
    ]
  }

  static func language(_ path: String) -> String {
    let name = Path.name(path)
    guard let dot = name.lastIndex(of: ".") else { return "plaintext" }
    return languages[name[name.index(after: dot)...].lowercased()] ?? "plaintext"
  }

  private static let languages = [
    "json": "json", "jsonl": "json", "ts": "typescript", "tsx": "typescript", "js": "javascript",
    "jsx": "javascript", "md": "markdown", "yaml": "yaml", "yml": "yaml", "py": "python",
    "sh": "shell", "bash": "shell", "css": "css", "html": "html", "xml": "xml", "svg": "xml",
    "toml": "toml", "diff": "diff", "patch": "diff",
  ]
}
