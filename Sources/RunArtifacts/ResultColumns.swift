// The results of a run member by member: what a table of a hundred thousand tests shows is sent and
// read in a tenth of the bytes and of the time. Pure.

import Core

/// Columns of results, as JSON; grows row by row.
public struct ResultColumns: Sendable {
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
    if let order {
      for index in order { columns.add(scan.rows[index], scan.attempts[index]) }
    } else {
      columns.add(scan)
    }
    return columns.json
  }

  private var count = 0
  private var testID = List()
  private var score = List()
  private var duration = List()
  private var cost = Words<Double?> { .optional($0) }
  private var status = Words<ExecutionStatus> { .string($0.rawValue) }
  private var target = Words<String> { .string($0) }
  private var requestedTarget = Words<String?> { .optional($0) }
  private var evalFile = Words<String?> { .optional($0) }
  private var suite = Words<String?> { .optional($0) }
  private var category = Words<String?> { .optional($0) }
  private var error = Words<String?> { .optional($0) }
  private var attempts = Words<Int> { .int($0) }

  init() {}

  /// Adds the rows that came since: those from the number of them that it has.
  mutating func add(_ scan: IndexScan) {
    for index in count..<max(count, scan.rows.count) {
      add(scan.rows[index], scan.attempts[index])
    }
  }

  private mutating func add(_ row: RowDigest, _ rowAttempts: Int) {
    count += 1
    testID.add(.string(row.testID))
    score.add(.optional(row.score))
    duration.add(.optional(row.durationMS))
    cost.add(row.costUSD)
    status.add(row.status)
    target.add(row.target)
    requestedTarget.add(row.requestedTarget)
    evalFile.add(row.evalFile)
    suite.add(row.suite)
    category.add(row.category)
    error.add(row.error)
    attempts.add(rowAttempts)
  }

  var json: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(
      testID.bytes.count + score.bytes.count + duration.bytes.count + 16 * count + 4096)
    func column(_ name: String, _ append: (inout [UInt8]) -> Void) {
      bytes.append(UInt8(ascii: bytes.isEmpty ? "{" : ","))
      JSON.string(name).append(to: &bytes)
      bytes.append(UInt8(ascii: ":"))
      append(&bytes)
    }
    column("testId", testID.append(to:))
    column("score", score.append(to:))
    column("durationMs", duration.append(to:))
    column("costUsd", cost.append(to:))
    column("executionStatus", status.append(to:))
    column("target", target.append(to:))
    column("requestedTarget", requestedTarget.append(to:))
    column("evalFile", evalFile.append(to:))
    column("suite", suite.append(to:))
    column("category", category.append(to:))
    column("error", error.append(to:))
    column("attempts", attempts.append(to:))
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  /// An array of values.
  private struct List: Sendable {
    /// The elements with commas in between.
    private(set) var bytes: [UInt8] = []

    mutating func add(_ value: JSON) {
      if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
      value.append(to: &bytes)
    }

    func append(to output: inout [UInt8]) {
      output.append(UInt8(ascii: "["))
      output += bytes
      output.append(UInt8(ascii: "]"))
    }
  }

  /// A column of few words.
  private struct Words<Word: Hashable & Sendable>: Sendable {
    private let json: @Sendable (Word) -> JSON
    private var places: [Word: Int] = [:]
    private var words: [Word] = []
    /// Number of rows.
    private var count = 0
    /// The place of the last row's word.
    private var last = 0
    /// The places with commas in between; empty while there is one word.
    private var numbers: [UInt8] = []

    init(_ json: @escaping @Sendable (Word) -> JSON) { self.json = json }

    mutating func add(_ word: Word) {
      // Neighbours are often alike.
      if count == 0 || words[last] != word {
        let known = places[word]
        last = known ?? words.count
        if known == nil {
          places[word] = last
          words.append(word)
        }
        if words.count == 2, numbers.isEmpty {
          for index in 0..<count { numbers += index == 0 ? "0".utf8 : ",0".utf8 }
        }
      }
      if words.count > 1 {
        if !numbers.isEmpty { numbers.append(UInt8(ascii: ",")) }
        if last < 10 {
          numbers.append(UInt8(ascii: "0") + UInt8(last))
        } else {
          numbers += String(last).utf8
        }
      }
      count += 1
    }

    func append(to output: inout [UInt8]) {
      output += #"{"values":["#.utf8
      for (index, word) in words.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        json(word).append(to: &output)
      }
      output.append(UInt8(ascii: "]"))
      if words.count > 1 {
        output += #","rows":["#.utf8
        output += numbers
        output.append(UInt8(ascii: "]"))
      }
      output.append(UInt8(ascii: "}"))
    }
  }
}
