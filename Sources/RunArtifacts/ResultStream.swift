// The results of a run as the HTTP API gives them, a piece at a time: what is in memory does not grow
// with the run's size, and the short form copies members from the rows as they are.

import Core

/// How much of each result is given.
public enum ResultView: String, Sendable, Hashable, CaseIterable {
  /// Everything: assertions, messages and graders are read from the artifacts of each test.
  case full
  /// What a table shows; nothing but the index is read.
  case compact
  /// What a table shows, member by member instead of test by test: a tenth of the bytes.
  case columns
}

/// The elements of the `results` array.
///
/// A value for one owner; blocks, so it belongs to a file worker.
public struct ResultStream: Sendable {
  /// Size of a piece, about.
  public static let pieceBytes = 256 << 10
  /// Read at once while rows follow each other in the file.
  static let windowBytes = 1 << 20

  private let directory: RunDirectory
  private let scan: IndexScan
  private let order: [Int]
  private let view: ResultView
  private var next = 0
  private var window = Window()
  private var slices = RowSlices()

  /// Results of a run.
  /// - Parameters:
  ///   - directory: the run.
  ///   - scan: its rows.
  ///   - order: places in `scan.rows`, in the order in which they are wanted; `nil` for all.
  ///   - view: how much of each.
  public init(_ directory: RunDirectory, _ scan: IndexScan, order: [Int]?, view: ResultView) {
    self.directory = directory
    self.scan = scan
    self.order = order ?? Array(scan.rows.indices)
    self.view = view
  }

  /// Whether everything was given.
  public var isAtEnd: Bool { next == order.count }

  /// The next elements, with a comma in front of each but the very first; empty at the end.
  public mutating func piece() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.pieceBytes + 4096)
    while next < order.count, bytes.count < Self.pieceBytes {
      let row = scan.rows[order[next]]
      if next > 0 { bytes.append(UInt8(ascii: ",")) }
      append(row, attempts: scan.attempts[order[next]], to: &bytes)
      next += 1
    }
    return bytes
  }

  private mutating func append(_ row: RowDigest, attempts: Int, to output: inout [UInt8]) {
    let range = line(row)
    if view == .compact, let range, slices.read(range, &window.walker) {
      return Self.compact(row, attempts, slices, window.walker.bytes, to: &output)
    }
    var object = JSONObject()
    if let range, let json = try? JSON.parse(window.walker.bytes[range]),
      let full = ResultRow(json: json)
    {
      object =
        (view == .full ? evalResultJSON(full, in: directory) : compactResultJSON(full)).object
        ?? [:]
    } else {
      // The index was replaced meanwhile.
      object = ["testId": .string(row.testID), "target": .string(row.target)]
    }
    object["attempts"] = .int(attempts)
    output += JSON.object(object).serialized()
  }

  /// Where the row's line is in the window, which is moved when it has to be.
  private mutating func line(_ row: RowDigest) -> Range<Int>? {
    if !window.holds(row) {
      // A later attempt stands far behind its neighbours: then only its own line is read.
      let follows = row.offset >= window.offset && row.offset <= window.end + Self.windowBytes
      let count = follows || window.end == 0 ? max(Self.windowBytes, row.length) : row.length
      let bytes = try? FileIO.read(
        directory.file(RunFile.index), offset: row.offset, count: count)
      window = Window(offset: row.offset, walker: JSONWalker(bytes ?? []))
    }
    guard window.holds(row) else { return nil }
    let start = row.offset - window.offset
    return start..<start + row.length
  }

  private static func compact(
    _ row: RowDigest, _ attempts: Int, _ slices: RowSlices, _ bytes: [UInt8],
    to output: inout [UInt8]
  ) {
    func raw(_ name: StaticString, _ range: Range<Int>) {
      output += name.description.utf8
      output += bytes[range]
    }
    func string(_ name: StaticString, _ field: RowField) {
      guard let range = slices[field], bytes[range.lowerBound] == UInt8(ascii: "\"") else { return }
      raw(name, range)
    }
    func name(_ name: StaticString, _ field: RowField, is known: String) {
      if known == "unknown" {
        output += "\(name)\"unknown\"".utf8
      } else {
        string(name, field)
      }
    }
    name(#"{"testId":"#, .testID, is: row.testID)
    string(#","timestamp":"#, .timestamp)
    string(#","suite":"#, .suite)
    string(#","category":"#, .category)
    name(#","target":"#, .target, is: row.target)
    if row.score != nil, let range = slices[.score] { raw(#","score":"#, range) }
    output += ",\"executionStatus\":\"\(row.status.rawValue)\"".utf8
    string(#","error":"#, .error)
    if let range = slices[.tokens], bytes[range.lowerBound] == UInt8(ascii: "{") {
      raw(#","tokenUsage":"#, range)
    }
    if let duration = row.durationMS { output += ",\"durationMs\":\(duration)".utf8 }
    if row.costUSD != nil, let range = slices[.cost] { raw(#","costUsd":"#, range) }
    string(#","evalFile":"#, .evalFile)
    string(#","requestedTarget":"#, .requestedTarget)
    string(#","failureStage":"#, .failureStage)
    string(#","failureReasonCode":"#, .failureReason)
    output += ",\"attempts\":\(attempts)}".utf8
  }
}

/// A part of the index.
private struct Window: Sendable {
  var offset = 0
  var walker = JSONWalker([])

  var end: Int { offset + walker.bytes.count }

  func holds(_ row: RowDigest) -> Bool {
    row.offset >= offset && row.offset + row.length <= end
  }
}

/// What a table shows of a row, built the slow way: for lines that cannot be copied as they are.
func compactResultJSON(_ row: ResultRow) -> JSON {
  var object: JSONObject = ["testId": .string(row.testID)]
  func add(_ name: String, _ value: JSON?) {
    if let value { object.appendUnchecked(name, value) }
  }
  add("timestamp", row.timestamp.map(JSON.string))
  add("suite", row.suite.map(JSON.string))
  add("category", row.category.map(JSON.string))
  add("target", .string(row.target))
  add("score", row.score.map(JSON.double))
  add("executionStatus", .string(row.executionStatus.rawValue))
  add("error", row.error.map(JSON.string))
  add("tokenUsage", row.tokenUsage?.json)
  add("durationMs", row.durationMS.map(JSON.int))
  add("costUsd", row.costUSD.map(JSON.double))
  add("evalFile", row.evalFile.map(JSON.string))
  add("requestedTarget", row.requestedTarget.map(JSON.string))
  add("failureStage", row.failureStage.map(JSON.string))
  add("failureReasonCode", row.failureReasonCode.map(JSON.string))
  return .object(object)
}
