// Programs around tests: what they get and what they said.

import Core
import EvalFiles
import EventLoop
import Supervisor

/// What a hook is told.
struct HookContext: Sendable {
  /// Id of the test, or a name such as `__before_all__`.
  var testID: String
  /// Id of the run.
  var runID: String
  /// Text of the test's input; `nil` around all tests.
  var caseInput: String?
  /// Metadata of the test; `nil` around all tests.
  var caseMetadata: JSON?

  /// What a hook is told.
  init(
    testID: String, runID: String, caseInput: String? = nil, caseMetadata: JSON? = nil
  ) {
    self.testID = testID
    self.runID = runID
    self.caseInput = caseInput
    self.caseMetadata = caseMetadata
  }
}

/// Runs hooks.
struct HookRun: Sendable {
  /// Most output of a hook that is kept, bytes a stream.
  static let outputLimitBytes = 1 << 20
  /// Longest error text that goes into a row, characters.
  static let errorTextLimit = 4000

  let environment: [String: String]

  /// Runs the command of a hook; nothing for one that has none.
  /// - Parameters:
  ///   - hook: the hook.
  ///   - point: when it runs.
  ///   - workspace: the workspace, absolute.
  ///   - directory: where it starts when it does not say so itself.
  ///   - context: what it is told.
  /// - Returns: what it wrote to stdout.
  /// - Throws: `WorkspaceError` with `.script`.
  func run(
    _ hook: HookSpec, _ point: HookPoint, in workspace: String, directory: String,
    _ context: HookContext
  ) async throws(WorkspaceError) -> String {
    guard let program = hook.command.first else { return "" }
    let arguments = hook.command.dropFirst().map { filled($0, workspace, context) }
    var variables = environment
    variables["AGENTV_WORKSPACE_PATH"] = workspace
    let limit = Duration.milliseconds(hook.timeoutMS ?? point.defaultTimeoutMS)
    let spec = ProcessSpec(
      executable: filled(program, workspace, context), arguments: Array(arguments),
      environment: variables, workingDirectory: hook.directory ?? directory,
      standardInput: .bytes(input(workspace, context)),
      output: .capture(limitBytes: Self.outputLimitBytes))
    let result: ProcessResult
    do throws(SupervisorError) {
      result = try await Supervisor.shared.run(spec, timeout: limit)
    } catch {
      if error.code == .stopping { throw .cancelled }
      throw WorkspaceError(.script, "\(point.rawValue) hook: \(error)")
    }
    if Task.isCancelled || (result.stopped && !result.timedOut) { throw .cancelled }
    if result.timedOut {
      throw WorkspaceError(
        .script,
        "\(point.rawValue) hook took more than \(limit.components.seconds) s; raise timeout_ms")
    }
    guard result.exit.isSuccess else {
      let said = result.stderr.text.trimmed
      let text = said.isEmpty ? "Process exited with code \(result.exit.shellCode)" : said
      throw WorkspaceError(
        .script, "\(point.rawValue) hook: Script failed: \(text.suffix(Self.errorTextLimit))")
    }
    return result.stdout.text
  }

  private func input(_ workspace: String, _ context: HookContext) -> [UInt8] {
    let json: JSON = [
      "workspace_path": .string(workspace), "test_id": .string(context.testID),
      "eval_run_id": .string(context.runID), "case_input": .optional(context.caseInput),
      "case_metadata": context.caseMetadata ?? .null,
    ]
    return Array(json.text.utf8)
  }

  /// A word of a command with its placeholders filled; unknown ones stay.
  private func filled(_ word: String, _ workspace: String, _ context: HookContext) -> String {
    guard word.contains("{{") else { return word }
    var result = ""
    var rest = word[...]
    while let start = rest.firstRange(of: "{{") {
      result += rest[..<start.lowerBound]
      let body = rest[start.upperBound...]
      guard let end = body.firstRange(of: "}}") else { return result + rest[start.lowerBound...] }
      switch String(body[..<end.lowerBound]).trimmed {
      case "workspace_path": result += workspace
      case "test_id": result += context.testID
      case "eval_run_id": result += context.runID
      case "case_input": result += context.caseInput ?? ""
      case "case_metadata": result += context.caseMetadata?.text ?? ""
      default: result += rest[start.lowerBound..<end.upperBound]
      }
      rest = body[end.upperBound...]
    }
    return result + rest
  }
}
