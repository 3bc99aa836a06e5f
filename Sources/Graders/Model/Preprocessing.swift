// Files in a target's answer, as text that a grading model can read.

import Core
import EvalFiles

/// Turns the file blocks of an answer into text.
struct Preprocessing {
  /// Largest file that is read without a program of the author's, in bytes.
  static let fileLimitBytes = 1 << 20

  let spec: GraderSpec
  let input: GraderInput

  /// The answer with the text of its files; the plain answer when it has none.
  ///
  /// A file that cannot be read is a line at the end of the answer.
  /// - Throws: `.cancelled` when the run was stopped.
  func answer() async throws(GraderError) -> String {
    let last = input.output.last { $0.role == "assistant" && $0.content != nil }
    guard case .blocks(let blocks)? = last?.content,
      blocks.contains(where: { $0["type"] == "file" })
    else { return input.answer }
    var parts: [String] = []
    var warnings: [String] = []
    for block in blocks {
      switch block["type"]?.string {
      case "text":
        if let text = (block["text"] ?? block["value"])?.string { parts.append(text) }
      case "file":
        let shown = (block["path"] ?? block["value"])?.string ?? ""
        let type = (block["media_type"] ?? block["mediaType"])?.string ?? ""
        do throws(GraderError) {
          parts.append("[[ file: \(shown) ]]\n\(try await text(of: shown, type))")
        } catch {
          if error.isCancelled { throw error }
          warnings.append("[file preprocessing warning] \(shown) (\(type)): \(error.description)")
        }
      default: break
      }
    }
    return (parts + warnings).joined(separator: "\n")
  }

  private func text(of shown: String, _ type: String) async throws(GraderError) -> String {
    let path = try path(shown)
    guard let command = command(for: type, path) else { return try plainText(path) }
    let request: JSON = [
      "path": .string(path), "original_path": .string(shown), "media_type": .string(type),
    ]
    let outcome = try await GraderProgram(
      subject: "preprocessor", command: command, directory: input.test.directory,
      standardInput: request.serialized()
    ).run(input)
    guard outcome.code == 0 else {
      throw GraderError(
        outcome.errorText.isEmpty
          ? "preprocessor exited with code \(outcome.code)" : outcome.errorText)
    }
    return outcome.stdout
  }

  /// A path in the workspace; without one, in the directory of the target or of the eval file.
  private func path(_ shown: String) throws(GraderError) -> String {
    guard !shown.isEmpty, !shown.utf8.contains(0) else { throw GraderError("it has no path") }
    if shown.hasPrefix("file://") { return String(shown.dropFirst("file://".count)) }
    if shown.contains("://") {
      throw GraderError("remote file paths are not supported for preprocessing")
    }
    let base =
      input.workspacePath
      ?? input.target.settings["cwd"]?.string.map { Path.absolute($0, in: input.test.directory) }
      ?? input.test.directory
    return Path.absolute(shown, in: base)
  }

  /// The program for a type; for a file without one, for its ending.
  private func command(for type: String, _ path: String) -> [String]? {
    let wanted = Self.mediaType(type.isEmpty ? Self.ending(path) : type)
    return spec.preprocessors.first { $0.mediaType == wanted }?.command
  }

  private static func ending(_ path: String) -> String {
    let name = Path.name(path)
    return name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? ""
  }

  private static func mediaType(_ name: String) -> String {
    let name = name.trimmed.lowercased()
    return Preprocessor.shortNames[name] ?? name
  }

  private func plainText(_ path: String) throws(GraderError) -> String {
    guard FileIO.isFile(path) else { throw GraderError("there is no file \(path)") }
    let bytes: [UInt8]
    do {
      bytes = try FileIO.read(path, limitBytes: Self.fileLimitBytes)
    } catch {
      throw GraderError(error.description)
    }
    guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
      throw GraderError(
        "default UTF-8 read produced binary or invalid text; configure a preprocessor")
    }
    return text.replacing("\r\n", with: "\n")
  }
}
