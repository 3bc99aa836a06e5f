// Paths as text: joining, normalising, relating. Nothing here looks at the disk.

/// Functions on POSIX paths.
///
/// They look at bytes, as the kernel does: for Swift a `/` and an accent after it are one character,
/// and texts with different bytes can be equal.
public enum Path {
  private static let slash = UInt8(ascii: "/")

  /// Joins two paths; an absolute second one stands alone.
  public static func join(_ base: String, _ path: String) -> String {
    if isAbsolute(path) || base.isEmpty { return path }
    return path.isEmpty ? base : base.utf8.last == slash ? base + path : "\(base)/\(path)"
  }

  /// Whether a path starts from the root.
  public static func isAbsolute(_ path: String) -> Bool { path.utf8.first == slash }

  /// The path with `.`, `..` and double slashes taken out, without regard to links.
  public static func normalize(_ path: String) -> String {
    let isAbsolute = isAbsolute(path)
    let joined = normalParts(path, isAbsolute).joined(separator: "/")
    return isAbsolute ? "/\(joined)" : joined.isEmpty ? "." : joined
  }

  private static func normalParts(_ path: String, _ isAbsolute: Bool) -> [Substring] {
    var parts: [Substring] = []
    for part in components(path) where !isSame(part, ".") {
      let isUp = isSame(part, "..")
      if isUp, let last = parts.last, !isSame(last, "..") {
        parts.removeLast()
      } else if !isUp || !isAbsolute {
        parts.append(part)
      }
    }
    return parts
  }

  /// The components that are not empty.
  public static func components(_ path: String) -> [Substring] {
    path.utf8.split(separator: slash).map { Substring($0) }
  }

  private static func isSame(_ left: some StringProtocol, _ right: some StringProtocol) -> Bool {
    left.utf8.elementsEqual(right.utf8)
  }

  /// The path made absolute against a directory, and normalised.
  public static func absolute(_ path: String, in directory: String) -> String {
    normalize(join(directory, path))
  }

  /// The path as seen from a directory; both must be absolute.
  public static func relative(_ path: String, to directory: String) -> String {
    let target = normalParts(path, isAbsolute(path))
    let base = normalParts(directory, isAbsolute(directory))
    var common = 0
    while common < target.count, common < base.count, isSame(target[common], base[common]) {
      common += 1
    }
    let parts =
      Array(repeating: "..", count: base.count - common) + target[common...].map(String.init)
    return parts.isEmpty ? "." : parts.joined(separator: "/")
  }

  /// Whether a normalised absolute path is a directory itself or something in it.
  public static func isInside(_ path: String, _ directory: String) -> Bool {
    if directory.utf8.elementsEqual("/".utf8) { return isAbsolute(path) }
    guard path.utf8.starts(with: directory.utf8) else { return false }
    let rest = path.utf8.dropFirst(directory.utf8.count)
    return rest.isEmpty || rest.first == slash
  }

  /// The last component; empty for `/`.
  public static func name(_ path: String) -> String {
    components(path).last.map(String.init) ?? ""
  }

  /// Everything before the last component; `.` when there is none.
  public static func directory(_ path: String) -> String { FileIO.parent(path) ?? "." }
}
