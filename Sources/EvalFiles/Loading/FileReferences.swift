// Files that an eval file refers to, and where they are looked for.

import Core

/// Search roots of an eval file, and the files found through them.
final class FileReferences {
  /// Texts of files that are kept at most, bytes: each of many tests may have a file of its own.
  static let keptBytes = 4 << 20

  /// Directories, nearest first.
  let roots: [String]
  private var texts: [String: String] = [:]
  private var textBytes = 0

  init(roots: [String]) { self.roots = roots }

  /// What looking for a file gave.
  struct Found {
    /// The path as shown: without a leading slash.
    var display: String
    /// The file, absolute; `nil` when it is nowhere.
    var path: String?
    /// Everything that was tried.
    var tried: [String]
  }

  /// Looks for a file: an absolute path first, then below every root.
  func find(_ reference: String) -> Found {
    let stripped = String(reference.drop { $0 == "/" || $0 == "\\" })
    var candidates = reference.hasPrefix("/") ? [reference] : []
    candidates += roots.map { Path.absolute(stripped, in: $0) }
    var tried: [String] = []
    for candidate in candidates where !tried.contains(candidate) {
      // Only regular files: a pipe or a device might never end. NUL would cut the path short.
      if !candidate.utf8.contains(0), FileIO.isFile(candidate) {
        return Found(display: stripped, path: Path.normalize(candidate), tried: tried)
      }
      tried.append(candidate)
    }
    return Found(display: stripped, path: nil, tried: tried)
  }

  /// Text of a file with line ends as `\n`; read once when many tests refer to it.
  func text(_ path: String) throws(FileError) -> String {
    if let text = texts[path] { return text }
    let bytes = try FileIO.read(path, limitBytes: SourceFile.maximumBytes)
    let text = String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n")
    textBytes += text.utf8.count
    if textBytes > Self.keptBytes {
      texts = [:]
      textBytes = text.utf8.count
    }
    texts[path] = text
    return text
  }

  /// The nearest ancestor of a directory that holds `.git`; the directory itself without one.
  static func repositoryRoot(of directory: String) -> String {
    ancestors(of: directory).first { FileIO.exists(Path.join($0, ".git")) } ?? directory
  }

  /// The search roots of a file: its directory, each parent up to the repository's root (or `/`),
  /// that root, the working directory; each once.
  static func searchRoots(directory: String, workingDirectory: String) -> [String] {
    let root = repositoryRoot(of: workingDirectory)
    var roots: [String] = []
    for ancestor in ancestors(of: directory) {
      roots.append(ancestor)
      if ancestor == root { break }
    }
    for extra in [root, workingDirectory] where !roots.contains(extra) { roots.append(extra) }
    return roots
  }

  /// A directory and all above it, nearest first.
  static func ancestors(of directory: String) -> [String] {
    var all = [directory]
    while let last = all.last, last != "/", last.hasPrefix("/") { all.append(Path.directory(last)) }
    return all
  }
}

/// Base64 (RFC 4648, section 4), for images inside messages.
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var result: [UInt8] = []
    result.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var value = 0
      for byte in group { value = value << 8 | Int(byte) }
      value <<= 8 * (3 - group.count)
      for index in 0..<4 {
        result.append(
          index <= group.count
            ? alphabet[value >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
