// The traces of a run in requests of a size that a collector takes.

public import Core
import RunArtifacts

/// Traces of results, batch by batch, each an `ExportTraceServiceRequest` in OTLP's JSON mapping.
public struct TraceBatches {
  /// A batch is closed once it has as many bytes; the trace of one test is never cut.
  public static let batchBytes = 1 << 20

  /// What one request carries.
  public struct Batch: Sendable {
    /// The body.
    public var body: [UInt8]
    /// Tests whose traces are in it.
    public var tests: Int
    /// The end of the last row in it: whoever goes on, goes on here.
    public var endOffset: Int
  }

  private let exporter: OTelExporter
  private var digests: ArraySlice<ResultDigest>
  private let limitBytes: Int

  /// The traces of the rows that count and stand behind a place in the index.
  ///
  /// Blocks.
  /// - Parameters:
  ///   - source: the run.
  ///   - offset: rows before it were sent already.
  ///   - capturesContent: whether prompts and answers are in them.
  ///   - groupsTurns: whether the steps of each turn stand below a span of the turn.
  ///   - limitBytes: size from which a batch is closed.
  /// - Throws: `FileError` when the rows cannot be read.
  public init(
    _ source: ResultSource, from offset: Int, capturesContent: Bool, groupsTurns: Bool,
    limitBytes: Int = TraceBatches.batchBytes
  ) throws(FileError) {
    exporter = OTelExporter(
      source: source, capturesContent: capturesContent, groupsTurns: groupsTurns)
    digests = try source.digests(keepsGraders: false).values
      .filter { $0.span.offset >= offset }.sorted { $0.span.offset < $1.span.offset }[...]
    self.limitBytes = limitBytes
  }

  /// Tests that are still to come.
  public var testsLeft: Int { digests.count }

  /// The next batch; `nil` after the last one.
  /// - Throws: `FileError` or `ReportError` when a row cannot be read any more.
  public mutating func next() throws -> Batch? {
    guard !digests.isEmpty else { return nil }
    var batch = Batch(body: Array(exporter.opening.utf8), tests: 0, endOffset: 0)
    var isFirst = true
    while batch.body.count < limitBytes, let digest = digests.popFirst() {
      for span in try exporter.spans(of: digest) {
        batch.body += (isFirst ? "" : ",").utf8
        batch.body += JSON.object(span).serialized()
        isFirst = false
      }
      batch.tests += 1
      batch.endOffset = digest.span.offset + digest.span.count
    }
    batch.body += exporter.closing.utf8
    return batch
  }
}
