// Reads an index as digests, in pieces: memory goes with the number of rows, not with their size.

public import Core

/// The rows of an index that count, and how many there are in all.
public struct IndexScan: Sendable {
  /// Read at once; a line longer than this is read whole all the same.
  static let pieceBytes = 4 << 20

  /// The rows that count: the last one of each identity, in the order in which the identities first
  /// appeared.
  public private(set) var rows: [RowDigest] = []
  /// For each of these rows, how many rows of its identity there are: its attempts.
  public private(set) var attempts: [Int] = []
  /// Rows in all.
  public private(set) var rowCount = 0
  /// Lines that could not be read.
  public private(set) var badLines = 0
  /// Size of the index when it was read, bytes.
  public private(set) var sizeBytes = 0

  /// Reads an index; a missing one has no rows.
  ///
  /// Blocks: never on the loop thread.
  /// - Parameters:
  ///   - path: the index.
  ///   - each: called with every row in file order, replaced ones as well.
  /// - Throws: `FileError`.
  public init(_ path: String, each: (RowDigest) -> Void = { _ in }) throws(FileError) {
    var index = EffectiveIndex()
    var digests: [RowDigest?] = []
    var counts: [Int] = []
    var slices = RowSlices()
    do {
      sizeBytes = try Lines.forEach(in: path, pieceBytes: Self.pieceBytes) { piece in
        var walker = JSONWalker(piece.bytes)
        for range in piece.lines {
          let offset = piece.offset + range.lowerBound
          let digest: RowDigest
          if slices.read(range, &walker) {
            digest = RowDigest(slices, piece.bytes, offset: offset, length: range.count)
          } else if let row = (try? JSON.parse(piece.bytes[range])).flatMap(ResultRow.init(json:)) {
            digest = RowDigest(row, offset: offset, length: range.count)
          } else {
            if !Lines.isBlank(piece.bytes[range]) { badLines += 1 }
            continue
          }
          rowCount += 1
          each(digest)
          let slot = index.add(
            digest.identity, suite: digest.suite, target: digest.target,
            removing: { digests[$0] = nil })
          if slot == digests.count {
            digests.append(digest)
            counts.append(1)
          } else {
            digests[slot] = digest
            counts[slot] += 1
          }
        }
      }
    } catch  where error.isMissing {
      sizeBytes = 0
    }
    rows.reserveCapacity(digests.count)
    attempts.reserveCapacity(digests.count)
    for (digest, count) in zip(digests, counts) {
      guard let digest else { continue }
      rows.append(digest)
      attempts.append(count)
    }
  }
}

/// Slots of the rows that count, by identity; what `EffectiveRows` decides, for digests.
struct EffectiveIndex {
  private struct ForeignKey: Hashable {
    var suite: String?
    var testID: String
    var target: String
  }

  private var own: [TestIdentity: Int] = [:]
  private var foreign: [ForeignKey: Int] = [:]
  private var slotCount = 0

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
  struct Piece {
    /// Place of the piece in the file.
    var offset: Int
    var bytes: [UInt8]
    /// The lines in it, without their newlines.
    var lines: [Range<Int>]
  }

  /// Gives whole lines, the last one also without a newline.
  /// - Returns: the size of what was read.
  static func forEach(
    in path: String, pieceBytes: Int, _ body: (Piece) -> Void
  ) throws(FileError) -> Int {
    var offset = 0
    var step = pieceBytes
    while true {
      var bytes = try FileIO.read(path, offset: offset, count: step)
      let isLast = bytes.count < step
      if !isLast {
        guard let newline = bytes.lastIndex(of: 0x0A) else {
          step *= 2
          continue
        }
        bytes.removeSubrange((newline + 1)...)
      }
      if bytes.isEmpty { return offset }
      body(Piece(offset: offset, bytes: bytes, lines: lines(bytes)))
      offset += bytes.count
      if isLast { return offset }
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
    if start < bytes.count { lines.append(start..<bytes.count) }
    return lines
  }

  static func isBlank(_ line: ArraySlice<UInt8>) -> Bool {
    line.allSatisfy { $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }
  }
}
