// The rows of an index that grows: what was read of it is not read again.

import Core

/// Takes the lines of an index as they come.
struct GrowingScan: Sendable {
  /// Most rows that room is made for: the beginning of an index may not be like the rest.
  private static let maximumReserved = 1 << 18

  /// Behind the last whole line that was taken, bytes.
  private(set) var wholeBytes = 0
  /// How often a row took the place of another one: what was added up over all rows is out of date.
  private(set) var replacedCount = 0

  /// All slots, also of rows that do not count any more.
  private var scan = IndexScan()
  private var index = EffectiveIndex()
  private var slices = RowSlices()
  /// Slots of rows of upstream that a row of ours stands for now.
  private var removed: Set<Int> = []
  /// What stands behind the last newline: torn, or to be ended by its writer.
  private var tail: Lines.Piece?

  /// Number of slots: what this takes of memory goes with it.
  var count: Int { scan.rows.count }
  /// Whether the rows are the slots, so that what was added up over some is right for these.
  var isPlain: Bool { tail == nil && removed.isEmpty }

  /// Reads what came since; a missing index has no rows.
  /// - Throws: `FileError`.
  mutating func extend(
    _ path: String, each: (RowDigest) -> Void = { _ in }
  ) throws(FileError) {
    tail = nil
    let size = wholeBytes == 0 ? FileIO.status(path)?.size : nil
    do {
      scan.sizeBytes = try Lines.forEach(
        in: path, from: wholeBytes, pieceBytes: IndexScan.pieceBytes
      ) { piece in
        guard piece.isWhole else {
          tail = piece
          return
        }
        if let size, wholeBytes == 0 {
          reserve(Double(piece.lines.count) * Double(size) / Double(piece.bytes.count))
        }
        take(piece, each)
        wholeBytes = piece.offset + piece.bytes.count
      }
    } catch  where error.isMissing {
      self = GrowingScan()
    }
  }

  /// The rows that count, with the unfinished last line.
  func finished(each: (RowDigest) -> Void = { _ in }) -> IndexScan {
    var whole = scan
    var removed = removed
    if let tail {
      var copy = self
      copy.take(tail, each)
      whole = copy.scan
      removed = copy.removed
    }
    guard !removed.isEmpty else { return whole }
    let left = whole.rows.indices.filter { !removed.contains($0) }
    whole.rows = left.map { whole.rows[$0] }
    whole.attempts = left.map { whole.attempts[$0] }
    return whole
  }

  /// Makes room at once for the rows that an index will have by the looks of its beginning.
  private mutating func reserve(_ rows: Double) {
    let count = Int(min(rows * 1.01, Double(Self.maximumReserved)))
    scan.rows.reserveCapacity(count)
    scan.attempts.reserveCapacity(count)
    index.reserveCapacity(count)
  }

  private mutating func take(_ piece: Lines.Piece, _ each: (RowDigest) -> Void) {
    var walker = JSONWalker(piece.bytes)
    for range in piece.lines {
      let offset = piece.offset + range.lowerBound
      let digest: RowDigest
      if slices.read(range, &walker) {
        digest = RowDigest(
          slices, piece.bytes, offset: offset, length: range.count, like: scan.rows.last)
      } else if let row = (try? JSON.parse(piece.bytes[range])).flatMap(ResultRow.init(json:)) {
        digest = RowDigest(row, offset: offset, length: range.count)
      } else {
        if !Lines.isBlank(piece.bytes[range]) { scan.badLines += 1 }
        continue
      }
      scan.rowCount += 1
      each(digest)
      put(digest)
    }
  }

  private mutating func put(_ digest: RowDigest) {
    let slot = index.add(
      digest.identity, suite: digest.suite, target: digest.target,
      removing: {
        removed.insert($0)
        replacedCount += 1
      })
    if slot == scan.rows.count {
      scan.rows.append(digest)
      scan.attempts.append(1)
    } else {
      scan.rows[slot] = digest
      scan.attempts[slot] += 1
      replacedCount += 1
    }
  }
}
