// Prompts of LLM graders that stand in files of their own.

import Core

/// Finds and checks the prompts of graders.
struct PromptFiles {
  /// Variables that a prompt may use.
  static let variables: Set<String> = [
    "input", "output", "expected_output", "criteria", "file_changes", "tool_calls", "input_text",
    "output_text", "expected_output_text",
  ]

  /// Those of which a prompt file needs one.
  static let answers: Set<String> = [
    "output", "expected_output", "output_text", "expected_output_text",
  ]

  let references: FileReferences
  let problems: Problems

  /// Checks the `prompt` of a grader.
  /// - Returns: what the grader is to use instead of what was written; `nil` to leave it.
  /// - Throws: `Diagnostic` for a file that is missing or no template, which makes the test unusable.
  func checked(_ node: SourceNode, _ place: FieldPlace) throws(Diagnostic) -> JSON? {
    if let text = node.string {
      if text.hasPrefix("file://") {
        try checkTemplate(String(text.dropFirst(7)), node, place)
        return nil
      }
      return bareFile(text, node, place)
    }
    if node.mapping != nil { try checkScript(node, place) }
    return nil
  }

  private func checkTemplate(
    _ name: String, _ node: SourceNode, _ place: FieldPlace
  ) throws(Diagnostic) {
    let found = references.find(name)
    guard let path = found.path else {
      let tried = found.tried.map { "\n    \($0)" }.joined()
      throw place.error("prompt file not found: \(name)\n  Tried:\(tried)", node)
    }
    let text = try self.text(path, node, place)
    let names = Self.names(in: text)
    guard !names.isDisjoint(with: Self.answers) else {
      throw place.error(
        "the prompt file \(name) must contain {{ output }} or {{ expected_output }}; without them "
          + "the grader would not see the answer", node)
    }
    for name in names.subtracting(Self.variables).sorted() {
      problems.noteOnce(
        "\(path) \(name)",
        place.warning("unknown variable {{ \(name) }} in \(path); it is left as it is", node))
    }
  }

  /// A prompt that is nothing but the path of a file that exists is read from it: that is what its
  /// author meant, though upstream takes it as the text of the criteria.
  private func bareFile(_ text: String, _ node: SourceNode, _ place: FieldPlace) -> JSON? {
    guard text.utf8.count <= 512, !text.contains("\n"), !text.contains("{{"),
      text.contains("/") || ["md", "txt", "prompt", "jinja"].contains(FileWalk.ending(text)),
      let path = references.find(text).path,
      let content = try? references.text(path), !content.trimmed.isEmpty
    else { return nil }
    problems.noteOnce(
      "prompt \(path)",
      place.warning(
        "the prompt is the path of a file and is read from it: \(path); write file://\(text) to "
          + "make that plain", node))
    return .string(content)
  }

  private func checkScript(_ node: SourceNode, _ place: FieldPlace) throws(Diagnostic) {
    guard let command = node.present("command") ?? node.present("script") else { return }
    let here = place.member("command")
    let words = command.sequence?.compactMap(\.string) ?? command.string.map(HookReader.words) ?? []
    guard let script = words.last, !script.isEmpty else {
      throw here.error(
        "expected a command, a list of texts that ends with a script, found \(command.found)",
        command)
    }
    let found = references.find(script)
    guard found.path != nil else {
      let tried = found.tried.map { "\n    \($0)" }.joined()
      throw here.error("prompt script not found: \(script)\n  Tried:\(tried)", command)
    }
  }

  private func text(
    _ path: String, _ node: SourceNode, _ place: FieldPlace
  ) throws(Diagnostic) -> String {
    do throws(FileError) {
      return try references.text(path)
    } catch {
      throw place.error("cannot read the prompt file: \(error)", node)
    }
  }

  /// Names between double braces.
  static func names(in text: String) -> Set<String> {
    var names: Set<String> = []
    var rest = text[...]
    while let start = rest.firstRange(of: "{{") {
      rest = rest[start.upperBound...]
      guard let end = rest.firstRange(of: "}}") else { break }
      let name = String(rest[..<end.lowerBound]).trimmed
      let isName =
        !name.isEmpty
        && name.utf8.allSatisfy {
          $0 == 0x5F || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF)
        }
      if isName { names.insert(name) }
      rest = rest[end.upperBound...]
    }
    return names
  }
}
