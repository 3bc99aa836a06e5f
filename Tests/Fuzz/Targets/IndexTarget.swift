// index.jsonl: three readers of the same bytes agree, and a torn end costs the last line only.

import Core
import RunArtifacts

@Sendable func fuzzIndex(_ bytes: [UInt8]) {
  let whole = IndexContents(bytes: bytes)
  check(whole.soundBytes <= bytes.count, "the sound part is part of the file")

  var reader = JSONLinesReader()
  var rows: [ResultRow] = []
  var start = 0
  // Pieces of growing sizes, so that every boundary is met by some input.
  var size = 1
  while start < bytes.count {
    let end = min(start + size, bytes.count)
    rows += reader.feed(Array(bytes[start..<end])).compactMap(ResultRow.init(json:))
    start = end
    size = size % 7 + 1
  }
  if let last = reader.finish(), let row = ResultRow(json: last) { rows.append(row) }
  check(rows == whole.rows, "rows do not depend on the pieces in which they arrive")
  check(reader.badLines == whole.badLines, "bad lines do not depend on the pieces")

  let path = Scratch.write("index.jsonl", bytes)
  var streamed: [ResultRow] = []
  _ = try? RowStream(path: path).forEach { row, span in
    check(span.offset + span.count <= bytes.count, "a row lies in its file")
    streamed.append(row)
  }
  check(streamed == whole.rows, "a stream gives the rows of the file")
  guard let scan = try? IndexScan(path) else { return check(false, "an index can be scanned") }
  check(scan.rowCount == whole.rows.count, "a scan counts the rows")
  check(scan.rows.count == whole.effectiveCount, "the same rows count in a scan")
  check(scan.attempts.reduce(0, +) <= scan.rowCount, "attempts are rows")

  let cut = bytes.isEmpty ? 0 : Int(bytes[bytes.count / 2]) * bytes.count / 255
  let torn = IndexContents(bytes: Array(bytes[..<cut]))
  let sure = torn.lacksNewline ? torn.rows.dropLast() : torn.rows[...]
  check(whole.rows.starts(with: sure), "a torn end changes no row before it")
  let mended = IndexContents(bytes: Array(bytes[..<torn.soundBytes]))
  check(mended.rows == torn.rows, "cutting a torn line off loses no row")
}

extension IndexContents {
  fileprivate var effectiveCount: Int { LastRows(rows).rows.count }
}
