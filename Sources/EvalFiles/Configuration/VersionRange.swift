// Ranges of versions as package.json writes them (semver.org; npm's node-semver).

/// A range of versions.
public struct VersionRange: Sendable, Hashable {
  /// The version of AgentV whose files and options this program follows; ranges in projects mean
  /// that one.
  public static let compatibleVersion = "4.26.0"

  private struct Bound: Sendable, Hashable {
    var comparison: String
    var version: [Int]

    func holds(_ version: [Int]) -> Bool {
      switch comparison {
      case ">=": !version.lexicographicallyPrecedes(self.version)
      case ">": self.version.lexicographicallyPrecedes(version)
      case "<": version.lexicographicallyPrecedes(self.version)
      case "<=": !self.version.lexicographicallyPrecedes(version)
      default: version == self.version
      }
    }
  }

  private var alternatives: [[Bound]] = []

  /// Reads a range; `nil` for what is none.
  public init?(_ text: String) {
    for part in text.split(separator: "||", omittingEmptySubsequences: false) {
      guard let bounds = Self.bounds(String(part).trimmed) else { return nil }
      alternatives.append(bounds)
    }
  }

  /// Whether a version such as `4.26.0` is in the range; what follows a dash or plus is left out.
  public func contains(_ version: String) -> Bool {
    guard let parts = Self.parts(version), parts.count == 3 else { return false }
    return alternatives.contains { bounds in bounds.allSatisfy { $0.holds(parts) } }
  }

  private static func bounds(_ text: String) -> [Bound]? {
    if text.isEmpty || text == "*" || text == "x" || text == "latest" { return [] }
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    if words.count == 3, words[1] == "-" {
      guard let low = range(words[0]), let high = range(words[2]) else { return nil }
      return [Bound(comparison: ">=", version: low.low)]
        + (high.isWhole
          ? [Bound(comparison: "<=", version: high.low)]
          : [Bound(comparison: "<", version: high.high)])
    }
    var bounds: [Bound] = []
    var comparison = ""
    for word in words {
      var rest = word[...]
      if comparison.isEmpty {
        let signs = rest.prefix { "<>=^~".contains($0) }
        comparison = String(signs)
        rest = rest[signs.endIndex...]
        if rest.isEmpty { continue }
      }
      guard let range = range(String(rest)),
        let more = Self.bounds(comparison, range)
      else { return nil }
      bounds += more
      comparison = ""
    }
    return comparison.isEmpty ? bounds : nil
  }

  private static func bounds(_ comparison: String, _ range: PartialVersion) -> [Bound]? {
    func from(_ high: [Int]) -> [Bound] {
      [Bound(comparison: ">=", version: range.low), Bound(comparison: "<", version: high)]
    }
    if range.count == 0 { return [] }
    switch comparison {
    case "", "=":
      return range.isWhole
        ? [Bound(comparison: "=", version: range.low)] : from(range.high)
    case ">=", "<": return [Bound(comparison: comparison, version: range.low)]
    case ">":
      return range.isWhole
        ? [Bound(comparison: ">", version: range.low)]
        : [Bound(comparison: ">=", version: range.high)]
    case "<=":
      return range.isWhole
        ? [Bound(comparison: "<=", version: range.low)]
        : [Bound(comparison: "<", version: range.high)]
    case "~", "~>":
      return from(
        range.count > 1 ? [range.low[0], range.low[1] + 1, 0] : [range.low[0] + 1, 0, 0])
    case "^":
      if range.low[0] > 0 || range.count == 1 { return from([range.low[0] + 1, 0, 0]) }
      if range.low[1] > 0 || range.count == 2 { return from([0, range.low[1] + 1, 0]) }
      return from([0, 0, range.low[2] + 1])
    default: return nil
    }
  }

  /// A version of which the last parts may be missing.
  private struct PartialVersion {
    var count: Int
    var low: [Int]
    /// The first version beyond it.
    var high: [Int]
    var isWhole: Bool { count == 3 }
  }

  private static func range(_ text: String) -> PartialVersion? {
    guard let parts = parts(text) else { return nil }
    let low = parts + Array(repeating: 0, count: 3 - parts.count)
    var high = parts
    if let last = high.indices.last { high[last] += 1 }
    high += Array(repeating: 0, count: 3 - parts.count)
    if parts.isEmpty { high = [Int.max, 0, 0] }
    return PartialVersion(count: parts.count, low: low, high: high)
  }

  /// The numbers of a version up to the first wildcard.
  private static func parts(_ text: String) -> [Int]? {
    let plain = text.hasPrefix("v") ? text.dropFirst() : text[...]
    let core = plain.prefix { $0 != "-" && $0 != "+" }
    var parts: [Int] = []
    let words = core.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...3).contains(words.count) else { return nil }
    for word in words {
      if word == "x" || word == "X" || word == "*" { return parts }
      guard let number = Int(word), number >= 0, number < 1_000_000_000 else { return nil }
      parts.append(number)
    }
    return parts
  }
}
