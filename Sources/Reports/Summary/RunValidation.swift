// `agentv results validate`: whether a run directory is what readers expect (reference: cli 10).

public import Core
import RunArtifacts

/// What is wrong with a run directory.
public struct RunValidation: Sendable {
  /// One thing that is wrong.
  public struct Issue: Sendable, Hashable {
    /// Whether it makes the run unusable for some reader.
    public var isError: Bool
    /// File and line, what is wrong.
    public var message: String
  }

  /// Tests that have a row.
  public private(set) var testCount = 0
  /// What is wrong, in the order in which it was found.
  public private(set) var issues: [Issue] = []
  /// Most issues that are listed of each severity.
  public static let listLimit = 200

  /// Checks a run directory.
  ///
  /// Blocks.
  /// - Parameters:
  ///   - path: the directory, absolute.
  ///   - project: what gives the run its id.
  public init(_ path: String, project: String) {
    let directory = RunDirectory(path: path, project: project)
    if directory.nameTimestamp == nil {
      warn(
        "the directory is called \"\(Path.name(path))\"; the usual form is "
          + "2026-05-08T09-34-33-123Z")
    }
    let index = directory.file(RunFile.index)
    guard FileIO.isFile(index) else {
      fail("\(RunFile.index) is missing")
      return
    }
    let isLive = directory.lockState().isHeld
    if isLive { warn("the run is being written now; this is how far it is") }
    checkRows(directory, isLive: isLive)
    for name in [RunFile.timing, RunFile.benchmark] where !isLive {
      if !FileIO.isFile(directory.file(name)) {
        warn("\(name) is missing; agentv eval aggregate writes it")
      } else if directory.json(name)?.object == nil {
        fail("\(name) is no JSON object")
      }
    }
  }

  private mutating func fail(_ message: String) {
    issues.append(Issue(isError: true, message: message))
  }

  private mutating func warn(_ message: String) {
    issues.append(Issue(isError: false, message: message))
  }

  private mutating func checkRows(_ directory: RunDirectory, isLive: Bool) {
    let artifacts = ArtifactReader(directory)
    var found: [Issue] = []
    var rows = EffectiveTable<Void>()
    var lines = 0
    let stream = RowStream(path: directory.file(RunFile.index))
    do {
      _ = try stream.forEachLine { bytes, _ in
        lines += 1
        do {
          let json = try JSON.parse(bytes)
          guard let row = ResultRow(json: json) else {
            found.append(
              Issue(isError: true, message: "line \(lines): \(json.kind) in place of a row"))
            return false
          }
          rows.add(row, ())
          Self.check(json, row, line: lines, artifacts, into: &found)
        } catch {
          found.append(Issue(isError: true, message: "line \(lines): no JSON: \(error)"))
        }
        return true
      }
    } catch {
      fail("\(error)")
    }
    testCount = rows.count
    if lines == 0, !isLive { fail("\(RunFile.index) is empty") }
    issues += found
  }

  private static func check(
    _ json: JSON, _ row: ResultRow, line: Int, _ artifacts: ArtifactReader,
    into found: inout [Issue]
  ) {
    func add(_ isError: Bool, _ message: String) {
      found.append(Issue(isError: isError, message: "line \(line) (\(row.testID)): \(message)"))
    }
    for name in ["test_id", "target"] where json[name]?.string?.isEmpty ?? true {
      add(true, "\(name) is missing")
    }
    switch row.score {
    case nil: add(true, "score is missing")
    case .some(let score) where !(0...1).contains(score):
      add(true, "score is \(score), not from 0 to 1")
    default: break
    }
    if json["scores"]?.array == nil { add(false, "scores are missing") }
    switch json["execution_status"]?.string {
    case nil: add(false, "execution_status is missing")
    case .some(let word) where ExecutionStatus(rawValue: word) == nil:
      add(false, "execution_status is \"\(word)\"")
    default: break
    }
    guard let path = row.gradingPath else { return }
    guard let bytes = artifacts.read(path) else {
      add(true, "\(path) is missing, too large or outside of the run directory")
      return
    }
    if (try? JSON.parse(bytes))?["assertions"]?.array == nil {
      add(true, "\(path) is malformed: \"assertions\" must be a list")
    }
  }

  /// Number of errors.
  public var errorCount: Int { issues.count { $0.isError } }
  /// Number of warnings.
  public var warningCount: Int { issues.count - errorCount }

  /// The report for people and scripts, as upstream words it.
  public var text: String {
    if issues.isEmpty { return "✓ Valid run directory: \(testCount) test(s), no issues found\n" }
    var lines: [String] = []
    for issue in issues.filter(\.isError).prefix(Self.listLimit) {
      lines.append("  ERROR: \(Format.oneLine(issue.message))")
    }
    for issue in issues.filter({ !$0.isError }).prefix(Self.listLimit) {
      lines.append("  WARN:  \(Format.oneLine(issue.message))")
    }
    let verdict = errorCount == 0 ? "✓ Valid run directory" : "✗ Invalid run directory"
    lines.append(
      "\n\(verdict): \(testCount) test(s), \(errorCount) error(s), \(warningCount) warning(s)")
    return lines.joined(separator: "\n") + "\n"
  }

  /// The same as a document.
  public var json: JSON {
    [
      "valid": .bool(errorCount == 0), "test_count": .int(testCount),
      "errors": .array(issues.filter(\.isError).map { .string($0.message) }),
      "warnings": .array(issues.filter { !$0.isError }.map { .string($0.message) }),
    ]
  }
}
