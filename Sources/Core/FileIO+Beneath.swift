// Reading files that somebody else names: below one directory, and by no link out of it.

import Glibc

extension FileIO {
  /// Resolves a path below a directory, links followed, provided that it stays inside.
  /// - Parameters:
  ///   - root: the directory.
  ///   - path: relative to it.
  /// - Returns: the path of what it names, relative to the directory's own resolved path, and that
  ///   path; `nil` when there is nothing or it lies outside.
  public static func resolve(
    beneath root: String, _ path: String
  ) -> (root: String, relative: String)? {
    guard !path.utf8.contains(0), !Path.isAbsolute(path), let root = realPath(root),
      let real = realPath(Path.join(root, path)), Path.isInside(real, root)
    else { return nil }
    return (root, Path.relative(real, to: root))
  }

  /// Reads a part of a regular file below a directory.
  ///
  /// The resolved path is opened component by component without following links (openat(2) with
  /// O_NOFOLLOW), so a link that is put there meanwhile leads nowhere.
  /// - Parameters:
  ///   - root: the directory.
  ///   - path: relative to it.
  ///   - offset: first byte.
  ///   - count: most bytes.
  /// - Returns: the bytes and the size of the file; `nil` when there is no such regular file inside.
  public static func read(
    beneath root: String, _ path: String, offset: Int = 0, count: Int
  ) -> (bytes: [UInt8], size: Int)? {
    guard let place = resolve(beneath: root, path), place.relative != "." else { return nil }
    var directory = open(place.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { return nil }
    defer { close(directory) }
    let parts = Path.components(place.relative).map(String.init)
    for part in parts.dropLast() {
      let next = openat(directory, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard next >= 0 else { return nil }
      close(directory)
      directory = next
    }
    // Non-blocking: a pipe must not hold the reader.
    let file = openat(
      directory, parts[parts.count - 1], O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var raw = stat()
    guard fstat(file, &raw) == 0, raw.st_mode & S_IFMT == S_IFREG else { return nil }
    let size = Int(raw.st_size)
    let wanted = max(0, min(count, size - offset))
    var bytes: [UInt8] = []
    while bytes.count < wanted {
      let want = wanted - bytes.count
      let place = offset + bytes.count
      let chunk = [UInt8](unsafeUninitializedCapacity: want) { buffer, initialized in
        initialized = max(0, pread(file, buffer.baseAddress, want, off_t(place)))
      }
      if chunk.isEmpty { break }
      if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
    }
    return (bytes, size)
  }
}
