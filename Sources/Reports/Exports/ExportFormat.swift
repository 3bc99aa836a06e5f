// Which document a file name asks for.

public import Core
import RunArtifacts

/// A form in which the results of a run are written.
public enum ExportFormat: String, Sendable, Hashable, CaseIterable {
  case jsonl, json, junit, yaml, html

  /// The format that the extension of a file asks for.
  /// - Throws: `ReportError` when no format has this extension.
  public init(path: String) throws(ReportError) {
    let name = Path.name(path)
    let dot = name.lastIndex(of: ".")
    let suffix = dot.map { name[$0...].lowercased() } ?? ""
    switch suffix {
    case ".jsonl": self = .jsonl
    case ".json": self = .json
    case ".xml": self = .junit
    case ".yaml", ".yml": self = .yaml
    case ".html", ".htm": self = .html
    default:
      throw ReportError(
        "Unsupported output file extension \"\(suffix)\". "
          + "Supported: .jsonl, .json, .xml, .yaml, .yml, .html, .htm")
    }
  }
}

/// Files that are written when a run has ended.
public struct ExportPlan: Sendable, Hashable {
  /// Documents, by the extension of their names.
  public var exports: [String]
  /// File for `--benchmark-json`.
  public var benchmarkJSON: String?
  /// File for the OpenTelemetry traces.
  public var otelFile: String?
  /// Whether prompts and answers go into the traces.
  public var capturesContent: Bool
  /// Whether each turn gets a span of its own in the traces.
  public var groupsTurns = false

  /// A plan.
  public init(
    exports: [String] = [], benchmarkJSON: String? = nil, otelFile: String? = nil,
    capturesContent: Bool = false
  ) {
    self.exports = exports
    self.benchmarkJSON = benchmarkJSON
    self.otelFile = otelFile
    self.capturesContent = capturesContent
  }

  /// Whether nothing is asked for.
  public var isEmpty: Bool { exports.isEmpty && benchmarkJSON == nil && otelFile == nil }

  /// The files in the order in which they are written.
  public var paths: [String] { exports + [benchmarkJSON, otelFile].compactMap(\.self) }

  /// Refuses what could not be written in the end, before anything is run.
  /// - Parameter directory: what relative paths start from.
  /// - Throws: `ReportError` naming the path and what is wrong with it.
  public func check(in directory: String) throws(ReportError) {
    for path in exports { _ = try ExportFormat(path: path) }
    var seen = Set<String>()
    for path in paths {
      let absolute = Path.absolute(path, in: directory)
      if path.isEmpty { throw ReportError("an output file needs a name") }
      if FileIO.isDirectory(absolute) {
        throw ReportError("cannot write \"\(path)\": it is a directory; name a file")
      }
      guard seen.insert(absolute).inserted else {
        throw ReportError("\"\(path)\" is asked for twice; give each output a file of its own")
      }
    }
  }

  /// Writes everything from the rows on disk, old and new ones.
  /// - Parameters:
  ///   - source: the run.
  ///   - directory: what relative paths start from.
  /// - Returns: the lines that could not be read.
  /// - Throws: `FileError` or `ReportError` for the first file that could not be written.
  @discardableResult
  public func write(_ source: ResultSource, in directory: String) throws -> Int {
    let scan = try source.digests()
    for path in exports {
      try Exporter.write(
        source, scan, as: try ExportFormat(path: path), to: Path.absolute(path, in: directory))
    }
    if let benchmarkJSON {
      let json = BenchmarkDocument.json(scan.values)
      try FileIO.createDirectories(Path.directory(Path.absolute(benchmarkJSON, in: directory)))
      try FileIO.replace(Path.absolute(benchmarkJSON, in: directory), json.pretty() + [0x0A])
    }
    if let otelFile {
      var file = try OutputFile(Path.absolute(otelFile, in: directory))
      try OTelExporter(
        source: source, capturesContent: capturesContent, groupsTurns: groupsTurns
      ).write(scan.values, to: &file)
      try file.finish()
    }
    return scan.badLines
  }
}

/// Writes the rows of a run as one document.
public enum Exporter {
  /// Writes all rows that count into a file.
  /// - Parameters:
  ///   - source: the run.
  ///   - scan: the digests of its rows.
  ///   - format: which document.
  ///   - path: the file; an old one is replaced when the new one is whole.
  /// - Throws: `FileError` or `ReportError`.
  public static func write(
    _ source: ResultSource, _ scan: ResultScan<ResultDigest>, as format: ExportFormat,
    to path: String
  ) throws {
    var file = try OutputFile(path)
    try write(source, scan, as: format, to: &file)
    try file.finish()
  }

  /// Writes all rows that count.
  /// - Throws: `FileError` or `ReportError`.
  public static func write(
    _ source: ResultSource, _ scan: ResultScan<ResultDigest>, as format: ExportFormat,
    to file: inout OutputFile
  ) throws {
    switch format {
    case .jsonl:
      try forEachRecord(source, scan) { try file.write($0.serialized() + [0x0A]) }
    case .json:
      try json(source, scan, to: &file)
    case .yaml:
      try forEachRecord(source, scan) { try file.write("---\n" + YAMLEmitter.text($0)) }
    case .junit:
      try JUnitExporter(source: source).write(scan.values, to: &file)
    case .html:
      try HTMLReport(source: source, scan: scan).write(to: &file)
    }
  }

  private static func json(
    _ source: ResultSource, _ scan: ResultScan<ResultDigest>, to file: inout OutputFile
  ) throws {
    let totals = RunTotals(scan.values)
    let stats: JSON = [
      "total": .int(totals.total), "passed": .int(totals.passed), "failed": .int(totals.failed),
      "pass_rate": .double(totals.passRate),
    ]
    try file.write("{\n  \"stats\": \(indented(stats)),\n  \"results\": [")
    var isFirst = true
    try forEachRecord(source, scan) { record in
      try file.write((isFirst ? "\n    " : ",\n    ") + indented(record, by: 4))
      isFirst = false
    }
    try file.write(isFirst ? "]\n}\n" : "\n  ]\n}\n")
  }

  private static func indented(_ json: JSON, by spaces: Int = 2) -> String {
    // Strings hold no newline in JSON, so each one is a line break of the layout.
    json.prettyText.replacing("\n", with: "\n" + String(repeating: " ", count: spaces))
  }

  private static func forEachRecord(
    _ source: ResultSource, _ scan: ResultScan<ResultDigest>, _ body: (JSON) throws -> Void
  ) throws {
    let artifacts = ArtifactReader(source.directory)
    for digest in scan.values {
      let row = try source.row(of: digest)
      try body(ResultRecord.json(row, ResultDetail(row, artifacts)))
    }
  }
}
