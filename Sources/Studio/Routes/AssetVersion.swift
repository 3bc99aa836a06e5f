// The files of the pages as they are now: a name for their version, and which modules a page needs.

import Core
import HTTPServer

/// What is known of the assets; blocking.
struct AssetVersion: Sendable {
  /// What tells whether a file changed.
  struct Stamp: Sendable, Hashable {
    let size: Int
    let modifiedNanoseconds: Int
    let inode: UInt64

    init(_ status: FileStatus) {
      size = status.size
      modifiedNanoseconds = status.modifiedNanoseconds
      inode = status.inode
    }
  }

  /// Before a version in the address of an asset.
  static let mark = "~"
  private static let maximumDepth = 8
  /// What every page runs first.
  private static let entry = "app.js"

  /// Another one when any of the files changes.
  private(set) var name = ""
  /// The files by their names below the assets.
  private(set) var stamps: [String: Stamp] = [:]
  /// What each module imports, for those that were asked for.
  private var imports: [String: [String]] = [:]
  private var root = ""

  /// The version in the path of an asset, `~version/rest`, and the rest.
  static func split(_ path: String) -> (version: String?, rest: String) {
    guard path.hasPrefix(mark), let slash = path.firstIndex(of: "/") else { return (nil, path) }
    return (
      String(path[..<slash].dropFirst(mark.count)), String(path[path.index(after: slash)...])
    )
  }

  /// Looks at the files.
  mutating func update(_ webRoot: String) {
    root = Path.join(webRoot, "assets")
    var found: [String: Stamp] = [:]
    for name in files("") {
      if let status = FileIO.status(Path.join(root, name)) { found[name] = Stamp(status) }
    }
    guard found != stamps || name.isEmpty else { return }
    stamps = found
    imports = [:]
    let lines = found.map { "\($0.key) \($0.value)" }.sorted()
    name = String(Fingerprint.of(lines.joined(separator: "\n")), radix: 36)
  }

  /// The modules that the page of an address needs, by their names; a hint, with which they come at
  /// once.
  mutating func modules(of path: String) -> [String] {
    var waiting = [Self.entry, "components/\(Self.page(path)).js"]
    var found: [String] = []
    var seen = Set(waiting)
    while !waiting.isEmpty {
      let module = waiting.removeFirst()
      guard stamps[module] != nil else { continue }
      found.append(module)
      for next in importsOf(module) where seen.insert(next).inserted { waiting.append(next) }
    }
    return found
  }

  /// The element of an address, as router.js has it.
  static func page(_ path: String) -> String {
    var parts = path.split(separator: "/", omittingEmptySubsequences: true)
    if parts.count > 1, parts[0] == "benchmarks" {
      parts.removeFirst(2)
      if parts.isEmpty { return "av-home-page" }
    }
    guard let first = parts.first else { return "av-start-page" }
    let isOne = parts.count > 1
    return switch first {
    case "runs": isOne ? "av-run-page" : "av-home-page"
    case "jobs": parts.count > 2 ? "av-log-page" : isOne ? "av-job-page" : "av-jobs-page"
    case "evals": "av-eval-page"
    case "experiments": isOne ? "av-experiment-page" : "av-experiments-page"
    case "targets": isOne ? "av-target-page" : "av-targets-page"
    default: "av-\(first)-page"
    }
  }

  private mutating func importsOf(_ module: String) -> [String] {
    if let known = imports[module] { return known }
    let bytes =
      (try? FileIO.read(Path.join(root, module), limitBytes: StaticFiles.maximumBytes)) ?? []
    let found = Self.imports(in: String(decoding: bytes, as: UTF8.self)).map {
      String(Path.normalize("/" + Path.join(Path.directory(module), $0)).dropFirst())
    }
    imports[module] = found
    return found
  }

  /// The addresses of the static imports of a module: its lines that begin one or end one.
  static func imports(in text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      guard ["import ", "export ", "} from "].contains(where: line.hasPrefix) else { return nil }
      let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
      guard parts.count == 3, parts[2] == ";", parts[1].hasPrefix(".") else { return nil }
      return String(parts[1])
    }
  }

  /// Names of the files below a directory of the assets.
  private func files(_ directory: String, depth: Int = 0) -> [String] {
    // A link may lead to a directory above it.
    guard depth < Self.maximumDepth else { return [] }
    let names = (try? FileIO.list(Path.join(root, directory))) ?? []
    return names.flatMap { name -> [String] in
      let path = directory.isEmpty ? name : "\(directory)/\(name)"
      return FileIO.isDirectory(Path.join(root, path)) ? files(path, depth: depth + 1) : [path]
    }
  }
}
