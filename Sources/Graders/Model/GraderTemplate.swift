// Prompts with `{{ variables }}`.

import Core
import EvalFiles

/// The variables of grading prompts and how they are put in.
enum GraderTemplate {
  /// Names that still work, and what they are called today.
  static let deprecated = [
    "input_text": "input", "output_text": "output", "expected_output_text": "expected_output",
  ]
  /// Names of today.
  static let names = [
    "input", "output", "expected_output", "criteria", "file_changes", "tool_calls",
  ]

  /// The values for one grading.
  static func values(_ input: GraderInput, criteria: String) -> [String: String] {
    var values = [
      "input": input.question, "output": input.answer.trimmed,
      "expected_output": input.test.referenceAnswer.trimmed, "criteria": criteria.trimmed,
      "file_changes": input.fileChanges ?? "", "tool_calls": ToolCallText.lines(input.output),
    ].mapValues { BoundedText.cut($0) }
    for (old, new) in deprecated { values[old] = values[new] }
    return values
  }

  /// Puts values in; a name that is not among them stays as it is.
  ///
  /// One pass: braces inside of a value are no variables.
  static func filled(_ template: String, _ values: [String: String]) -> String {
    var result = ""
    var end = template.startIndex
    for variable in variables(in: template) {
      guard let value = values[variable.name] else { continue }
      result += template[end..<variable.range.lowerBound]
      result += value
      end = variable.range.upperBound
    }
    return result + template[end...]
  }

  /// Whether a text has a variable that is known: it then is a whole prompt.
  static func isTemplate(_ text: String) -> Bool {
    variables(in: text).contains { names.contains($0.name) || deprecated[$0.name] != nil }
  }

  /// What to tell about old names in a template; `nil` when it has none.
  static func deprecation(_ template: String) -> String? {
    let used = Set(variables(in: template).map(\.name)).filter { deprecated[$0] != nil }.sorted()
    guard !used.isEmpty else { return nil }
    let lines = used.map { "  {{ \($0) }} → {{ \(deprecated[$0] ?? "") }}" }
    return "⚠ Deprecated template variables; they still work:\n" + lines.joined(separator: "\n")
  }

  private static func variables(
    in template: String
  ) -> [(name: String, range: Range<String.Index>)] {
    var found: [(name: String, range: Range<String.Index>)] = []
    let text = template.utf8
    var index = text.startIndex
    while let open = text[index...].firstIndex(of: UInt8(ascii: "{")) {
      index = text.index(after: open)
      guard index < text.endIndex, text[index] == UInt8(ascii: "{") else { continue }
      let start = text[text.index(after: index)...].drop(while: isSpace).startIndex
      let rest = text[start...].drop(while: isName)
      let close = rest.drop(while: isSpace)
      guard start < rest.startIndex, close.starts(with: "}}".utf8) else { continue }
      let end = text.index(close.startIndex, offsetBy: 2)
      found.append((String(template[start..<rest.startIndex]), open..<end))
      index = end
    }
    return found
  }

  private static func isName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }
}

extension GraderInput {
  /// Most images of an answer that a model is shown.
  static let imageLimit = 20
  /// Most of all of them together, in bytes of their data URLs.
  static let imageLimitBytes = 20 << 20

  /// What the target was asked, as models read it.
  var question: String { test.prompt(style: .llm).trimmed }

  /// Images that the target answered with.
  var answerImages: [JSON] {
    var images: [JSON] = []
    var total = 0
    for message in output where message.role == "assistant" {
      guard case .blocks(let blocks)? = message.content else { continue }
      for block in blocks where block["type"] == "image" {
        guard let source = block["source"]?.string, source.hasPrefix("data:"),
          images.count < Self.imageLimit
        else { continue }
        total += source.utf8.count
        if total > Self.imageLimitBytes { return images }
        images.append(block)
      }
    }
    return images
  }
}

/// Texts that go into a prompt.
enum BoundedText {
  /// Most of one value, in bytes; no model reads more, and rows repeat prompts.
  static let limitBytes = 1 << 20

  /// A text of at most the limit: its first and last part when it is longer, with a line between
  /// them that says what is missing.
  static func cut(_ text: String, to limit: Int = limitBytes) -> String {
    guard text.utf8.count > limit else { return text }
    let head = String(decoding: text.utf8.prefix(limit / 2), as: UTF8.self)
    let tail = String(decoding: text.utf8.suffix(limit - limit / 2), as: UTF8.self)
    return "\(head)\n[\(text.utf8.count - limit) bytes left out]\n\(tail)"
  }
}

/// Tool calls as a model that grades reads them.
enum ToolCallText {
  /// Longest detail of one call, in characters.
  static let detailLimit = 120
  private static let keys = [
    "Skill": "skill", "Read": "file_path", "Write": "file_path", "Edit": "file_path",
    "Bash": "command", "Grep": "pattern", "Glob": "pattern",
  ]

  /// One line for each call, `- Tool: detail`; empty when there is none.
  static func lines(_ output: [Message]) -> String {
    output.flatMap(\.toolCalls).map { call in
      detail(call).map { "- \(call.tool): \($0)" } ?? "- \(call.tool)"
    }.joined(separator: "\n")
  }

  private static func detail(_ call: ToolCall) -> String? {
    guard let input = call.input?.object else { return nil }
    if let key = keys[call.tool], let text = input[key]?.string, !text.isEmpty {
      return text.count <= detailLimit ? text : "\(text.prefix(detailLimit))…"
    }
    return input.lazy.compactMap(\.value.string).first { text in
      !text.isEmpty && text.utf8.count <= detailLimit * 4 && text.count <= detailLimit
    }
  }
}
