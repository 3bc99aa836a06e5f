// What a grading model may do in a workspace: look, never write, never leave it.

import Core
import EvalFiles

/// `list_files`, `read_file` and `search_files` below one directory.
struct WorkspaceTools: Sendable {
  /// Most of a file that is read, in bytes; larger ones are not searched.
  static let fileLimitBytes = 50 << 10
  /// Most entries of one listing.
  static let listLimit = 100
  /// Most hits of one search.
  static let hitLimit = 20
  /// Longest line of a hit, in characters.
  static let lineLimit = 200
  /// Most files that one search looks at.
  static let searchedFileLimit = 20_000
  /// Longest time of one search.
  static let searchLimit = Duration.seconds(10)

  private static let skippedDirectories: Set<String> = [
    "node_modules", ".git", ".next", "dist", "__pycache__", ".cache",
  ]
  private static let binaryEndings: Set<String> = [
    "png", "jpg", "jpeg", "gif", "ico", "svg", "woff", "woff2", "ttf", "eot", "mp3", "mp4", "wav",
    "zip", "tar", "gz", "pdf", "exe", "dll", "so", "dylib",
  ]

  /// The workspace, absolute.
  let root: String

  /// Runs a tool; what goes wrong is in the result, for the model to read.
  func run(_ tool: String, _ input: JSON) -> JSON {
    do throws(GraderError) {
      switch tool {
      case "list_files": return try list(input["path"]?.string ?? ".")
      case "read_file": return try read(input["path"]?.string ?? "")
      case "search_files":
        return try search(input["pattern"]?.string ?? "", in: input["path"]?.string ?? ".")
      default:
        throw GraderError("there is no tool '\(tool)'; use list_files, read_file or search_files")
      }
    } catch {
      return ["error": .string(error.description)]
    }
  }

  /// The real path of something in the workspace, links followed.
  private func resolve(_ path: String) throws(GraderError) -> String {
    guard let base = FileIO.realPath(root) else {
      throw GraderError("the workspace is gone")
    }
    let wanted = Path.absolute(path.isEmpty ? "." : path, in: base)
    guard !path.utf8.contains(0), Path.isInside(wanted, base) else {
      throw GraderError("Path '\(path)' is outside the workspace")
    }
    guard let real = FileIO.realPath(wanted) else { throw GraderError("there is no '\(path)'") }
    guard Path.isInside(real, base) else {
      throw GraderError("Path '\(path)' is outside the workspace")
    }
    return real
  }

  private func list(_ path: String) throws(GraderError) -> JSON {
    let directory = try resolve(path)
    guard FileIO.isDirectory(directory) else {
      throw GraderError("'\(path)' is a file, not a directory")
    }
    let names: [String]
    do { names = try FileIO.list(directory).sorted() } catch {
      throw GraderError(error.description)
    }
    let entries = names.prefix(Self.listLimit).map { name -> JSON in
      let isDirectory = FileIO.linkStatus("\(directory)/\(name)")?.kind == .directory
      return ["name": .string(name), "type": isDirectory ? "directory" : "file"]
    }
    guard names.count > Self.listLimit else { return .array(entries) }
    return ["entries": .array(entries), "left_out": .int(names.count - Self.listLimit)]
  }

  private func read(_ path: String) throws(GraderError) -> JSON {
    let file = try resolve(path)
    guard let status = FileIO.status(file) else { throw GraderError("there is no '\(path)'") }
    if status.kind == .directory { throw GraderError("'\(path)' is a directory, not a file") }
    guard status.kind == .file else { throw GraderError("'\(path)' is no regular file") }
    let bytes: [UInt8]
    do {
      bytes = try FileIO.read(file, offset: 0, count: Self.fileLimitBytes)
    } catch {
      throw GraderError(error.description)
    }
    return [
      "content": .string(String(decoding: bytes, as: UTF8.self)),
      "truncated": .bool(status.size > Self.fileLimitBytes), "size": .int(Int(status.size)),
    ]
  }

  private func search(_ pattern: String, in path: String) throws(GraderError) -> JSON {
    let start = try resolve(path)
    let base = FileIO.realPath(root) ?? root
    let expression = try RegexSearch(pattern, flags: "i")
    let deadline = ContinuousClock.now + Self.searchLimit
    var hits: [JSON] = []
    var looked = 0
    var waiting = [start]
    while let next = waiting.popLast(), hits.count < Self.hitLimit {
      guard ContinuousClock.now < deadline, looked < Self.searchedFileLimit, !Task.isCancelled
      else {
        return [
          "matches": .array(hits), "total": .int(hits.count),
          "note": "the search was cut short; search in a smaller directory",
        ]
      }
      // Links are not followed: they could lead out, or round and round.
      switch FileIO.linkStatus(next)?.kind {
      case .directory:
        let names = ((try? FileIO.list(next)) ?? []).filter {
          !Self.skippedDirectories.contains($0)
        }
        waiting += names.sorted(by: >).map { "\(next)/\($0)" }
      case .file:
        looked += 1
        hits += try matches(
          expression, in: next, as: Path.relative(next, to: base), most: Self.hitLimit - hits.count)
      default: break
      }
    }
    return ["matches": .array(hits), "total": .int(hits.count)]
  }

  private func matches(
    _ expression: RegexSearch, in file: String, as shown: String, most: Int
  ) throws(GraderError) -> [JSON] {
    let name = Path.name(file)
    if let dot = name.lastIndex(of: "."),
      Self.binaryEndings.contains(name[name.index(after: dot)...].lowercased())
    {
      return []
    }
    guard let bytes = try? FileIO.read(file, limitBytes: Self.fileLimitBytes) else { return [] }
    var hits: [JSON] = []
    let text = String(decoding: bytes, as: UTF8.self)
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      guard hits.count < most else { break }
      switch expression.search(String(line)) {
      case .noMatch: continue
      case .match: break
      case .timeout, .tooComplex: throw GraderError("the pattern takes too long; make it simpler")
      }
      hits.append([
        "file": .string(shown), "line": .int(index + 1),
        "text": .string(String(line.prefix(Self.lineLimit))),
      ])
    }
    return hits
  }
}
