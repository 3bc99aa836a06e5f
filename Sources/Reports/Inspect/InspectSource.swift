// What `agentv inspect` looks at: rows of a run, or traces that were exported.

public import Core
public import RunArtifacts

/// A source of results with everything that belongs to them.
public struct InspectSource: Sendable {
  private enum Content: Sendable {
    case rows(ResultSource)
    case traces([ResultRow])
  }

  /// The file, as messages name it.
  public let path: String
  private let content: Content

  /// Opens a run, a file of rows or an OTLP JSON file.
  /// - Parameters:
  ///   - argument: what the command line says; `nil` for the last run.
  ///   - project: what relative paths start from.
  /// - Throws: `ReportError` when there is no such thing; `FileError`.
  public init(_ argument: String?, project: String) throws {
    if let argument, argument.lowercased().hasSuffix(".json"),
      case let file = Path.absolute(argument, in: project), FileIO.isFile(file)
    {
      path = file
      content = .traces(try OTLPReader.rows(of: file))
      return
    }
    let source = try ResultSource.find(argument, project: project)
    path = source.path
    content = .rows(source)
  }

  /// A run.
  public init(_ source: ResultSource) {
    path = source.path
    content = .rows(source)
  }

  /// The digests of the results that count.
  /// - Throws: `FileError`.
  public func digests() throws(FileError) -> ResultScan<ResultDigest> {
    switch content {
    case .rows(let source): return try source.digests()
    case .traces(let rows):
      let artifacts = ArtifactReader(RunDirectory(path: Path.directory(path), project: "/"))
      let digests = rows.enumerated().map { index, row in
        ResultDigest(row, at: LineSpan(offset: index, count: 0), artifacts)
      }
      return ResultScan(values: digests, badLines: 0, replacedRows: 0)
    }
  }

  /// Calls a function with each result of a list and what belongs to it, one at a time.
  /// - Throws: what the function throws; `FileError` or `ReportError`.
  public func forEach(
    _ digests: [ResultDigest], _ body: (ResultRow, ResultDetail) throws -> Void
  ) throws {
    switch content {
    case .rows(let source):
      let artifacts = ArtifactReader(source.directory)
      // Rows of ours have their messages beside them.
      let isForeign = digests.contains { $0.evalFile == nil }
      let transcripts = isForeign ? TranscriptIndex(source.directory) : nil
      for digest in digests {
        let row = try source.row(of: digest)
        var detail = ResultDetail(row, artifacts)
        if row.evalFile == nil, let messages = transcripts?.output(of: row) {
          detail.output = messages
        }
        try body(row, detail)
      }
    case .traces(let rows):
      let artifacts = ArtifactReader(RunDirectory(path: Path.directory(path), project: "/"))
      for digest in digests where rows.indices.contains(digest.span.offset) {
        let row = rows[digest.span.offset]
        try body(row, ResultDetail(row, artifacts))
      }
    }
  }

  /// A sentence about lines that could not be read; `nil` when there are none.
  public func warning(badLines: Int) -> String? {
    guard case .rows(let source) = content else { return nil }
    return source.warning(badLines: badLines)
  }
}

/// The messages with their tool calls that a run of upstream keeps in transcript.jsonl; its rows
/// have only the texts.
struct TranscriptIndex {
  private struct Key: Hashable { let testID, target: String }
  private var spans: [Key: [LineSpan]] = [:]
  private let stream: RowStream

  init(_ directory: RunDirectory) {
    stream = RowStream(path: directory.file(RunFile.transcript))
    guard FileIO.isFile(stream.path) else { return }
    var spans: [Key: [LineSpan]] = [:]
    _ = try? stream.forEachLine { bytes, span in
      guard let json = try? JSON.parse(bytes), let id = json["test_id"]?.string else {
        return false
      }
      let key = Key(testID: id, target: json["target"]?.string ?? "unknown")
      spans[key, default: []].append(span)
      return true
    }
    self.spans = spans
  }

  /// The messages of the target; `nil` when the transcript has none with a tool call.
  func output(of row: ResultRow) -> JSON? {
    guard let spans = spans[Key(testID: row.testID, target: row.target)] else { return nil }
    let messages = spans.compactMap { span in
      (try? FileIO.read(stream.path, offset: span.offset, count: span.count)).flatMap {
        try? JSON.parse($0)
      }
    }.filter { $0["role"]?.string != "user" && $0["role"]?.string != "system" }
    return ToolCallDigest.all(in: .array(messages)).isEmpty ? nil : .array(messages)
  }
}
