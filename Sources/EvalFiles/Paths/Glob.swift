/// A glob pattern over `/`-separated paths, as fast-glob and micromatch read it.
///
/// `*` and `?` stay inside a segment, `**` as a whole segment spans any number of them, `[a-z]` and
/// `[!a-z]` are sets, `{a,b}` and `{1..3}` alternatives, `\` takes the next character literally. A
/// leading `!` inverts the pattern. Names that begin with a dot are matched like all others.
public struct Glob: Sendable, Hashable {
  /// The pattern as it was written.
  public let pattern: String
  let negated: Bool
  let alternatives: [[GlobSegment]]

  /// Compiles a pattern; every string is a valid pattern, an unclosed bracket is a literal.
  /// - Parameters:
  ///   - pattern: the pattern.
  ///   - ignoringCase: whether letters match regardless of their case.
  public init(_ pattern: String, ignoringCase: Bool = false) {
    self.pattern = pattern
    var body = Substring(pattern)
    var negated = false
    while body.first == "!" {
      negated.toggle()
      body = body.dropFirst()
    }
    self.negated = negated
    alternatives = GlobBraces.expand(String(body)).compactMap { alternative in
      var segments: [GlobSegment] = []
      for part in alternative.split(separator: "/", omittingEmptySubsequences: true)
      where part != "." {
        let segment = GlobSegment(String(part), ignoringCase: ignoringCase)
        // Several in a row mean what one does, and would be looked at again for each name.
        if segment.isAnyDepth, segments.last?.isAnyDepth == true { continue }
        segments.append(segment)
      }
      return segments.count <= Self.maximumSegments ? segments : nil
    }
  }

  /// Most segments of a pattern; one with more matches nothing but itself, as no tree is walked so deep.
  static let maximumSegments = 2 * FileWalk.maximumDepth

  /// Whether a `/`-separated path matches.
  /// - Parameter path: the path; a leading `/` counts for nothing.
  /// - Returns: whether it does.
  public func matches(_ path: String) -> Bool {
    // As in picomatch: the id `case[1]` is named by itself, although its bracket is a set.
    if path == pattern { return true }
    let names = path.split(separator: "/", omittingEmptySubsequences: true)
    let hit = alternatives.contains { segments in
      var states = GlobStates(start: segments)
      for name in names.dropLast() { states.enter(name, in: segments) }
      guard let last = names.last else { return segments.isEmpty }
      return states.accepts(last, in: segments)
    }
    return hit != negated
  }

  /// Whether a string holds a character that makes it a pattern rather than a plain path.
  public static func isPattern(_ text: String) -> Bool {
    text.utf8.contains { $0 == 0x2A || $0 == 0x3F || $0 == 0x5B || $0 == 0x7B }
  }

  /// Why a pattern can hardly mean what it says, if so: a bracket or brace that is never closed.
  public static func problem(in text: String) -> String? {
    var closers: [Character] = []
    var escaped = false
    for character in text {
      if escaped {
        escaped = false
        continue
      }
      switch character {
      case "\\": escaped = true
      case "[": closers.append("]")
      case "{": closers.append("}")
      case "]", "}":
        if let index = closers.lastIndex(of: character) { closers.removeSubrange(index...) }
      default: break
      }
    }
    return closers.last.map { "a bracket is never closed (expected \"\($0)\")" }
  }
}

/// The positions of a pattern that the path read so far can have reached.
struct GlobStates {
  private(set) var positions: [Int]

  /// The positions before the first name.
  init(start segments: [GlobSegment]) {
    positions = []
    add(0, in: segments)
  }

  /// Whether no path below here can match any more.
  var isDead: Bool { positions.isEmpty }

  private mutating func add(_ position: Int, in segments: [GlobSegment]) {
    guard !positions.contains(position) else { return }
    positions.append(position)
    if position < segments.count, segments[position].isAnyDepth { add(position + 1, in: segments) }
  }

  /// Descends into a directory.
  mutating func enter(_ name: Substring, in segments: [GlobSegment]) {
    let old = positions
    positions.removeAll(keepingCapacity: true)
    for position in old where position < segments.count {
      if segments[position].isAnyDepth {
        add(position, in: segments)
      } else if segments[position].matches(name) {
        add(position + 1, in: segments)
      }
    }
  }

  /// Whether a last name completes the pattern here.
  func accepts(_ name: Substring, in segments: [GlobSegment]) -> Bool {
    positions.contains { position in
      guard position < segments.count else { return false }
      let segment = segments[position]
      guard segment.isAnyDepth || segment.matches(name) else { return false }
      return segments[(position + 1)...].allSatisfy(\.isAnyDepth)
    }
  }
}

/// The `{a,b}` and `{1..3}` part of a pattern.
enum GlobBraces {
  /// Most alternatives that one pattern may expand to; a pattern beyond it is taken literally.
  static let maximumAlternatives = 1024

  /// All patterns without braces that a pattern stands for.
  static func expand(_ pattern: String) -> [String] {
    var done: [String] = []
    var pending = [pattern]
    while let next = pending.popLast() {
      guard let (head, options, tail) = firstGroup(next) else {
        done.append(next)
        continue
      }
      guard done.count + pending.count + options.count <= maximumAlternatives else {
        return [pattern]
      }
      pending.append(contentsOf: options.reversed().map { head + $0 + tail })
    }
    return done
  }

  private static func firstGroup(_ pattern: String) -> (String, [String], String)? {
    let characters = Array(pattern)
    var start = 0
    while start < characters.count {
      if characters[start] == "\\" {
        start += 2
        continue
      }
      if characters[start] == "{", let group = group(characters, from: start) { return group }
      start += 1
    }
    return nil
  }

  private static func group(
    _ characters: [Character], from start: Int
  ) -> (String, [String], String)? {
    var depth = 0
    var options: [String] = []
    var current = ""
    var index = start
    while index < characters.count {
      let character = characters[index]
      switch character {
      case "\\" where index + 1 < characters.count:
        current.append(character)
        index += 1
        current.append(characters[index])
      case "{":
        depth += 1
        if depth > 1 { current.append(character) }
      case "}":
        depth -= 1
        if depth == 0 {
          options.append(current)
          if options.count == 1 { options = range(current) }
          guard !options.isEmpty else { return nil }
          return (
            String(characters[..<start]), options, String(characters[(index + 1)...])
          )
        }
        current.append(character)
      case "," where depth == 1:
        options.append(current)
        current = ""
      default: current.append(character)
      }
      index += 1
    }
    return nil
  }

  private static func range(_ text: String) -> [String] {
    guard let dots = text.firstRange(of: ".."),
      let low = Int(text[..<dots.lowerBound]), let high = Int(text[dots.upperBound...]),
      low <= high, high - low < maximumAlternatives
    else { return [] }
    return (low...high).map(String.init)
  }
}
