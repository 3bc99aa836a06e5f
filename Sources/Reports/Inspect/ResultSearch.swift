// Text in rows, answers and transcripts (reference: cli 1, inspect search).

public import Core
import RunArtifacts

/// What looking for a pattern in a text came to.
public enum PatternMatch: Sendable {
  case range(Range<String.Index>)
  case none
  /// It took so long that nobody would wait for the rest.
  case tooSlow
}

/// Looks for a pattern, in any case of letters.
public struct ResultSearch {
  /// One line that matches.
  public struct Match: Sendable, Hashable {
    /// The file of the line.
    public var file: String
    /// Test id, else `line-N`.
    public var id: String
    /// Number of the line, from 1.
    public var line: Int
    /// What matched and what stands around it.
    public var snippet: String
    /// Target of the row.
    public var target: String?
    /// Experiment of the row.
    public var experiment: String?
    /// Score of the row.
    public var score: Double?

    /// The form in JSON.
    public var json: JSON {
      var object: JSONObject = [
        "file": .string(file), "id": .string(id), "line_number": .int(line),
        "snippet": .string(snippet),
      ]
      object["target"] = target.map(JSON.string)
      object["experiment"] = experiment.map(JSON.string)
      object["score"] = score.map(JSON.double)
      return .object(object)
    }
  }

  /// Characters shown before and after a match.
  static let contextCharacters = 60
  private let pattern: Pattern

  private enum Pattern {
    /// No character of it means anything to a regular expression.
    case literal(String)
    case regex(@Sendable (String) -> PatternMatch)
  }

  /// A search.
  /// - Parameters:
  ///   - pattern: a regular expression.
  ///   - compile: makes it ready; what it gives looks for the first match in a text, in any case
  ///     of letters, and never for long.
  /// - Throws: `ReportError` when it is none.
  public init(
    _ pattern: String, compile: (String) throws -> @Sendable (String) -> PatternMatch
  ) throws(ReportError) {
    guard !pattern.isEmpty else { throw ReportError("--pattern needs something to look for") }
    if !pattern.contains(where: { "\\^$.|?*+()[]{}".contains($0) }) {
      self.pattern = .literal(pattern.lowercased())
      return
    }
    do {
      self.pattern = .regex(try compile(pattern))
    } catch {
      throw ReportError("Invalid regex pattern \"\(pattern)\": \(error)")
    }
  }

  /// The matching lines of a file of rows or of a transcript; for rows, also those whose prompt,
  /// answer or grading matches.
  /// - Parameters:
  ///   - path: a JSONL file.
  ///   - target: only rows of this target.
  ///   - experiment: only rows of this experiment.
  /// - Returns: the first match of each line that has one.
  /// - Throws: `FileError`; `ReportError` when the pattern takes too long on a line.
  public func matches(
    in path: String, target: String?, experiment: String?
  ) throws -> [Match] {
    let artifacts = ArtifactReader(RunDirectory(path: Path.directory(path), project: "/"))
    var number = 0
    var found: [Match] = []
    var slowLine: Int?
    _ = try RowStream(path: path).forEachLine { bytes, _ in
      number += 1
      if slowLine != nil { return true }
      guard let json = try? JSON.parse(bytes) else { return false }
      if let target, json["target"]?.string != target { return true }
      if let experiment, json["experiment"]?.string != experiment { return true }
      let line = String(decoding: bytes, as: UTF8.self)
      let result = look(in: [line]) ?? look(in: texts(of: json, artifacts))
      guard let result else { return true }
      guard case .success(let snippet) = result else {
        slowLine = number
        return true
      }
      found.append(
        Match(
          file: path, id: json["test_id"]?.string ?? "line-\(number)", line: number,
          snippet: snippet, target: json["target"]?.string,
          experiment: json["experiment"]?.string, score: json["score"]?.double))
      return true
    }
    if let slowLine {
      throw ReportError(
        "the pattern takes too long on line \(slowLine) of \(path); write it without repetitions "
          + "inside of repetitions, such as (a+)+")
    }
    return found
  }

