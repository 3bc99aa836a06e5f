// What a row points to or carries inline: the answer, the assertions, the numbers. One place for
// all three shapes of rows (reference: run-artifacts 3).

public import Core

/// Reads artifact files beneath a run directory and nowhere else.
public struct ArtifactReader: Sendable {
  /// Largest artifact file that is read, bytes.
  public static let limitBytes = 16 << 20

  private let root: String?

  /// A reader for the artifacts of a run.
  public init(_ directory: RunDirectory) { root = FileIO.realPath(directory.path) }

  /// The bytes of a file of the run; `nil` when it is missing, too large, or, links resolved,
  /// outside.
  public func read(_ path: String?) -> [UInt8]? {
    guard let path, !path.isEmpty, let root, let real = FileIO.realPath(Path.join(root, path)),
      Path.isInside(real, root)
    else { return nil }
    return try? FileIO.read(real, limitBytes: Self.limitBytes)
  }
}

/// What belongs to a row, from its artifacts or from what upstream's raw rows carry inline.
public struct ResultDetail: Sendable {
  /// All assertions, `{text, passed, evidence?}`; `nil` when nothing tells.
  public var assertions: JSON?
  /// One object for each grader; `nil` when nothing tells.
  public var scores: JSON?
  /// Tokens that the target reported.
  public var tokenUsage: TokenCount?
  /// Time the target took, milliseconds.
  public var durationMS: Int?
  /// Messages that went to the target.
  public var input: JSON?
  /// Messages that came back.
  public var output: JSON?

  /// Reads what belongs to a row.
  ///
  /// Blocks: never on the loop thread.
  /// - Parameters:
  ///   - row: a row of the run.
  ///   - artifacts: the run's artifacts.
  public init(_ row: ResultRow, _ artifacts: ArtifactReader) {
    let grading = artifacts.read(row.gradingPath).flatMap { try? JSON.parse($0) }
    assertions = grading?["assertions"] ?? row.extra["assertions"]
    let inline: JSON? = row.scores.isEmpty ? nil : .array(row.scores)
    scores = grading?["graders"] ?? grading?["evaluators"] ?? inline
    let numbers = Self.numbers(row, artifacts)
    tokenUsage = numbers.tokens
    durationMS = numbers.durationMS
    input =
      Self.messages(artifacts.read(row.inputPath), "user")
      ?? Self.inline(row.extra["input"], "user")
    output =
      Self.lines(artifacts.read(row.extra["messages_path"]?.string))
      ?? Self.messages(artifacts.read(row.outputPath ?? row.responsePath), "assistant")
      ?? Self.inline(row.extra["output"], "assistant")
  }

  /// Tokens and duration of a row, from timing.json where the row does not tell.
  public static func numbers(
    _ row: ResultRow, _ artifacts: ArtifactReader
  ) -> (tokens: TokenCount?, durationMS: Int?) {
    if let tokens = row.tokenUsage, let duration = row.durationMS { return (tokens, duration) }
    let isOwn = row.evalFile != nil && row.durationMS != nil
    let timing = isOwn ? nil : artifacts.read(row.timingPath).flatMap { try? JSON.parse($0) }
    var tokens = row.tokenUsage
    if tokens == nil, let usage = TokenCount(json: timing?["token_usage"]), usage.total > 0 {
      tokens = usage
    }
    return (tokens, row.durationMS ?? timing?["duration_ms"]?.int)
  }

  private static func messages(_ bytes: [UInt8]?, _ role: String) -> JSON? {
    guard let bytes else { return nil }
    return Transcript.parse(String(decoding: bytes, as: UTF8.self), defaultRole: role)
  }

  /// Messages as JSON lines; `nil` when there are none.
  private static func lines(_ bytes: [UInt8]?) -> JSON? {
    guard let bytes else { return nil }
    var reader = JSONLinesReader()
    var messages = reader.feed(bytes)
    if let last = reader.finish() { messages.append(last) }
    return messages.isEmpty ? nil : .array(messages)
  }

  private static func inline(_ value: JSON?, _ role: String) -> JSON? {
    if let text = value?.string { return [["role": .string(role), "content": .string(text)]] }
    return value?.array.map(JSON.array)
  }
}
