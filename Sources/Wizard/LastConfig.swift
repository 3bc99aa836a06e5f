// ~/.agentv/last-config.json: what the wizard last ran. The same file, with the same members, as
// AgentV's own wizard keeps.

public import Core

/// The last configuration of the wizard.
public struct LastConfig: Sendable, Hashable {
  /// When it was started.
  public var timestamp: String
  /// Working directory.
  public var cwd: String
  /// Eval files, absolute.
  public var evalPaths: [String]
  /// Target; `nil` leaves it to each file.
  public var target: String?
  /// Parallel tests.
  public var workers: Int
  /// Whether a mock answered.
  public var dryRun: Bool
  /// Whether answers were kept.
  public var cache: Bool
  /// Run directory, once it is known.
  public var outputDir: String?

  /// A configuration.
  public init(
    timestamp: String, cwd: String, evalPaths: [String], target: String?, workers: Int,
    dryRun: Bool, cache: Bool, outputDir: String? = nil
  ) {
    self.timestamp = timestamp
    self.cwd = cwd
    self.evalPaths = evalPaths
    self.target = target
    self.workers = workers
    self.dryRun = dryRun
    self.cache = cache
    self.outputDir = outputDir
  }

  /// Reads the members of the file; `nil` without eval files.
  public init?(json: JSON) {
    let paths = (json["evalPaths"]?.array ?? []).compactMap(\.string)
    guard !paths.isEmpty, let cwd = json["cwd"]?.string else { return nil }
    self.init(
      timestamp: json["timestamp"]?.string ?? "", cwd: cwd, evalPaths: paths,
      target: Self.target(json),
      workers: max(1, min(50, json["workers"]?.int ?? 3)),
      dryRun: json["dryRun"]?.bool ?? false, cache: json["cache"]?.bool ?? false,
      outputDir: json["outputDir"]?.string)
  }

  /// AgentV writes `default` for the files' own targets; one of that name that was chosen is marked.
  private static func target(_ json: JSON) -> String? {
    let name = json["target"]?.string
    return name == "default" && json["explicitTarget"]?.bool != true ? nil : name
  }

  /// The members of the file.
  public var json: JSON {
    var object: JSONObject = [
      "timestamp": .string(timestamp), "cwd": .string(cwd),
      "evalPaths": .array(evalPaths.map(JSON.string)), "target": .string(target ?? "default"),
      "workers": .int(workers), "dryRun": .bool(dryRun), "cache": .bool(cache),
    ]
    if target == "default" { object["explicitTarget"] = true }
    if let outputDir { object["outputDir"] = .string(outputDir) }
    return .object(object)
  }

  /// The file in a home directory.
  public static func path(home: String) -> String { Path.join(home, ".agentv/last-config.json") }

  /// The configuration in a home directory; `nil` when there is no readable one.
  public static func read(home: String) -> LastConfig? {
    guard let bytes = try? FileIO.read(path(home: home), limitBytes: 1 << 20) else { return nil }
    return (try? JSON.parse(bytes)).flatMap(LastConfig.init(json:))
  }

  /// Writes it into a home directory.
  /// - Throws: `FileError`.
  public func write(home: String) throws(FileError) {
    let file = Self.path(home: home)
    try FileIO.createDirectories(Path.directory(file))
    try FileIO.replace(file, json.pretty() + [0x0A])
  }
}
