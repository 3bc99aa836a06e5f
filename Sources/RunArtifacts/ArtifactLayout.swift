// Where the artifacts of a test go: <suite>/<test id>[/<target>][/attempt-N], each segment safe as
// a file name and no two executions in one place.

import Core

/// The places of the per-test artifacts of one run.
public struct ArtifactLayout: Sendable {
  /// What a place is made of.
  public struct Parts: Sendable, Hashable {
    /// Suite name; blank leaves the level out.
    public var suite: String?
    /// Test id.
    public var testID: String
    /// Requested target; only part of the place in a run with more than one.
    public var target: String

    /// Parts of a place.
    public init(suite: String?, testID: String, target: String) {
      self.suite = suite
      self.testID = testID
      self.target = target
    }
  }

  /// Places that are not the plain ones, by number.
  private let numbered: [Int: String]
  private let part: @Sendable (Int) -> Parts
  private let hasTarget: Bool
  /// Fingerprints of directories that hold artifacts already.
  private let taken: Set<UInt64>

  /// Lays out a plan.
  /// - Parameters:
  ///   - plan: every planned execution, in order; equal places get a number.
  ///   - rows: rows already in the index. Their artifacts stay: a further attempt goes beside them.
  public init(plan: [Parts], existing rows: [ResultRow]) {
    self.init(count: plan.count, earlier: EarlierRows(rows)) { plan[$0] }
  }

  /// Lays out a plan without holding it.
  /// - Parameters:
  ///   - count: number of planned executions; equal places get a number.
  ///   - earlier: rows already in the index. Their artifacts stay: a further attempt goes beside
  ///     them.
  ///   - part: what the place of an execution is made of.
  public init(count: Int, earlier: EarlierRows, part: @escaping @Sendable (Int) -> Parts) {
    self.part = part
    var target: String?
    hasTarget = (0..<count).contains { index in
      let own = part(index).target
      target = target ?? own
      return own != target
    }
    taken = earlier.directories
    // Only places that differ from the plain one are kept, so that a plan of 100,000 costs little.
    var seen = Set<UInt64>(minimumCapacity: count)
    var numbers: [String: Int] = [:]
    var numbered: [Int: String] = [:]
    for index in 0..<count {
      let plain = Self.plain(part(index), hasTarget: hasTarget)
      if seen.insert(Fingerprint.of(plain)).inserted { continue }
      let number = (numbers[plain] ?? 1) + 1
      numbers[plain] = number
      numbered[index] = "\(plain)~\(number)"
    }
    self.numbered = numbered
  }

  /// The directory of a planned execution, relative to the run directory.
  /// - Parameter index: its place in the plan.
  /// - Returns: a path without `.` and `..`.
  public func directory(_ index: Int) -> String {
    let first = numbered[index] ?? Self.plain(part(index), hasTarget: hasTarget)
    if !taken.contains(Fingerprint.of(first)) { return first }
    var attempt = 2
    while taken.contains(Fingerprint.of("\(first)/attempt-\(attempt)")) { attempt += 1 }
    return "\(first)/attempt-\(attempt)"
  }

  private static func plain(_ parts: Parts, hasTarget: Bool) -> String {
    var segments: [String] = []
    if let suite = parts.suite, let segment = segment(suite) { segments.append(segment) }
    segments.append(segment(parts.testID) ?? "unknown")
    if hasTarget { segments.append(segment(parts.target) ?? "unknown") }
    return segments.joined(separator: "/")
  }

  /// Longest segment, bytes: file systems allow 255 (NAME_MAX), the rest is for a number.
  static let maximumSegmentBytes = 200

  /// A text as a file name: trimmed, separators and control characters as `_`, never `.`, `..`, a
  /// hidden name or the name of one of the run's own files; `nil` when nothing is left.
  static func segment(_ text: String) -> String? {
    let trimmed = text.unicodeScalars.drop { $0.properties.isWhitespace }.reversed()
      .drop { $0.properties.isWhitespace }.reversed()
    var name = ""
    for scalar in trimmed {
      let isUnsafe =
        scalar.value < 0x20 || scalar.value == 0x7F
        || "/\\:*?\"<>|".unicodeScalars.contains(scalar)
      name.unicodeScalars.append(isUnsafe ? "_" : scalar)
    }
    guard !name.isEmpty else { return nil }
    // By its first byte: for Swift a dot and an accent after it are one character.
    if name.utf8.first == UInt8(ascii: ".") { name = "_" + String(name.unicodeScalars.dropFirst()) }
    if name == "_." { name = "__" }
    if ownNames.contains(name) { name += "_" }
    if name.utf8.count > maximumSegmentBytes {
      var short = ""
      for character in name {
        if short.utf8.count + character.utf8.count > maximumSegmentBytes - 17 { break }
        short.append(character)
      }
      name = "\(short)~\(String(Fingerprint.of(text), radix: 16))"
    }
    return name
  }

  private static let ownNames: Set<String> = [
    RunFile.index, RunFile.benchmark, RunFile.timing, RunFile.record, RunFile.events,
    RunFile.console, RunFile.tags, "feedback.json", "report.html", RunFile.transcript,
  ]
}
