// What a resumed run must know of the rows that it has already: their verdicts, what they cost, where
// their artifacts are. The rows themselves stay on the disk.

public import Core

/// The rows that a run has when it goes on.
public struct EarlierRows: Sendable {
  private struct Spender: Hashable {
    var evalFile: String?
    var requested: String
  }

  /// The rows that count.
  public private(set) var ledger = RowLedger()
  /// Rows in all, attempts included.
  public private(set) var count = 0
  /// Eval files that have a row.
  public private(set) var evalFiles: Set<String> = []
  /// Fingerprints of the directories that hold artifacts of a row.
  private(set) var directories: Set<UInt64> = []
  private var spent: [Spender: Double] = [:]
  private var requestedNames: [String: String] = [:]

  /// No rows.
  public init() {}

  /// Takes rows in file order.
  public init(_ rows: some Sequence<ResultRow>) {
    for row in rows { add(row) }
  }

  /// Reads the rows of a run, a line at a time; blocks.
  /// - Throws: `FileError` when there is an index and it cannot be read.
  public init(of directory: RunDirectory) throws(FileError) {
    var read = EarlierRows()
    try RowStream(path: directory.file(RunFile.index)).forEach { row, _ in read.add(row) }
    self = read
  }

  private mutating func add(_ row: ResultRow) {
    count += 1
    ledger.add(row)
    if let file = row.evalFile { evalFiles.insert(file) }
    if let path = row.gradingPath, let slash = path.lastIndex(of: "/") {
      directories.insert(Fingerprint.of(String(path[..<slash])))
    }
    if let cost = row.costUSD {
      let key = Spender(evalFile: row.evalFile, requested: row.requestedTarget ?? row.target)
      spent[key, default: 0] += cost
    }
    if let requested = row.requestedTarget { requestedNames[row.target] = requested }
  }

  /// Number of rows that count.
  public var effectiveCount: Int { ledger.count }

  /// What all rows cost, attempts included, US dollars.
  public var spentUSD: Double { spent.values.reduce(0, +) }

  /// What the rows of one eval file on one requested target cost, US dollars.
  public func spentUSD(evalFile: String, requested: String) -> Double {
    spent[Spender(evalFile: evalFile, requested: requested)] ?? 0
  }

  /// Names that targets were asked for by.
  public var requestedTargets: Set<String> { Set(requestedNames.values) }

  /// The name that was asked for when a target last ran.
  public func requestedTarget(of target: String) -> String? { requestedNames[target] }
}
