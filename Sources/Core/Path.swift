// Paths as text: joining, normalising, relating. Nothing here looks at the disk.

/// Functions on POSIX paths.
public enum Path {
  /// Joins two paths; an absolute second one stands alone.
  public static func join(_ base: String, _ path: String) -> String {
    if path.hasPrefix("/") || base.isEmpty { return path }
    return path.isEmpty ? base : base.hasSuffix("/") ? base + path : "\(base)/\(path)"
  }

  /// The path with `.`, `..` and double slashes taken out, without regard to links.
  public static func normalize(_ path: String) -> String {
    let isAbsolute = path.hasPrefix("/")
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." {
        parts.removeLast()
      } else if part != ".." || !isAbsolute {
        parts.append(part)
      }
    }
    let joined = parts.joined(separator: "/")
    return isAbsolute ? "/\(joined)" : joined.isEmpty ? "." : joined
  }

  /// The path made absolute against a directory, and normalised.
  public static func absolute(_ path: String, in directory: String) -> String {
    normalize(join(directory, path))
  }

  /// The path as seen from a directory; both must be absolute.
  public static func relative(_ path: String, to directory: String) -> String {
    let target = normalize(path).split(separator: "/")
    let base = normalize(directory).split(separator: "/")
    var common = 0
    while common < target.count, common < base.count, target[common] == base[common] { common += 1 }
    let parts =
      Array(repeating: "..", count: base.count - common) + target[common...].map(String.init)
    return parts.isEmpty ? "." : parts.joined(separator: "/")
  }

  /// Whether a normalised absolute path is a directory itself or something in it.
  public static func isInside(_ path: String, _ directory: String) -> Bool {
    let directory = directory == "/" ? "" : directory
    return path == directory || path.hasPrefix(directory + "/")
  }

  /// The last component; empty for `/`.
  public static func name(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? ""
  }

  /// Everything before the last component; `.` when there is none.
  public static func directory(_ path: String) -> String { FileIO.parent(path) ?? "." }
}
