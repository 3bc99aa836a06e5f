// The results of a run member by member: what a table of a hundred thousand tests shows is sent and
// read in a tenth of the bytes and of the time. Pure.

import Core

/// Columns of results, as JSON.
public struct ResultColumns {
  /// The object of all columns.
  ///
  /// A column of few words is `{"values": […], "rows": […]}`, where `rows` holds for each result the
  /// place of its value; without `rows` all results have the first value. Other columns are arrays. What
  /// a result does not have is `null`.
  /// - Parameters:
  ///   - scan: the rows.
  ///   - order: places in `scan.rows`, in the order in which they are wanted; `nil` for all.
  /// - Returns: the object, serialised.
  public static func json(_ scan: IndexScan, order: [Int]?) -> [UInt8] {
    var columns = ResultColumns()
    let rows = order.map { $0.map { scan.rows[$0] } } ?? scan.rows
    let attempts = order.map { $0.map { scan.attempts[$0] } } ?? scan.attempts
    columns.add("testId", rows) { .string($0.testID) }
    columns.add("score", rows) { .optional($0.score) }
    columns.add("durationMs", rows) { .optional($0.durationMS) }
    columns.addWords("costUsd", rows) {
      $0.costUSD
    } json: {
      .optional($0)
    }
    columns.addWords("executionStatus", rows) {
      $0.status
    } json: {
      .string($0.rawValue)
    }
    columns.addWords("target", rows) {
      $0.target
    } json: {
      .string($0)
    }
    columns.addWords("requestedTarget", rows) {
      $0.requestedTarget
    } json: {
      .optional($0)
    }
    columns.addWords("evalFile", rows) {
      $0.evalFile
    } json: {
      .optional($0)
    }
    columns.addWords("suite", rows) {
      $0.suite
    } json: {
      .optional($0)
    }
    columns.addWords("category", rows) {
      $0.category
    } json: {
      .optional($0)
    }
    columns.addWords("error", rows) {
      $0.error
    } json: {
      .optional($0)
    }
    columns.addWords("attempts", attempts) {
      $0
    } json: {
      .int($0)
    }
    columns.bytes.append(UInt8(ascii: "}"))
    return columns.bytes
  }

  private var bytes: [UInt8] = []

  private mutating func name(_ name: String) {
    bytes.append(UInt8(ascii: bytes.isEmpty ? "{" : ","))
    bytes += JSON.string(name).serialized()
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func array<Element>(
    _ elements: some Sequence<Element>, _ append: (Element, inout [UInt8]) -> Void
  ) {
    bytes.append(UInt8(ascii: "["))
    var isFirst = true
    for element in elements {
      if !isFirst { bytes.append(UInt8(ascii: ",")) }
      isFirst = false
      append(element, &bytes)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  private mutating func add(
    _ name: String, _ rows: [RowDigest], _ value: (RowDigest) -> JSON
  ) {
    self.name(name)
    array(rows) { $1 += value($0).serialized() }
  }

  private mutating func addWords<Row, Word: Hashable>(
    _ name: String, _ rows: [Row], _ word: (Row) -> Word, json: (Word) -> JSON
  ) {
    var places: [Word: Int] = [:]
    var words: [Word] = []
    var numbers: [Int] = []
    numbers.reserveCapacity(rows.count)
    var last: (word: Word, place: Int)?
    for row in rows {
      let word = word(row)
      // Neighbours are often alike.
      if let last, last.word == word {
        numbers.append(last.place)
        continue
      }
      let place = places[word] ?? words.count
      if place == words.count {
        places[word] = place
        words.append(word)
      }
      last = (word, place)
      numbers.append(place)
    }
    self.name(name)
    bytes += #"{"values":"#.utf8
    array(words) { $1 += json($0).serialized() }
    if words.count > 1 {
      bytes += #","rows":"#.utf8
      array(numbers) { $1 += String($0).utf8 }
    }
    bytes.append(UInt8(ascii: "}"))
  }
}
