// POSIX files as the durability rules need them: append in one write(2), fdatasync, replacement by
// rename, advisory locks that end with their descriptor. The only file code that touches C.

import Glibc

/// A file operation that failed.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried, for example `open`.
  public let operation: String
  /// The file.
  public let path: String
  /// The error number (errno(3)).
  public let code: Int32

  /// An error.
  public init(operation: String, path: String, code: Int32) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  /// Whether the file or a directory on its path does not exist.
  public var isMissing: Bool { code == ENOENT || code == ENOTDIR }

  /// What failed, on what, and why, with the remedy where there is one.
  public var description: String {
    let remedy =
      switch code {
      case ENOSPC, EDQUOT: "; free some space and resume"
      case EACCES, EPERM: "; check the owner and the permissions"
      case EROFS: "; the file system is read-only"
      case EMFILE, ENFILE: "; raise the limit of open files (ulimit -n)"
      case ESTALE: "; somebody else has replaced, removed or cut it"
      default: ""
      }
    return "cannot \(operation) \"\(path)\": \(String(cString: strerror(code)))\(remedy)"
  }
}

/// What a path names.
public struct FileStatus: Sendable, Hashable {
  /// Kinds that matter here.
  public enum Kind: Sendable, Hashable {
    case file, directory, link, other
  }
  /// Kind of the file itself.
  public var kind: Kind
  /// Size in bytes.
  public var size: Int
  /// Last modification, nanoseconds since the epoch.
  public var modifiedNanoseconds: Int
  /// Inode number, to notice that a path names another file than before.
  public var inode: UInt64
  /// Permission bits.
  public var mode: UInt32
}

/// Calls again what a signal has interrupted, as it may do on file systems of a network or of a user
/// (signal(7)).
func uninterrupted(_ call: () -> Int32) -> Int32 {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}

/// File functions without state.
///
/// All of them block; none may run on the loop thread but those on small files.
public enum FileIO {
  /// Status of a path, following links; `nil` when it does not exist or cannot be reached.
  public static func status(_ path: String) -> FileStatus? {
    var raw = stat()
    guard stat(path, &raw) == 0 else { return nil }
    return status(raw)
  }

  /// Status of a path itself, without following a last link.
  public static func linkStatus(_ path: String) -> FileStatus? {
    var raw = stat()
    guard lstat(path, &raw) == 0 else { return nil }
    return status(raw)
  }

