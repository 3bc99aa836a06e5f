// A directory of a test's own, removed with the value that owns it.

import Core
import Glibc

/// A fresh directory under `TMPDIR` (default `/tmp`), removed when the value is released.
public final class TemporaryDirectory: Sendable {
  /// Its absolute path with links resolved.
  public let path: String

  /// Creates the directory.
  /// - Throws: `FileError` when there is no writable temporary directory.
  public init() throws {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/agentv-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw FileError(operation: "create directory", path: base, code: errno)
    }
    let name = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    path = FileIO.realPath(name) ?? name
  }

  deinit { try? FileIO.removeTree(path) }

  /// The path of something in it.
  public func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file in it, with the directories on its way, and returns its path.
  @discardableResult
  public func write(_ name: String, _ text: String) throws -> String {
    try FileIO.createDirectories(Path.directory(file(name)))
    try FileIO.write(file(name), Array(text.utf8))
    return file(name)
  }
}

extension TemporaryDirectory {
  /// Makes a symbolic link in it.
  public func link(_ name: String, to target: String) throws {
    guard symlink(target, file(name)) == 0 else {
      throw FileError(operation: "link", path: file(name), code: errno)
    }
  }
}
