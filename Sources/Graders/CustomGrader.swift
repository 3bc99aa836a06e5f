// Grader types that a project defines by a file below `.agentv`.

import Core
import EvalFiles

/// A type that is not built in: a script of the project's, with the contract of `code-grader`.
struct CustomGrader: Grader {
  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    let places = [input.test.directory] + spec.searchRoots.prefix(1)
    guard let script = places.lazy.compactMap({ GraderScript.find(spec.type, above: $0) }).first
    else { throw GraderError("Unknown grader type: \(spec.type)") }
    var judgement = try await ScriptJudge(
      command: try Self.command(script, input.environment), directory: input.test.directory
    ).judge(spec, input)
    if judgement.isBroken, script.path.hasSuffix("ts"), !judgement.assertions.isEmpty,
      judgement.assertions[0].text.contains("ERR_UNKNOWN_FILE_EXTENSION")
    {
      judgement.assertions[0].evidence =
        "This node does not run TypeScript; install bun, or node 22.18 or newer."
    }
    return judgement
  }

  private static func command(
    _ script: GraderScript, _ environment: [String: String]
  ) throws(GraderError) -> [String] {
    guard script.isJavaScript else { return [script.path] }
    let directories = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    func has(_ program: String) -> Bool {
      directories.contains { FileIO.isExecutable(Path.join($0, program)) }
    }
    if has("bun") { return ["bun", "run", script.path] }
    if has("node") { return ["node", script.path] }
    throw GraderError(
      "\(script.path) needs bun or node, and neither is in PATH; install one, or write the grader "
        + "as an executable file")
  }
}