  private static func status(_ raw: stat) -> FileStatus {
    let kind: FileStatus.Kind =
      switch raw.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .directory
      case S_IFLNK: .link
      default: .other
      }
    return FileStatus(
      kind: kind, size: Int(raw.st_size),
      modifiedNanoseconds: raw.st_mtim.tv_sec * 1_000_000_000 + raw.st_mtim.tv_nsec,
      inode: UInt64(raw.st_ino), mode: UInt32(raw.st_mode & 0o7777))
  }

  /// Whether a path names something that exists.
  public static func exists(_ path: String) -> Bool { status(path) != nil }
  /// Whether a path names a directory.
  public static func isDirectory(_ path: String) -> Bool { status(path)?.kind == .directory }
  /// Whether a path names a regular file.
  public static func isFile(_ path: String) -> Bool { status(path)?.kind == .file }
  /// Whether users other than the owner may read or write a file, group members included.
  /// - Parameter path: the file.
  /// - Returns: whether they may; false when there is no such file.
  public static func isOpenToOthers(_ path: String) -> Bool {
    (status(path)?.mode ?? 0) & 0o077 != 0
  }

  /// Whether a path names a file that this process may execute.
  public static func isExecutable(_ path: String) -> Bool {
    isFile(path) && access(path, X_OK) == 0
  }

  /// Reads a whole file.
  /// - Parameters:
  ///   - path: the file.
  ///   - limitBytes: largest size accepted; a larger file fails with `EFBIG`.
  /// - Returns: its bytes.
  /// - Throws: `FileError`.
  public static func read(_ path: String, limitBytes: Int = .max) throws(FileError) -> [UInt8] {
    try read(path, offset: 0, count: limitBytes, failBeyond: true)
  }

  /// Reads at most `count` bytes from `offset` on; fewer at the end of the file.
  /// - Throws: `FileError`.
  public static func read(_ path: String, offset: Int, count: Int) throws(FileError) -> [UInt8] {
    try read(path, offset: offset, count: count, failBeyond: false)
  }

  private static func read(
    _ path: String, offset: Int, count: Int, failBeyond: Bool
  ) throws(FileError) -> [UInt8] {
    // A pipe in the place of a file must not hold the reader until somebody writes to it.
    let descriptor = uninterrupted { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard descriptor >= 0 else { throw FileError(operation: "open", path: path, code: errno) }
    defer { close(descriptor) }
    var raw = stat()
    guard fstat(descriptor, &raw) == 0 else {
      throw FileError(operation: "read", path: path, code: errno)
    }
    if raw.st_mode & S_IFMT == S_IFDIR {
      throw FileError(operation: "read", path: path, code: EISDIR)
    }
    if raw.st_mode & S_IFMT == S_IFIFO {
      throw FileError(operation: "read", path: path, code: ESPIPE)
    }
    let size = max(0, Int(raw.st_size) - offset)
    if failBeyond, size > count { throw FileError(operation: "read", path: path, code: EFBIG) }
    // Files of /proc and pipes have no size; read them in steps until their end.
    var bytes: [UInt8] = []
    var failure: Int32 = 0
    let step = size > 0 ? min(size, count) : min(count, 65536)
    while bytes.count < count {
      let want = min(max(step - bytes.count, size > 0 ? 1 : step), count - bytes.count)
      if size > 0, bytes.count >= min(size, count) { break }
      let chunk = [UInt8](unsafeUninitializedCapacity: want) { buffer, initialized in
        var got = 0
        repeat {
          got = pread(descriptor, buffer.baseAddress, want, off_t(offset + bytes.count))
        } while got < 0 && errno == EINTR
        if got < 0 { failure = errno }
        initialized = max(0, got)
      }
      if failure != 0 { throw FileError(operation: "read", path: path, code: failure) }
      if chunk.isEmpty { break }
      if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
    }
    return bytes
  }

  /// Names in a directory, sorted, without `.` and `..`.
  /// - Throws: `FileError`.
  public static func list(_ path: String) throws(FileError) -> [String] {
    guard let directory = opendir(path) else {
      throw FileError(operation: "list", path: path, code: errno)
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Names of the directories in a directory, without a look at each where the file system tells
  /// kinds along with names (readdir(3), `d_type`); in no order, without links.
  /// - Throws: `FileError`.
  public static func directories(_ path: String) throws(FileError) -> [String] {
    guard let directory = opendir(path) else {
      throw FileError(operation: "list", path: path, code: errno)
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let kind = Int(entry.pointee.d_type)
      guard kind == Int(DT_DIR) || kind == Int(DT_UNKNOWN) else { continue }
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      if kind == Int(DT_UNKNOWN), linkStatus("\(path)/\(name)")?.kind != .directory { continue }
      names.append(name)
    }
    return names
  }

  /// Creates a directory and its parents; one that exists is fine.
  /// - Throws: `FileError`.
  public static func createDirectories(_ path: String) throws(FileError) {
    if mkdir(path, 0o777) == 0 { return }
    let code = errno
    if code == EEXIST, isDirectory(path) { return }
    guard code == ENOENT, let parent = parent(path), parent != path else {
      throw FileError(
        operation: "create directory", path: path, code: code == EEXIST ? ENOTDIR : code)
    }
    try createDirectories(parent)
    if mkdir(path, 0o777) != 0, errno != EEXIST {
      throw FileError(operation: "create directory", path: path, code: errno)
    }
  }

  /// Creates directories below one that exists; when that is missing it stays so.
  /// - Parameters:
  ///   - relative: path below `root`.
  ///   - root: a directory.
  /// - Throws: `FileError`.
  public static func createDirectories(_ relative: String, in root: String) throws(FileError) {
    var path = root
    for part in relative.split(separator: "/") {
      path += "/\(part)"
      if mkdir(path, 0o777) == 0 { continue }
      let code = errno
      guard code == EEXIST, isDirectory(path) else {
        throw FileError(
          operation: "create directory", path: path, code: code == EEXIST ? ENOTDIR : code)
      }
    }
  }

  /// Writes a file that needs no durability of its own (a per-test artifact): truncate and write.
  /// - Throws: `FileError`.
  public static func write(_ path: String, _ bytes: [UInt8]) throws(FileError) {
    let descriptor = uninterrupted {
      open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    }
    guard descriptor >= 0 else { throw FileError(operation: "create", path: path, code: errno) }
    defer { close(descriptor) }
    try writeAll(descriptor, bytes, path: path)
  }

  /// Makes the names in a directory durable (fsync(2) of the directory); best effort, since some
  /// file systems refuse it.
  public static func syncDirectory(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = uninterrupted { fsync(descriptor) }
    close(descriptor)
  }

  /// Removes a file; one that is missing is fine.
  /// - Throws: `FileError`.
  public static func remove(_ path: String) throws(FileError) {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw FileError(operation: "remove", path: path, code: errno)
    }
  }

  /// Renames a file or a directory; what had the new name is replaced (rename(2)).
  /// - Throws: `FileError`.
  public static func rename(_ path: String, to newPath: String) throws(FileError) {
    guard Glibc.rename(path, newPath) == 0 else {
      throw FileError(operation: "rename", path: path, code: errno)
    }
  }

  /// Removes a directory and everything in it, without following links; a missing one is fine.
  /// - Throws: `FileError`.
  public static func removeTree(_ path: String) throws(FileError) {
    guard let status = linkStatus(path) else { return }
    guard status.kind == .directory else { return try remove(path) }
    for name in try list(path) { try removeTree("\(path)/\(name)") }
    guard rmdir(path) == 0 || errno == ENOENT else {
      throw FileError(operation: "remove", path: path, code: errno)
    }
  }

  /// The path with links resolved (realpath(3)); `nil` when it does not exist.
  public static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// The working directory of this process.
  public static var workingDirectory: String {
    guard let buffer = getcwd(nil, 0) else { return "/" }
    defer { free(buffer) }
    return String(cString: buffer)
  }

  /// Target of a symbolic link; `nil` when there is none.
  public static func readLink(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink(path, &buffer, buffer.count)
    guard count >= 0 else { return nil }
    return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Whether this process may create files in a directory.
  public static func isWritable(_ path: String) -> Bool { access(path, W_OK) == 0 }

  static func parent(_ path: String) -> String? {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func writeAll(_ descriptor: Int32, _ bytes: [UInt8], path: String) throws(FileError) {
    var offset = 0
    while offset < bytes.count {
      let written = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress?.advanced(by: offset), bytes.count - offset)
      }
      if written < 0 {
        if errno == EINTR { continue }
        throw FileError(operation: "write", path: path, code: errno)
      }
      offset += written
    }
  }
}
