// Copies of directories: files with their permissions, links as links.

import Glibc

extension FileIO {
  /// Copies a directory into another one; what is there already is written over.
  ///
  /// Blocks for as long as the disk does. Special files (pipes, devices) are left out.
  /// - Parameters:
  ///   - source: the directory.
  ///   - destination: where its content goes; made when it is missing.
  ///   - skipping: names that are not copied, at any depth.
  ///   - isCancelled: asked before every entry; `true` ends the copy early.
  /// - Throws: `FileError`.
  public static func copyTree(
    _ source: String, to destination: String, skipping: Set<String> = [],
    isCancelled: () -> Bool = { false }
  ) throws(FileError) {
    try createDirectories(destination)
    for name in try list(source) where !skipping.contains(name) {
      if isCancelled() { return }
      let from = "\(source)/\(name)"
      let to = "\(destination)/\(name)"
      switch linkStatus(from)?.kind {
      case .directory:
        try copyTree(from, to: to, skipping: skipping, isCancelled: isCancelled)
      case .file: try copyFile(from, to: to)
      case .link: try copyLink(from, to: to)
      case .other, nil: break
      }
    }
  }

  /// Copies a file with its permissions; one that is there is replaced.
  /// - Throws: `FileError`.
  public static func copyFile(_ source: String, to destination: String) throws(FileError) {
    let input = open(source, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard input >= 0 else { throw FileError(operation: "open", path: source, code: errno) }
    defer { close(input) }
    var raw = stat()
    guard fstat(input, &raw) == 0 else {
      throw FileError(operation: "read", path: source, code: errno)
    }
    guard raw.st_mode & S_IFMT == S_IFREG else {
      throw FileError(operation: "copy", path: source, code: EINVAL)
    }
    // A link in its place would lead out of the directory that is copied into.
    if let kind = linkStatus(destination)?.kind, kind != .file { try removeTree(destination) }
    let mode = raw.st_mode & 0o777
    let output = open(destination, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
    guard output >= 0 else { throw FileError(operation: "create", path: destination, code: errno) }
    defer { close(output) }
    try copyBytes(input, output, count: Int(raw.st_size), path: destination)
    guard fchmod(output, mode | S_IWUSR) == 0 else {
      throw FileError(operation: "set permissions of", path: destination, code: errno)
    }
  }

  private static func copyBytes(
    _ input: Int32, _ output: Int32, count: Int, path: String
  ) throws(FileError) {
    var left = count
    while left > 0 {
      let copied = sendfile(output, input, nil, min(left, 1 << 30))
      if copied < 0 {
        if errno == EINTR { continue }
        throw FileError(operation: "write", path: path, code: errno)
      }
      if copied == 0 { return }
      left -= copied
    }
  }

  private static func copyLink(_ source: String, to destination: String) throws(FileError) {
    guard let target = readLink(source) else { return }
    if linkStatus(destination) != nil { try removeTree(destination) }
    guard symlink(target, destination) == 0 else {
      throw FileError(operation: "link", path: destination, code: errno)
    }
  }

  /// Creates a file that must not be there yet, and writes it.
  /// - Returns: `false` when it is there already.
  /// - Throws: `FileError` for any other reason.
  public static func createExclusively(
    _ path: String, _ bytes: [UInt8]
  ) throws(FileError) -> Bool {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      if errno == EEXIST { return false }
      throw FileError(operation: "create", path: path, code: errno)
    }
    defer { close(descriptor) }
    try writeAll(descriptor, bytes, path: path)
    return true
  }

  /// Gives a file or directory another name on the same file system (rename(2)).
  /// - Throws: `FileError`.
  public static func move(_ path: String, to other: String) throws(FileError) {
    guard Glibc.rename(path, other) == 0 else {
      throw FileError(operation: "move", path: path, code: errno)
    }
  }

  /// Bytes of all files below a directory, links not followed; what cannot be read counts nothing.
  public static func treeSize(_ path: String) -> Int {
    guard let status = linkStatus(path) else { return 0 }
    guard status.kind == .directory else { return status.kind == .file ? status.size : 0 }
    return ((try? list(path)) ?? []).reduce(0) { $0 + treeSize("\(path)/\($1)") }
  }
}