  /// Prompt, answer and grading of a row, each read when it is needed.
  private func texts(
    of row: JSON, _ artifacts: ArtifactReader
  ) -> some Sequence<String> {
    ["input_path", "output_path", "grading_path"].lazy.compactMap { name in
      artifacts.read(row[name]?.string).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  private struct TooSlow: Error {}

  /// The first match in some texts; `nil` when there is none.
  private func look(in texts: some Sequence<String>) -> Result<String, TooSlow>? {
    for text in texts {
      switch match(in: text) {
      case .range(let range, let text): return .success(Self.around(range, in: text))
      case .none: continue
      case .tooSlow: return .failure(TooSlow())
      }
    }
    return nil
  }

  private enum Found {
    case range(Range<String.Index>, in: String)
    case none
    case tooSlow
  }

  private func match(in text: String) -> Found {
    switch pattern {
    case .literal(let wanted):
      let lowered = text.lowercased()
      guard let range = lowered.firstRange(of: wanted) else { return .none }
      return .range(range, in: lowered.utf8.count == text.utf8.count ? text : lowered)
    case .regex(let search):
      return switch search(text) {
      case .range(let range): .range(range, in: text)
      case .none: .none
      case .tooSlow: .tooSlow
      }
    }
  }

  /// The first match and what stands around it; `nil` when there is none.
  func snippet(_ text: String) -> String? {
    guard case .success(let snippet)? = look(in: [text]) else { return nil }
    return snippet
  }

  private static func around(_ range: Range<String.Index>, in text: String) -> String {
    let start =
      text.index(range.lowerBound, offsetBy: -contextCharacters, limitedBy: text.startIndex)
      ?? text.startIndex
    let end =
      text.index(range.upperBound, offsetBy: contextCharacters, limitedBy: text.endIndex)
      ?? text.endIndex
    return (start == text.startIndex ? "" : "…") + Format.oneLine(String(text[start..<end]))
      + (end == text.endIndex ? "" : "…")
  }

  /// The JSONL files to search: a file, those beneath a directory, or all runs and transcripts of
  /// the project.
  /// - Throws: `ReportError` when the path does not exist.
  public static func files(_ path: String?, project: String) throws(ReportError) -> [String] {
    guard let path else {
      return beneath(RunDirectory.runsRoot(project: project))
        + beneath(Path.join(project, ".agentv/transcripts"))
    }
    let absolute = Path.absolute(path, in: project)
    if FileIO.isDirectory(absolute) { return beneath(absolute) }
    if FileIO.exists(absolute) { return [absolute] }
    return [try ResultSource.find(path, project: project).path]
  }

  private static func beneath(_ path: String, depth: Int = 0) -> [String] {
    guard depth < 10, let names = try? FileIO.list(path) else { return [] }
    return names.flatMap { name -> [String] in
      let child = Path.join(path, name)
      switch FileIO.linkStatus(child)?.kind {
      case .directory: return beneath(child, depth: depth + 1)
      case .file: return name.hasSuffix(".jsonl") && name != RunFile.events ? [child] : []
      default: return []
      }
    }
  }

  /// The matches for people.
  public static func text(_ matches: [Match], pattern: String, _ style: TextStyle) -> String {
    guard !matches.isEmpty else {
      return style.paint("No matches found for pattern: \(pattern)", .yellow) + "\n"
    }
    var lines = [
      "", "\(style.bold("Search Results")) \(style.dim("pattern: /\(pattern)/"))",
      style.dim("\(matches.count) record\(matches.count == 1 ? "" : "s") matched"),
    ]
    var file = ""
    for match in matches {
      if match.file != file {
        file = match.file
        lines += ["", style.paint(file, .cyan)]
      }
      let facts = [
        match.target.map { "target:\($0)" }, match.experiment.map { "exp:\($0)" },
        match.score.map { "score:\($0.fixed(2))" },
      ].compactMap(\.self)
      lines.append(
        "  \(style.bold(Format.oneLine(match.id))) \(style.dim("(line \(match.line))"))"
          + (facts.isEmpty ? "" : " " + style.dim("[\(facts.joined(separator: ", "))]")))
      lines.append("    \(match.snippet)")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
