// What kind of file system a path is on, from /proc/self/mountinfo (proc_pid_mountinfo(5)).

extension FileIO {
  /// File systems that other machines, or a program behind them, change without this kernel knowing.
  private static let sharedKinds: Set<String> = [
    "nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "lustre", "gpfs", "afs", "virtiofs", "vboxsf",
    "prl_fs", "beegfs", "fuse",
  ]

  /// Whether others may change what is at a path without inotify(7) telling.
  ///
  /// - Parameter path: where.
  /// - Returns: `false` also when it does not exist.
  public static func isOnSharedFileSystem(_ path: String) -> Bool {
    guard let real = realPath(path), let bytes = try? read("/proc/self/mountinfo") else {
      return false
    }
    return fileSystemKind(of: real, mounts: String(decoding: bytes, as: UTF8.self)).map {
      sharedKinds.contains($0) || $0.hasPrefix("fuse.")
    } ?? false
  }

  /// The kind of file system that a resolved path is on, by the text of `mountinfo`.
  static func fileSystemKind(of path: String, mounts: String) -> String? {
    var found: (point: String, kind: String)?
    for line in mounts.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 6, let separator = fields.dropFirst(6).firstIndex(of: "-"),
        separator + 1 < fields.count
      else { continue }
      let point = unescaped(fields[4])
      // A later mount on the same point hides an earlier one.
      if Path.isInside(path, point), point.utf8.count >= found?.point.utf8.count ?? 0 {
        found = (point, String(fields[separator + 1]))
      }
    }
    return found?.kind
  }

  /// Blanks and backslashes are written as octal numbers.
  private static func unescaped(_ text: Substring) -> String {
    let escapes = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
    return escapes.reduce(String(text)) { $0.replacing($1.0, with: $1.1) }
  }
}
