// Where the prompt of an llm-grader comes from: the eval file, a file, or a script.

import Core
import EvalFiles

/// The `prompt` of a grader, resolved.
enum PromptSource: Equatable {
  /// The built-in prompt.
  case none
  /// Text that stands for the criteria in the built-in prompt.
  case criteria(String)
  /// A whole prompt.
  case template(String)

  /// Largest prompt file, in bytes.
  static let fileLimitBytes = 1 << 20

  /// Resolves a prompt; the files that it names are read now.
  /// - Throws: `GraderError` naming the file or what the script said.
  static func resolve(
    _ spec: GraderSpec, _ input: GraderInput
  ) async throws(GraderError) -> PromptSource {
    switch spec.config["prompt"] {
    case .string(let text): return try resolve(text, spec, input.test)
    case .object(let script): return .template(try await run(script, spec, input))
    default: return .none
    }
  }

  /// A prompt of one text: `file://PATH`, the path of a file that is there, a template, or criteria.
  static func resolve(
    _ text: String, _ spec: GraderSpec, _ test: EvalTest
  ) throws(GraderError) -> PromptSource {
    if text.trimmed.isEmpty { return .none }
    if text.hasPrefix("file://") {
      let reference = String(text.dropFirst("file://".count))
      guard let path = spec.file(reference, test) else {
        throw GraderError(
          "prompt file not found: \(reference); looked in "
            + spec.roots(test).joined(separator: ", "))
      }
      return .template(try read(path))
    }
    // A bare path is meant as a file whenever there is one.
    if text.utf8.count <= 4096, !text.contains("\n"), !text.contains("{{"),
      text.contains("/") || text.contains("."), let path = spec.file(text, test)
    {
      return .template(try read(path))
    }
    return GraderTemplate.isTemplate(text) ? .template(text) : .criteria(text)
  }

  private static func read(_ path: String) throws(GraderError) -> String {
    do {
      return String(
        decoding: try FileIO.read(path, limitBytes: fileLimitBytes), as: UTF8.self
      ).replacing("\r\n", with: "\n")
    } catch {
      throw GraderError("prompt file: \(error.description)")
    }
  }

  /// Runs a script whose stdout is the prompt.
  private static func run(
    _ script: JSONObject, _ spec: GraderSpec, _ input: GraderInput
  ) async throws(GraderError) -> String {
    var command = (script["command"] ?? script["script"])?.array?.compactMap(\.string) ?? []
    guard let last = command.last else {
      throw GraderError("the prompt needs a `command`: a list of texts")
    }
    guard let path = spec.file(last, input.test) else {
      throw GraderError("prompt command file not found: \(last)")
    }
    command[command.count - 1] = path
    var payload = CodeGraderPayload()
    defer { payload.removeFiles() }
    do throws(GraderError) {
      let bytes: [UInt8]
      do {
        bytes = try payload.promptBytes(
          config: script["config"]?.object ?? spec.config["config"]?.object, input)
      } catch {
        throw GraderError(error.description)
      }
      let outcome = try await GraderProgram(
        subject: "The script", command: command, directory: Path.directory(path),
        standardInput: bytes
      ).run(input)
      guard outcome.code == 0 else {
        let reason = outcome.errorText.isEmpty ? "" : ": \(outcome.errorText)"
        throw GraderError("the script exited with code \(outcome.code)\(reason)")
      }
      guard !outcome.stdout.isEmpty else { throw GraderError("the script wrote nothing") }
      return outcome.stdout
    } catch {
      if error.isCancelled { throw error }
      throw GraderError("Prompt template execution failed: \(error.description)")
    }
  }
}
