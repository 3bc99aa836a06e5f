/// One segment of a glob: the part between two slashes.
struct GlobSegment: Sendable, Hashable {
  private enum Piece: Sendable, Hashable {
    case literal(Unicode.Scalar)
    case anyOne
    case anyRun
    case set([ClosedRange<UInt32>], inverted: Bool)
  }

  /// Whether the segment is `**`.
  let isAnyDepth: Bool
  /// The segment's only possible name, when it holds no wildcard.
  let literal: String?
  private let pieces: [Piece]
  private let ignoringCase: Bool

  init(_ text: String, ignoringCase: Bool = false) {
    self.ignoringCase = ignoringCase
    isAnyDepth = text == "**"
    let scalars = Array((ignoringCase ? text.lowercased() : text).unicodeScalars)
    var pieces: [Piece] = []
    var index = 0
    while index < scalars.count {
      switch scalars[index] {
      case "\\" where index + 1 < scalars.count:
        index += 1
        pieces.append(.literal(scalars[index]))
      case "*":
        if pieces.last != .anyRun { pieces.append(.anyRun) }
      case "?": pieces.append(.anyOne)
      case "[":
        if let (set, end) = Self.set(scalars, from: index) {
          pieces.append(set)
          index = end
        } else {
          pieces.append(.literal("["))
        }
      default: pieces.append(.literal(scalars[index]))
      }
      index += 1
    }
    self.pieces = pieces
    var name = ""
    var plain = !ignoringCase
    for piece in pieces {
      if case .literal(let scalar) = piece {
        name.unicodeScalars.append(scalar)
      } else {
        plain = false
      }
    }
    literal = plain ? name : nil
  }

  /// Reads a set, up to the index of its closing bracket; nil when it is never closed.
  private static func set(_ scalars: [Unicode.Scalar], from start: Int) -> (Piece, Int)? {
    var index = start + 1
    let inverted = index < scalars.count && (scalars[index] == "!" || scalars[index] == "^")
    if inverted { index += 1 }
    let first = index
    var ranges: [ClosedRange<UInt32>] = []
    while index < scalars.count {
      if scalars[index] == "]", index > first { return (.set(ranges, inverted: inverted), index) }
      let low = scalars[index].value
      if index + 2 < scalars.count, scalars[index + 1] == "-", scalars[index + 2] != "]" {
        let high = scalars[index + 2].value
        if low <= high { ranges.append(low...high) }
        index += 3
      } else {
        ranges.append(low...low)
        index += 1
      }
    }
    return nil
  }

  /// Whether a name matches; linear in name × pattern, since only the last `*` is ever retried.
  func matches(_ name: Substring) -> Bool {
    let scalars = Array((ignoringCase ? name.lowercased()[...] : name).unicodeScalars)
    var position = 0
    var piece = 0
    var retry: (piece: Int, position: Int)?
    while position < scalars.count {
      if piece < pieces.count, pieces[piece] == .anyRun {
        retry = (piece, position)
        piece += 1
      } else if piece < pieces.count, accepts(pieces[piece], scalars[position]) {
        piece += 1
        position += 1
      } else if let last = retry {
        retry = (last.piece, last.position + 1)
        piece = last.piece + 1
        position = last.position + 1
      } else {
        return false
      }
    }
    return pieces[piece...].allSatisfy { $0 == .anyRun }
  }

  private func accepts(_ piece: Piece, _ scalar: Unicode.Scalar) -> Bool {
    switch piece {
    case .literal(let wanted): wanted == scalar
    case .anyOne: true
    case .anyRun: false
    case .set(let ranges, let inverted):
      ranges.contains { $0.contains(scalar.value) } != inverted
    }
  }
}
