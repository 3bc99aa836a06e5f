// A file that only grows, one write(2) for each append, and the lock that makes its writer the only
// one.

import Glibc

/// A descriptor opened with `O_APPEND`: each append is one write(2), so that lines of several
/// writers never interleave and a torn line can only be the last one.
///
/// Not synchronised: give it one owner.
public struct AppendFile: ~Copyable, Sendable {
  private let descriptor: Int32
  /// The file.
  public let path: String

  /// Opens a file for appending and creates it when it is missing.
  /// - Throws: `FileError`.
  public init(_ path: String) throws(FileError) {
    descriptor = uninterrupted {
      open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o666)
    }
    self.path = path
    guard descriptor >= 0 else { throw FileError(operation: "open", path: path, code: errno) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Appends bytes.
  ///
  /// After an error (`ENOSPC`, `EIO`) part of them may be in the file.
  /// - Throws: `FileError`.
  public func append(_ bytes: [UInt8]) throws(FileError) {
    try FileIO.writeAll(descriptor, bytes, path: path)
  }

  /// Waits until what was appended is on the disk (fdatasync(2)).
  /// - Throws: `FileError`.
  public func sync() throws(FileError) {
    while uninterrupted({ fdatasync(descriptor) }) != 0 {
      // Pipes, /dev/null and some file systems cannot sync; there is nothing to lose there.
      if errno == EINVAL || errno == ENOSYS { return }
      throw FileError(operation: "sync", path: path, code: errno)
    }
  }

  /// Size of the file in bytes.
  /// - Throws: `FileError`.
  public func size() throws(FileError) -> Int {
    var raw = stat()
    guard fstat(descriptor, &raw) == 0 else {
      throw FileError(operation: "read", path: path, code: errno)
    }
    return Int(raw.st_size)
  }

  /// Cuts the file to a size.
  /// - Throws: `FileError`.
  public func truncate(to size: Int) throws(FileError) {
    guard uninterrupted({ ftruncate(descriptor, off_t(size)) }) == 0 else {
      throw FileError(operation: "truncate", path: path, code: errno)
    }
  }

  /// Checks that the path still names this file and that nobody has cut it: what is appended to a
  /// file that was removed or replaced is lost with the descriptor.
  /// - Parameter leastBytes: what this writer knows to be in it.
  /// - Returns: its size in bytes.
  /// - Throws: `FileError`.
  public func sizeInPlace(leastBytes: Int) throws(FileError) -> Int {
    let size = try size()
    var own = stat()
    var named = stat()
    guard fstat(descriptor, &own) == 0, stat(path, &named) == 0 else {
      throw FileError(operation: "go on writing", path: path, code: errno)
    }
    guard own.st_ino == named.st_ino, own.st_dev == named.st_dev, size >= leastBytes else {
      throw FileError(operation: "go on writing", path: path, code: ESTALE)
    }
    return size
  }
}

/// An exclusive advisory lock on a whole file, held until this value goes away or the process ends.
///
/// An open-file-description lock (fcntl(2), `F_OFD_SETLK`): closing some other descriptor of the
/// file does not drop it, and the kernel drops it when the process dies in whatever way.
public struct FileLock: ~Copyable, Sendable {
  /// The open file; closed on `exec`, unless it is handed to a child.
  public let descriptor: Int32
  /// The locked file.
  public let path: String
  private let isInherited: Bool

  /// Takes the lock and writes this process's id into the file.
  /// - Parameters:
  ///   - path: the file, made if it is missing.
  ///   - isInherited: whether a child that was given `descriptor` holds the lock on after this value
  ///     went away; without it the lock ends here.
  /// - Throws: `FileError`; with `EAGAIN` when another process holds the lock.
  public init(_ path: String, isInherited: Bool = false) throws(FileError) {
    self.path = path
    self.isInherited = isInherited
    descriptor = uninterrupted { open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666) }
    guard descriptor >= 0 else { throw FileError(operation: "open", path: path, code: errno) }
    var lock = FileLock.wholeFile(type: Int16(F_WRLCK))
    // F_OFD_SETLK; the overlay does not show the constant.
    guard fcntl(descriptor, 37, &lock) == 0 else {
      // The descriptor is closed by deinit, which also runs when an initialiser throws.
      let code = errno == EACCES ? EAGAIN : errno
      throw FileError(operation: "lock", path: path, code: code)
    }
    _ = uninterrupted { ftruncate(descriptor, 0) }
    try? FileIO.writeAll(descriptor, Array("\(getpid())\n".utf8), path: path)
  }

  deinit {
    guard descriptor >= 0 else { return }
    if !isInherited {
      // A child that is just being started has a copy of the descriptor until its exec(2), and with
      // it the lock.
      var lock = FileLock.wholeFile(type: Int16(F_UNLCK))
      _ = fcntl(descriptor, 37, &lock)
    }
    close(descriptor)
  }

  /// Whether some process holds the lock, and its process id as the file tells it.
  ///
  /// Asks with `F_OFD_GETLK`, so asking never gets in a writer's way.
  public static func holder(of path: String) -> (isHeld: Bool, pid: Int32?) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return (false, nil) }
    defer { close(descriptor) }
    var lock = wholeFile(type: Int16(F_WRLCK))
    // F_OFD_GETLK.
    guard fcntl(descriptor, 36, &lock) == 0, lock.l_type != Int16(F_UNLCK) else {
      return (false, nil)
    }
    let text = (try? FileIO.read(path, offset: 0, count: 32)) ?? []
    return (true, Int32(String(decoding: text.prefix { $0 != 0x0A }, as: UTF8.self)))
  }

  private static func wholeFile(type: Int16) -> flock {
    flock(l_type: type, l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0)
  }
}
