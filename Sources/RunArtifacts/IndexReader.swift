// Lines of index.jsonl and events.jsonl, whole or as they grow. A bad line costs that line only.

public import Core

/// Cuts growing bytes into lines and parses each as JSON.
///
/// Feed it the bytes of the file in order. A last line without newline waits for the rest; call
/// `finish` when there will be none.
public struct JSONLinesReader: Sendable {
  private var rest: [UInt8] = []
  /// Lines that were no JSON object.
  public private(set) var badLines = 0
  /// Bytes fed so far: where to read on.
  public private(set) var offset = 0

  /// A reader at the start of a file.
  public init() {}

  /// The objects of the lines that these bytes complete.
  public mutating func feed(_ bytes: [UInt8]) -> [JSON] {
    offset += bytes.count
    var values: [JSON] = []
    var start = 0
    while let newline = bytes[start...].firstIndex(of: 0x0A) {
      if rest.isEmpty {
        parse(bytes[start..<newline], into: &values)
      } else {
        rest += bytes[start..<newline]
        parse(rest[...], into: &values)
        rest.removeAll()
      }
      start = newline + 1
    }
    rest += bytes[start...]
    return values
  }

  /// What a last line without newline holds: its value when it is complete, for a line is written
  /// in one piece and a part of an object is never an object; else it is a bad line.
  public mutating func finish() -> JSON? {
    var values: [JSON] = []
    parse(rest[...], into: &values)
    rest.removeAll()
    return values.first
  }

  private mutating func parse(_ line: ArraySlice<UInt8>, into values: inout [JSON]) {
    if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { return }
    if let value = try? JSON.parse(line), case .object = value {
      values.append(value)
    } else {
      badLines += 1
    }
  }
}

/// The rows of an index, all attempts in file order.
public struct IndexContents: Sendable {
  /// Rows in file order.
  public var rows: [ResultRow]
  /// Lines that could not be read, a torn last one among them.
  public var badLines: Int
  /// Size of the part that ends with the last complete row: what is left of the file after a torn
  /// last line was cut off.
  public var soundBytes: Int
  /// Whether a newline is missing after the last complete row.
  public var lacksNewline: Bool

  /// Reads the bytes of an index.
  public init(bytes: [UInt8]) {
    var reader = JSONLinesReader()
    rows = reader.feed(bytes).compactMap(ResultRow.init(json:))
    let lastNewline = bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    soundBytes = lastNewline
    lacksNewline = false
    if let last = reader.finish(), let row = ResultRow(json: last) {
      rows.append(row)
      soundBytes = bytes.count
      lacksNewline = true
    }
    badLines = reader.badLines
  }
}
