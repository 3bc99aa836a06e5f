// Graders that compare the answer with texts. They compare code points, as JavaScript does: no
// canonical equivalence, no grapheme clusters.

import Core
import EvalFiles

/// `contains`, `icontains` and their `-any` and `-all` forms.
struct ContainsGrader: Grader {
  enum Mode { case one, any, all }
  let mode: Mode
  let ignoresCase: Bool

  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    let values =
      mode == .one
      ? [try spec.textValue] : (spec.config["value"]?.array ?? []).compactMap(\.string)
    let answer = Array((ignoresCase ? input.answer.lowercased() : input.answer).utf8)
    let found = values.filter {
      Bytes.contains(answer, Array((ignoresCase ? $0.lowercased() : $0).utf8))
    }
    let note = ignoresCase ? " (case-insensitive)" : ""
    switch mode {
    case .one:
      let isFound = !found.isEmpty
      return .check(
        isFound, "Output \(isFound ? "contains" : "does not contain") \"\(values[0])\"\(note)")
    case .any:
      if let first = found.first { return .check(true, "Output contains \"\(first)\"\(note)") }
      return .check(false, "Output does not contain any of: \(Self.list(values))\(note)")
    case .all:
      let missing = values.filter { !found.contains($0) }
      if missing.isEmpty {
        return .check(true, "Output contains all \(values.count) expected strings\(note)")
      }
      return .check(false, "Output missing\(note): \(Self.list(missing))")
    }
  }

  private static func list(_ values: [String]) -> String {
    values.map { "\"\($0)\"" }.joined(separator: ", ")
  }
}

/// `starts-with`, `ends-with` and `equals`; white space at the ends of both sides does not count.
struct TrimmedTextGrader: Grader {
  enum Mode { case start, end, whole }
  let mode: Mode

  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    let value = try spec.textValue
    let answer = Array(input.answer.trimmed.utf8)
    let wanted = Array(value.trimmed.utf8)
    switch mode {
    case .start:
      let holds = answer.starts(with: wanted)
      return .check(holds, "Output \(holds ? "starts" : "does not start") with \"\(value)\"")
    case .end:
      let holds = answer.count >= wanted.count && answer.suffix(wanted.count).elementsEqual(wanted)
      return .check(holds, "Output \(holds ? "ends" : "does not end") with \"\(value)\"")
    case .whole:
      let holds = answer == wanted
      return .check(holds, "Output \(holds ? "equals" : "does not equal") \"\(value)\"")
    }
  }
}

extension GraderSpec {
  /// The `value` of a grader that compares with one text.
  var textValue: String {
    get throws(GraderError) {
      guard let value = config["value"]?.string, !value.isEmpty else {
        throw GraderError("it has no value to compare with")
      }
      return value
    }
  }
}

/// Searching in bytes.
enum Bytes {
  /// Whether a text holds another one; both UTF-8, so that a hit always begins at a code point.
  static func contains(_ text: [UInt8], _ wanted: [UInt8]) -> Bool {
    guard let first = wanted.first else { return true }
    guard text.count >= wanted.count else { return false }
    let last = text.count - wanted.count
    var start = 0
    while start <= last {
      guard let hit = text[start...last].firstIndex(of: first) else { return false }
      var length = 1
      while length < wanted.count, text[hit + length] == wanted[length] { length += 1 }
      if length == wanted.count { return true }
      start = hit + 1
    }
    return false
  }
}
