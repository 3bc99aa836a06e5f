import Core
import RunArtifacts
import TestSupport
import Testing

@Suite struct IndexReaderTests {
  private static let rows = (0..<4).map { number in
    var row = EffectiveRowsTests.row("test-\(number)", score: number == 2 ? 0 : 1)
    row.metadata = ["text": "line\nbreak \"quoted\" ünïcödé"]
    return row
  }

  @Test func `an index cut at any byte gives the rows before the cut`() {
    let bytes = Self.rows.flatMap(\.line)
    var ends: [Int] = []
    for row in Self.rows { ends.append((ends.last ?? 0) + row.line.count) }
    for length in 0...bytes.count {
      let contents = IndexContents(bytes: Array(bytes[..<length]))
      // A row is complete one byte before its newline.
      let whole = ends.count { $0 - 1 <= length }
      #expect(contents.rows == Array(Self.rows[..<whole]), "cut at \(length)")
      let sound = ends[..<whole].last ?? 0
      #expect(contents.soundBytes == min(sound, length), "cut at \(length)")
      #expect(contents.lacksNewline == (whole > 0 && sound > length))
      #expect(contents.badLines == (length > sound ? 1 : 0))
    }
  }

  @Test func `a bad line costs that line only and is counted`() {
    var bytes = Self.rows[0].line
    bytes += Array("{broken\n\n  \nnull\n\0\0\0\n".utf8)
    bytes += Self.rows[1].line
    let contents = IndexContents(bytes: bytes)
    #expect(contents.rows.map(\.testID) == ["test-0", "test-1"])
    #expect(contents.badLines == 3)
  }

  @Test func `a file read while it grows gives each row once`() {
    let bytes = Self.rows.flatMap(\.line)
    for step in [1, 7, 64, 100_000] {
      var reader = JSONLinesReader()
      var seen: [String] = []
      var offset = 0
      while offset < bytes.count {
        let end = min(bytes.count, offset + step)
        seen += reader.feed(Array(bytes[offset..<end])).compactMap { $0["test_id"]?.string }
        offset = end
      }
      #expect(seen == Self.rows.map(\.testID))
      #expect(reader.offset == bytes.count)
      #expect(reader.finish() == nil)
      #expect(reader.badLines == 0)
    }
  }
}
