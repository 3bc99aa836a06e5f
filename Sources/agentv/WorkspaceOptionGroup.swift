import ArgumentParser
import EvalRunner

/// Where tests work.
struct WorkspaceOptionGroup: ParsableArguments {
  @Option(
    name: .customLong("workspace-mode"),
    help: "Where workspaces come from: pooled, temp or static; in place of the files' own.")
  var mode: String?

  @Option(
    name: .customLong("workspace-path"),
    help: "A directory that all tests work in, used as it is; implies static.")
  var path: String?

  @Flag(
    name: .customLong("keep-workspaces"), help: "Keep every workspace after the run.")
  var keeps = false

  @Flag(help: "Exit 1 when the project requires another version than this program follows.")
  var strict = false

  func apply(to options: inout EvalOptions) {
    options.workspaces.mode = mode
    options.workspaces.path = path
    options.workspaces.keeps = keeps
    options.isStrict = strict
  }
}
