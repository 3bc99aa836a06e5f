// What lists, counts and comparisons need of a row, read straight from the bytes of its line: a run
// of 100,000 rows is to be summed up without building 100,000 trees.

public import Core

/// Members of a row that are looked at.
enum RowField: Int, CaseIterable {
  case timestamp, testID, suite, category, target, requestedTarget, evalFile, experiment, score,
    status, cost, duration, tokens, error, failureStage, failureReason

  private var name: String {
    switch self {
    case .timestamp: "timestamp"
    case .testID: "test_id"
    case .suite: "suite"
    case .category: "category"
    case .target: "target"
    case .requestedTarget: "requested_target"
    case .evalFile: "eval_file"
    case .experiment: "experiment"
    case .score: "score"
    case .status: "execution_status"
    case .cost: "cost_usd"
    case .duration: "duration_ms"
    case .tokens: "token_usage"
    case .error: "error"
    case .failureStage: "failure_stage"
    case .failureReason: "failure_reason_code"
    }
  }

  /// By the length of the name: few share one.
  private static let byLength: [[(name: [UInt8], field: RowField)]] = {
    var table: [[(name: [UInt8], field: RowField)]] = Array(repeating: [], count: 24)
    for field in allCases { table[field.name.utf8.count].append((Array(field.name.utf8), field)) }
    return table
  }()

  static func named(_ bytes: [UInt8], _ range: Range<Int>) -> RowField? {
    guard range.count < byLength.count else { return nil }
    for candidate in byLength[range.count]
    where candidate.name.elementsEqual(bytes[range]) { return candidate.field }
    return nil
  }
}

/// Where the members of one line are; kept from line to line, to allocate nothing.
struct RowSlices {
  private var ranges = [Range<Int>](repeating: 0..<0, count: RowField.allCases.count)

  /// Looks at a line; false when it is no object that can be read this way.
  mutating func read(_ range: Range<Int>, _ walker: inout JSONWalker) -> Bool {
    for index in ranges.indices { ranges[index] = 0..<0 }
    let bytes = walker.bytes
    return walker.object(in: range) { name, value in
      if let field = RowField.named(bytes, name) { ranges[field.rawValue] = value }
    }
  }

  /// The value of a member; `nil` when there is none.
  subscript(field: RowField) -> Range<Int>? {
    let range = ranges[field.rawValue]
    return range.isEmpty ? nil : range
  }

  /// A string member; `nil` when there is none or it is something else.
  func string(_ field: RowField, _ bytes: [UInt8]) -> String? {
    guard let range = self[field], bytes[range.lowerBound] == UInt8(ascii: "\"") else { return nil }
    let inner = bytes[(range.lowerBound + 1)..<(range.upperBound - 1)]
    guard inner.contains(UInt8(ascii: "\\")) else { return String(decoding: inner, as: UTF8.self) }
    return (try? JSON.parse(bytes[range]))?.string
  }

  /// A string member, which shares the bytes of another row's when it is the same.
  func string(_ field: RowField, _ bytes: [UInt8], like known: String?) -> String? {
    guard let known, let range = self[field], range.count == known.utf8.count + 2,
      bytes[range.lowerBound] == UInt8(ascii: "\""),
      known.utf8.elementsEqual(bytes[(range.lowerBound + 1)..<(range.upperBound - 1)]),
      !known.utf8.contains(UInt8(ascii: "\\"))
    else { return string(field, bytes) }
    return known
  }

  /// A number member; `nil` when there is none or it is something else.
  func number(_ field: RowField, _ bytes: [UInt8]) -> Double? {
    guard let range = self[field] else { return nil }
    let first = bytes[range.lowerBound]
    guard first == UInt8(ascii: "-") || first &- 0x30 < 10 else { return nil }
    if range.count == 1 { return Double(first - 0x30) }
    return Double(String(decoding: bytes[range], as: UTF8.self))
  }
}

/// One row without its large members.
public struct RowDigest: Sendable, Hashable {
  /// When the test finished; `nil` in a row that does not say.
  public var timestamp: String?
  /// Test id; `unknown` in a row that does not say.
  public var testID: String
  /// Suite name.
  public var suite: String?
  /// Category.
  public var category: String?
  /// Target that ran; `unknown` in a row that does not say.
  public var target: String
  /// Target as it was asked for; `nil` in rows of upstream.
  public var requestedTarget: String?
  /// Eval file; `nil` in rows of upstream.
  public var evalFile: String?
  /// Experiment label.
  public var experiment: String?
  /// Score, 0…1; `nil` in a row that does not say.
  public var score: Double?
  /// Verdict.
  public var status: ExecutionStatus
  /// Cost, US dollars.
  public var costUSD: Double?
  /// Time of the target, milliseconds.
  public var durationMS: Int?
  /// The beginning of the error message; `nil` when there was none.
  public var error: String?
  /// Where the line begins in the index, bytes.
  public var offset: Int
  /// Length of the line, bytes.
  public var length: Int

  /// Whether the test passed: one rule everywhere, the verdict.
  public var isPassed: Bool { status == .ok }

  /// What makes this row the result of a planned execution.
  public var identity: TestIdentity {
    TestIdentity(evalFile: evalFile, testID: testID, target: requestedTarget ?? target)
  }

  /// Bytes of an error message that are kept; the whole is in the row.
  static let errorBytes = 400

  private static func beginning(_ text: String) -> String {
    guard text.utf8.count > errorBytes else { return text }
    return String(text.unicodeScalars.prefix(errorBytes / 4)) + "…"
  }

  /// Takes the members that were found in a line.
  ///
  /// Rows of one run share most of their words, and the memory of them: `row` is the one before.
  init(
    _ slices: RowSlices, _ bytes: [UInt8], offset: Int, length: Int, like row: RowDigest? = nil
  ) {
    func name(_ field: RowField, _ known: String? = nil) -> String? {
      slices.string(field, bytes, like: known).flatMap { $0.isEmpty ? nil : $0 }
    }
    timestamp = slices.string(.timestamp, bytes)
    testID = name(.testID) ?? "unknown"
    suite = slices.string(.suite, bytes, like: row?.suite)
    category = slices.string(.category, bytes, like: row?.category)
    target = name(.target, row?.target) ?? "unknown"
    requestedTarget = slices.string(.requestedTarget, bytes, like: row?.requestedTarget)
    evalFile = slices.string(.evalFile, bytes, like: row?.evalFile)
    experiment = slices.string(.experiment, bytes, like: row?.experiment)
    score = slices.number(.score, bytes)
    status = slices.string(.status, bytes).flatMap(ExecutionStatus.init) ?? .ok
    costUSD = slices.number(.cost, bytes)
    durationMS = slices.number(.duration, bytes).flatMap { Int(exactly: $0.rounded()) }
    error = slices.string(.error, bytes).map(Self.beginning)
    self.offset = offset
    self.length = length
  }

  /// Takes what was read the slow way.
  init(_ row: ResultRow, offset: Int, length: Int) {
    timestamp = row.timestamp
    testID = row.testID
    suite = row.suite
    category = row.category
    target = row.target
    requestedTarget = row.requestedTarget
    evalFile = row.evalFile
    experiment = row.experiment
    score = row.score
    status = row.executionStatus
    costUSD = row.costUSD
    durationMS = row.durationMS
    error = row.error.map(Self.beginning)
    self.offset = offset
    self.length = length
  }
}
