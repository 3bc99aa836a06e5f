// `field-accuracy`: members of a JSON answer against those of the expected output.

import Core
import EvalFiles

/// Compares single fields of structured answers.
struct FieldAccuracyGrader: Grader {
  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    let rules = try FieldRule.read(spec, input.warn)
    guard let answer = try? LenientJSON.parse(input.answer) else {
      return .check(false, "Failed to parse candidate answer as JSON")
    }
    guard let expected = Self.expected(input.test.expectedOutput) else {
      return .check(false, "No expected data found in expected_output")
    }
    let findings = rules.map { $0.compare(answer, expected) }
    let assertions = findings.map { AssertionResult($0.text, passed: $0.holds) }
    if spec.config["aggregation"]?.string == "all_or_nothing" {
      return Judgement(score: findings.allSatisfy(\.holds) ? 1 : 0, assertions: assertions)
    }
    let total = findings.reduce(0) { $0 + $1.weight }
    let hits = findings.reduce(0) { $0 + ($1.holds ? $1.weight : 0) }
    return Judgement(score: total > 0 ? hits / total : 0, assertions: assertions)
  }

  /// The data of the last assistant message that has any.
  private static func expected(_ messages: [Message]) -> JSON? {
    for message in messages.reversed() where message.role == "assistant" {
      switch message.content {
      case .object(let object): return .object(object)
      case .text(let text):
        if let value = try? LenientJSON.parse(text) { return value }
      case .blocks(let blocks):
        if blocks.allSatisfy({ $0["type"] == "text" }), !blocks.isEmpty {
          if let value = try? LenientJSON.parse(message.text ?? "") { return value }
        } else if !blocks.isEmpty {
          return .array(blocks)
        }
      case nil: break
      }
    }
    return nil
  }
}

/// How one field is compared.
struct FieldRule: Sendable {
  /// What comparing gave.
  struct Finding {
    var text: String
    var holds: Bool
    var weight: Double
  }

  private enum Match {
    case exact
    case number(tolerance: Double, isRelative: Bool)
    case date(FieldDate.Order)
  }

  private var path: String
  private var match: Match
  private var isRequired: Bool
  private var weight: Double

  /// Reads `fields`; what makes no sense is left out with a warning.
  static func read(
    _ spec: GraderSpec, _ warn: (String) -> Void
  ) throws(GraderError) -> [FieldRule] {
    var rules: [FieldRule] = []
    for item in spec.config["fields"]?.array ?? [] {
      guard let path = item["path"]?.string, !path.isEmpty else {
        warn("Grader '\(spec.name)': a field without path is left out: \(item.text)")
        continue
      }
      guard let match = match(item) else {
        warn(
          "Grader '\(spec.name)': field '\(path)' is left out: match must be exact, "
            + "numeric_tolerance or date, found \(item["match"]?.text ?? "none")")
        continue
      }
      let weight = item["weight"]?.double ?? 1
      guard weight >= 0, weight.isFinite else {
        throw GraderError("the weight of field '\(path)' must be 0 or more, found \(weight)")
      }
      rules.append(
        FieldRule(
          path: path, match: match, isRequired: item["required"]?.bool ?? true, weight: weight))
    }
    guard !rules.isEmpty else { throw GraderError("it needs a list `fields` that is not empty") }
    return rules
  }

  private static func match(_ item: JSON) -> Match? {
    switch item["match"]?.string {
    case "exact": .exact
    case "numeric_tolerance":
      .number(
        tolerance: item["tolerance"]?.double ?? 0, isRelative: item["relative"]?.bool ?? false)
    case "date": .date(FieldDate.Order(formats: item["formats"]?.array?.compactMap(\.string)))
    default: nil
    }
  }

  /// Compares the field in an answer with the one in the expected data.
  func compare(_ answer: JSON, _ expected: JSON) -> Finding {
    guard let expected = Self.value(path, in: expected) else {
      return Finding(text: "\(path): no expected value", holds: true, weight: weight)
    }
    guard let value = Self.value(path, in: answer) else {
      return isRequired
        ? Finding(text: "\(path) (required, missing)", holds: false, weight: weight)
        : Finding(text: "\(path): optional field missing", holds: true, weight: 0)
    }
    let (holds, note) =
      switch match {
      case .exact: Self.exact(value, expected)
      case .number(let tolerance, let isRelative):
        Self.number(value, expected, tolerance: tolerance, isRelative: isRelative)
      case .date(let order): Self.date(value, expected, order)
      }
    return Finding(text: note.isEmpty ? path : "\(path) (\(note))", holds: holds, weight: weight)
  }

  private static func value(_ path: String, in json: JSON) -> JSON? {
    var current = json
    for part in path.split(whereSeparator: { ".[]".contains($0) }) {
      let next: JSON? =
        switch current {
        case .object(let object): object[String(part)]
        case .array: Int(part).flatMap { current[$0] }
        default: nil
        }
      guard let next else { return nil }
      current = next
    }
    return current
  }

  private static func exact(_ value: JSON, _ expected: JSON) -> (Bool, String) {
    if value.matches(expected) { return (true, "") }
    let (got, wanted) = (typeName(value), typeName(expected))
    return (
      false, got == wanted ? "value mismatch" : "type mismatch: got \(got), expected \(wanted)"
    )
  }

  /// JavaScript's `typeof`.
  private static func typeName(_ json: JSON) -> String {
    switch json {
    case .array, .null: "object"
    default: json.kind
    }
  }

  private static func number(
    _ value: JSON, _ expected: JSON, tolerance: Double, isRelative: Bool
  ) -> (Bool, String) {
    guard let number = leadingNumber(value), let wanted = leadingNumber(expected) else {
      return (false, "non-numeric value")
    }
    let difference = abs(number - wanted)
    let measured = isRelative && wanted != 0 ? difference / abs(wanted) : difference
    let shown = NumberText.fixed(difference, 2)
    return measured <= tolerance
      ? (true, "within tolerance: diff=\(shown)")
      : (false, "outside tolerance: diff=\(shown), tolerance=\(NumberText.plain(tolerance))")
  }

  /// A number, or the one that a text begins with.
  private static func leadingNumber(_ json: JSON) -> Double? {
    if let number = json.double { return number }
    // Nobody's number is longer; trying every beginning of a long text would take for ever.
    guard let text = json.string.map({ String($0.trimmed.prefix(64)) }) else { return nil }
    var end = text.startIndex
    var longest: Double?
    while end < text.endIndex, "+-.eE0123456789".contains(text[end]) {
      end = text.index(after: end)
      if let number = Double(text[..<end]), number.isFinite { longest = number }
    }
    return longest
  }

  private static func date(
    _ value: JSON, _ expected: JSON, _ order: FieldDate.Order
  ) -> (Bool, String) {
    guard let date = FieldDate(value.string ?? value.text, order) else {
      return (false, "unparseable candidate date")
    }
    guard let wanted = FieldDate(expected.string ?? expected.text, order) else {
      return (false, "unparseable expected date")
    }
    return date == wanted
      ? (true, "") : (false, "date mismatch: got \(date.text), expected \(wanted.text)")
  }
}
