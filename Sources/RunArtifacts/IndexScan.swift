// Reads an index as digests, in pieces: memory goes with the number of rows, not with their size.

public import Core

/// The rows of an index that count, and how many there are in all.
public struct IndexScan: Sendable {
  /// Read at once; a line longer than this is read whole all the same.
  static let pieceBytes = 4 << 20

  /// The rows that count: the last one of each identity, in the order in which the identities first
  /// appeared.
  public internal(set) var rows: [RowDigest] = []
  /// For each of these rows, how many rows of its identity there are: its attempts.
  public internal(set) var attempts: [Int] = []
  /// Rows in all.
  public internal(set) var rowCount = 0
  /// Lines that could not be read.
  public internal(set) var badLines = 0
  /// Size of the index when it was read, bytes.
  public internal(set) var sizeBytes = 0

  init() {}

  /// No rows.
  public static let empty = IndexScan()

  /// Reads an index; a missing one has no rows.
  ///
  /// Blocks: never on the loop thread.
  /// - Parameters:
  ///   - path: the index.
  ///   - each: called with every row in file order, replaced ones as well.
  /// - Throws: `FileError`.
  public init(_ path: String, each: (RowDigest) -> Void = { _ in }) throws(FileError) {
    var growing = GrowingScan()
    try growing.extend(path, each: each)
    self = growing.finished(each: each)
  }
}

/// Slots of the rows that count, by identity; what `EffectiveRows` decides, for digests.
struct EffectiveIndex: Sendable {
  private struct ForeignKey: Hashable {
    var suite: String?
    var testID: String
    var target: String
  }

  private var own: [TestIdentity: Int] = [:]
  private var foreign: [ForeignKey: Int] = [:]
  private var slotCount = 0

  /// Makes room for rows of ours.
  mutating func reserveCapacity(_ count: Int) { own.reserveCapacity(count) }

  /// The slot of the next row; a new one is the number of slots so far.
  mutating func add(
    _ identity: TestIdentity, suite: String?, target: String, removing: (Int) -> Void
  ) -> Int {
    guard identity.evalFile != nil else {
      let key = ForeignKey(suite: suite, testID: identity.testID, target: target)
      return Self.slot(&foreign[key], &slotCount)
    }
    if !foreign.isEmpty {
      for target in Set([target, identity.target]) {
        for suite in [suite, nil] {
          let key = ForeignKey(suite: suite, testID: identity.testID, target: target)
          if let slot = foreign.removeValue(forKey: key) { removing(slot) }
        }
      }
    }
    return Self.slot(&own[identity], &slotCount)
  }

  private static func slot(_ known: inout Int?, _ count: inout Int) -> Int {
    if let known { return known }
    known = count
    count += 1
    return count - 1
  }
}

/// The lines of a file, a piece of it at a time.
enum Lines {
  struct Piece: Sendable {
    /// Place of the piece in the file.
    var offset: Int
    var bytes: [UInt8]
    /// The lines in it, without their newlines.
    var lines: [Range<Int>]
    /// Whether it ends with a newline; only the last one may not, and then it is one line.
    var isWhole: Bool
  }

  /// Gives whole lines, then what stands behind the last newline.
  /// - Parameters:
  ///   - path: the file.
  ///   - start: where to begin, which is the beginning of a line.
  ///   - pieceBytes: read at once.
  ///   - body: gets the lines.
  /// - Returns: where the file ended.
  /// - Throws: `FileError`.
  static func forEach(
    in path: String, from start: Int = 0, pieceBytes: Int, _ body: (Piece) -> Void
  ) throws(FileError) -> Int {
    var offset = start
    var step = pieceBytes
    while true {
      var bytes = try FileIO.read(path, offset: offset, count: step)
      let isLast = bytes.count < step
      let newline = bytes.lastIndex(of: 0x0A)
      if !isLast, newline == nil {
        step *= 2
        continue
      }
      let end = newline.map { $0 + 1 } ?? 0
      let rest = isLast ? Array(bytes[end...]) : []
      bytes.removeSubrange(end...)
      if !bytes.isEmpty {
        body(Piece(offset: offset, bytes: bytes, lines: lines(bytes), isWhole: true))
      }
      offset += end
      if !rest.isEmpty {
        body(Piece(offset: offset, bytes: rest, lines: [rest.indices], isWhole: false))
      }
      if isLast { return offset + rest.count }
      step = pieceBytes
    }
  }

  private static func lines(_ bytes: [UInt8]) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    for (index, byte) in bytes.enumerated() where byte == 0x0A {
      if index > start { lines.append(start..<index) }
      start = index + 1
    }
    return lines
  }

  static func isBlank(_ line: ArraySlice<UInt8>) -> Bool {
    line.allSatisfy { $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }
  }
}
