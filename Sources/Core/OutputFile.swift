// A document that is written piece by piece and takes the place of the old one only when it is
// whole.

import Glibc

/// A file being written: buffered, in bounded memory, under a temporary name until `finish`.
///
/// Dropped before `finish`, it leaves nothing behind and the old file as it was. What is no regular
/// file (a pipe, a terminal, `/dev/null`) is written directly.
public struct OutputFile: ~Copyable {
  /// Bytes that are collected before they are written.
  static let bufferBytes = 1 << 18

  /// The file; `-` for the standard output.
  public let path: String
  private let final: String
  private let temporary: String?
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var isFinished = false

  /// Begins a file; the directories on its way are created.
  /// - Throws: `FileError`.
  public init(_ path: String) throws(FileError) {
    let kind = FileIO.status(path)?.kind
    var final = path
    var temporary: String?
    let opened: Int32
    if let kind, kind != .file {
      opened = open(path, O_WRONLY | O_CLOEXEC)
    } else {
      // A link stays a link: what it leads to is replaced.
      final = kind == .file ? FileIO.realPath(path) ?? path : path
      try FileIO.createDirectories(Path.directory(final))
      let name = "\(final).tmp-\(getpid())-\(UInt32.random(in: 0 ... .max))"
      temporary = name
      opened = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    }
    guard opened >= 0 else {
      throw FileError(operation: "create", path: path, code: errno)
    }
    self.path = path
    self.final = final
    self.temporary = temporary
    descriptor = opened
  }

  /// The standard output, under the same interface.
  public init(standardOutput: Void) {
    path = "-"
    final = "-"
    temporary = nil
    descriptor = StandardStream.output.rawValue
  }

  deinit {
    if descriptor != StandardStream.output.rawValue { close(descriptor) }
    if !isFinished, let temporary { unlink(temporary) }
  }

  /// Adds bytes.
  /// - Throws: `FileError`; the file is then not to be finished.
  public mutating func write(_ bytes: [UInt8]) throws(FileError) {
    buffer += bytes
    if buffer.count >= Self.bufferBytes { try flush() }
  }

  /// Adds a text.
  /// - Throws: `FileError`; the file is then not to be finished.
  public mutating func write(_ text: String) throws(FileError) {
    buffer += text.utf8
    if buffer.count >= Self.bufferBytes { try flush() }
  }

  /// Writes what is left and puts the file into its place.
  /// - Throws: `FileError`; the old file is then still there.
  public mutating func finish() throws(FileError) {
    try flush()
    guard let temporary else {
      isFinished = true
      return
    }
    let descriptor = descriptor
    guard uninterrupted({ fsync(descriptor) }) == 0, rename(temporary, final) == 0 else {
      throw FileError(operation: "replace", path: path, code: errno)
    }
    isFinished = true
    FileIO.syncDirectory(Path.directory(final))
  }

  private mutating func flush() throws(FileError) {
    let bytes = buffer
    buffer.removeAll(keepingCapacity: true)
    try FileIO.writeAll(descriptor, bytes, path: path)
  }
}
