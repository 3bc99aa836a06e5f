// Replacement of whole files by rename, one or several at a time.

import Glibc

/// A file and what it is to hold.
public struct FileContent: Sendable, Hashable {
  /// The file.
  public var path: String
  /// Its new content.
  public var bytes: [UInt8]

  /// A file and its content.
  public init(_ path: String, _ bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }
}

extension FileIO {
  /// Replaces a file so that a reader sees the old or the new content, also after a crash:
  /// temporary file in the same directory, fsync, rename, fsync of the directory (rename(2)).
  /// - Parameters:
  ///   - path: the file.
  ///   - bytes: its new content.
  ///   - isDurable: whether to wait for the disk. Without, a crash of the machine may leave an
  ///     empty file; a crash of this process never does.
  /// - Throws: `FileError`; the old content is then still there.
  public static func replace(
    _ path: String, _ bytes: [UInt8], isDurable: Bool = true
  ) throws(FileError) {
    try replace([FileContent(path, bytes)], isDurable: isDurable)
  }

  /// Replaces several files of one directory, waiting for the disk as seldom as can be.
  ///
  /// All are written, then all are synced, then they take their places in the given order, then the
  /// directory is synced once. After a crash the first few may be new and the others old, so a file
  /// that tells about the others comes last.
  /// - Parameters:
  ///   - files: the files, all in one directory.
  ///   - isDurable: whether to wait for the disk.
  /// - Throws: `FileError`; files from the one at fault on then have their old content.
  public static func replace(
    _ files: [FileContent], isDurable: Bool = true
  ) throws(FileError) {
    var temporaries: [Temporary] = []
    defer { for temporary in temporaries { temporary.discard() } }
    for file in files { temporaries.append(try Temporary(file)) }
    if isDurable {
      // One after another would make the file system commit its journal for each file. Once the
      // first sync has committed what all of them have allocated, the others find little to do.
      for temporary in temporaries { temporary.startWriting() }
      for temporary in temporaries { try temporary.sync() }
    }
    for index in temporaries.indices { try temporaries[index].takePlace() }
    if isDurable, let first = files.first { syncDirectory(parent(first.path) ?? ".") }
  }
}

extension FileIO {
  /// Makes a file with its whole content unless there is one by that name (link(2)): of several
  /// processes that try, one succeeds.
  /// - Parameters:
  ///   - path: the file.
  ///   - bytes: its content.
  /// - Throws: `FileError`, with the code `EEXIST` when it is there already.
  public static func create(_ path: String, _ bytes: [UInt8]) throws(FileError) {
    let temporary = try Temporary(FileContent(path, bytes))
    defer { temporary.discard() }
    try temporary.takeFreePlace()
  }

  /// Removes what is left of replacements whose process was killed before their end.
  ///
  /// Only where nobody can be replacing these files now.
  /// - Parameters:
  ///   - names: names of the files that were to be replaced.
  ///   - directory: where they are.
  /// - Throws: `FileError`.
  public static func removeUnfinishedReplacements(
    of names: Set<String>, in directory: String
  ) throws(FileError) {
    for name in try list(directory) {
      guard let mark = name.firstRange(of: Temporary.mark),
        names.contains(String(name[..<mark.lowerBound]))
      else { continue }
      try remove("\(directory)/\(name)")
    }
  }
}

/// A file under a name of its own until it takes its place.
private struct Temporary {
  /// Follows the file's name in that of its temporary file.
  static let mark = ".tmp-"

  private let path: String
  private let name: String
  private let descriptor: Int32
  private var hasPlace = false

  init(_ file: FileContent) throws(FileError) {
    path = file.path
    let name = "\(file.path)\(Self.mark)\(getpid())-\(UInt32.random(in: 0 ... .max))"
    self.name = name
    descriptor = uninterrupted { open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
    guard descriptor >= 0 else {
      throw FileError(operation: "create", path: path, code: errno)
    }
    do throws(FileError) {
      try FileIO.writeAll(descriptor, file.bytes, path: path)
    } catch {
      discard()
      throw error
    }
  }

  /// Has the system begin to write, without waiting.
  ///
  /// That is what Linux does first when it is told that pages will not be needed any more
  /// (posix_fadvise(2)); a hint only.
  func startWriting() { posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED) }

  func sync() throws(FileError) {
    guard uninterrupted({ fsync(descriptor) }) == 0 else {
      throw FileError(operation: "sync", path: path, code: errno)
    }
  }

  mutating func takePlace() throws(FileError) {
    guard Glibc.rename(name, path) == 0 else {
      throw FileError(operation: "replace", path: path, code: errno)
    }
    hasPlace = true
  }

  /// Takes the place beside its own name, which `discard` gives up.
  func takeFreePlace() throws(FileError) {
    guard link(name, path) == 0 else {
      throw FileError(operation: "create", path: path, code: errno)
    }
  }

  /// Closes the file, and removes it if it has not taken its place.
  func discard() {
    close(descriptor)
    if !hasPlace { unlink(name) }
  }
}
