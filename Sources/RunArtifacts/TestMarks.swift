// The last tests of a run as comparisons list them, packed: ten thousand runs are compared without a
// look at their rows, and what that takes of memory is little more than the tests' ids.

public import Core

/// Ids, scores and verdicts of up to a hundred tests, each once, in the order of their last rows.
public struct TestMarks: Sendable, Hashable {
  /// Most tests of one list.
  public static let maximumCount = 100

  /// One line for each test: a letter for the verdict, the score as JSON, a space, and the id as a
  /// JSON string, which never holds a line feed.
  private var bytes: [UInt8] = []

  /// A list without tests.
  public init() {}

  /// The last tests of rows.
  /// - Parameters:
  ///   - rows: rows that count, in their order.
  ///   - isWanted: tells the rows that are listed.
  init(_ rows: [RowDigest], where isWanted: (RowDigest) -> Bool = { _ in true }) {
    var seen = Set<String>()
    var last: [RowDigest] = []
    for row in rows.reversed() where isWanted(row) && seen.insert(row.testID).inserted {
      last.append(row)
      if last.count == Self.maximumCount { break }
    }
    for row in last.reversed() {
      bytes.append(Self.letter(row.status))
      bytes += JSON.double(row.score ?? 0).serialized()
      bytes.append(UInt8(ascii: " "))
      bytes += JSON.string(row.testID).serialized()
      bytes.append(0x0A)
    }
  }

  /// The form in the index cache.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Reads the form in the index cache.
  init(text: String) { bytes = Array(text.utf8) }

  /// One test of the list.
  public struct Mark: Sendable {
    /// The id as a JSON string.
    public let id: ArraySlice<UInt8>
    /// The score as JSON.
    public let score: ArraySlice<UInt8>
    /// The verdict.
    public let status: ExecutionStatus
  }

  /// The tests, in their order; what is damaged is left out.
  public var marks: [Mark] {
    bytes.split(separator: 0x0A).compactMap { line in
      guard let status = line.first.flatMap(Self.status),
        let space = line.firstIndex(of: UInt8(ascii: " "))
      else { return nil }
      return Mark(
        id: line[(space + 1)...], score: line[(line.startIndex + 1)..<space], status: status)
    }
  }

  private static func letter(_ status: ExecutionStatus) -> UInt8 {
    switch status {
    case .ok: UInt8(ascii: "o")
    case .qualityFailure: UInt8(ascii: "f")
    case .executionError: UInt8(ascii: "e")
    }
  }

  private static func status(_ letter: UInt8) -> ExecutionStatus? {
    switch letter {
    case UInt8(ascii: "o"): .ok
    case UInt8(ascii: "f"): .qualityFailure
    case UInt8(ascii: "e"): .executionError
    default: nil
    }
  }
}
