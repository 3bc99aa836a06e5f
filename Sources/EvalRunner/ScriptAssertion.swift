// `agentv eval assert`: one script of the project's graders, run by itself on a given answer.

import Core
import EvalFiles
import Graders

/// One run of a script grader outside of an evaluation.
public struct ScriptAssertion: Sendable {
  /// Score from which the exit code is 0.
  public static let passScore = 0.5
  /// Largest file with answer and question, bytes.
  static let fileLimitBytes = 64 << 20

  /// Name of the script, with or without its ending.
  public var name: String
  /// The answer to judge.
  public var output: String?
  /// The question it answers.
  public var input: String?
  /// A JSON file `{output, input}` in place of both, each a text or a list of messages.
  public var file: String?

  /// A script to run.
  public init(name: String) { self.name = name }

  /// Runs the script and prints its judgement as JSON.
  /// - Parameters:
  ///   - workingDirectory: where the search for the script begins, and where it runs; absolute.
  ///   - environment: variables of the script.
  /// - Returns: the exit code: 0 from a score of 0.5 on, else 1.
  public func run(workingDirectory: String, environment: [String: String]) async -> Int32 {
    defer { ScratchDirectory.shared.remove() }
    do throws(EvalRunError) {
      let type = try scriptName(workingDirectory)
      let (output, input) = try messages(workingDirectory)
      let test = EvalTest(id: "assert", suite: "assert", input: input, directory: workingDirectory)
      let target = ResolvedTarget(requested: "assert", name: "assert", provider: "none")
      let score: GraderScore
      var judged = GraderInput(
        test: test, output: output, target: target, environment: environment)
      judged.hasPlainTexts = true
      do {
        score = try await GraderRegistry.grade(GraderSpec(name: type, type: type), judged)
      } catch {
        throw EvalRunError(error.description)
      }
      var object: JSONObject = [
        "score": .double(score.score), "assertions": .array(score.assertions.map(\.json)),
      ]
      object["details"] = score.details.map(JSON.object)
      StandardStream.output.write(JSON.object(object).prettyText + "\n")
      return score.score >= Self.passScore ? 0 : 1
    } catch {
      StandardStream.error.write("Error: \(error)\n")
      return error.exitCode
    }
  }

  private func scriptName(_ directory: String) throws(EvalRunError) -> String {
    let stem = name.lastIndex(of: ".").map { String(name[..<$0]) }
    for type in [name, stem].compactMap(\.self) {
      if GraderTypes.all.contains(type) { continue }
      if GraderScript.find(type, above: directory) != nil { return type }
    }
    throw EvalRunError(
      "no grader '\(name)': no file of that name in .agentv/"
        + GraderScript.folders.joined(separator: ", .agentv/")
        + " of \(directory) or of a directory above it")
  }

  private func messages(
    _ directory: String
  ) throws(EvalRunError) -> (output: [Message], input: [Message]) {
    guard let file else {
      guard let output else {
        throw EvalRunError("nothing to judge: give --agent-output TEXT or --file FILE")
      }
      return (
        [Message(role: "assistant", text: output)], [Message(role: "user", text: input ?? "")]
      )
    }
    let json: JSON
    do {
      json = try JSON.parse(
        try FileIO.read(Path.absolute(file, in: directory), limitBytes: Self.fileLimitBytes))
    } catch {
      throw EvalRunError("cannot use --file \(file): \(error)")
    }
    guard let output = Self.messages(json["output"], role: "assistant") else {
      throw EvalRunError(
        "--file \(file): 'output' must be a text or a list of messages, "
          + "found \(json["output"]?.kind ?? "none")")
    }
    return (output, Self.messages(json["input"], role: "user") ?? [])
  }

  private static func messages(_ value: JSON?, role: String) -> [Message]? {
    if let text = value?.string { return [Message(role: role, text: text)] }
    return value?.array?.compactMap { Message(json: $0, anyRole: true) }
  }
}
