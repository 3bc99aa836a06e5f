// What a file of a project is.

import Core

/// Kinds of files that can be validated.
public enum FileKind: String, Sendable, Hashable, CaseIterable {
  /// A suite of tests.
  case eval
  /// A list of tests that suites include.
  case cases
  /// targets.yaml.
  case targets
  /// .agentv/config.yaml.
  case config
  /// None of these.
  case unknown

  private static let schemas: [(String, FileKind)] = [
    ("agentv-eval", .eval), ("agentv-targets", .targets), ("agentv-config", .config),
  ]

  /// Tells what a file is by its name and its content.
  static func of(_ path: String, _ root: SourceNode?) -> FileKind {
    let name = Path.name(path).lowercased()
    let parent = Path.name(Path.directory(path))
    if name.hasSuffix(".jsonl") || name.hasSuffix(".json") { return .eval }
    if root?.sequence != nil { return .cases }
    if let schema = root?["$schema"]?.string,
      let kind = schemas.first(where: { schema.contains($0.0) })?.1
    {
      return kind
    }
    if parent == ".agentv" {
      if name == "config.yaml" || name == "config.yml" { return .config }
      if name == "targets.yaml" || name == "targets.yml" { return .targets }
    }
    for ending in [".eval.yaml", ".eval.yml"] where name.hasSuffix(ending) { return .eval }
    if name == "eval.yaml" || name == "eval.yml" { return .eval }
    if ["tests", "eval_cases", "evalcases"].contains(where: { root?[$0] != nil }) { return .eval }
    if root?["targets"]?.sequence != nil || name.hasPrefix("targets.") { return .targets }
    return .unknown
  }
}
