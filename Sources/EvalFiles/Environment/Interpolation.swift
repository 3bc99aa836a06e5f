// `${{ NAME }}` references to environment variables.

public import Core

/// Replacement of `${{ NAME }}` in strings.
public enum Interpolation {
  /// Replaces references in a string of an eval file.
  ///
  /// A missing variable counts as empty. A string that is one single reference becomes a boolean
  /// or a number when the variable reads like one.
  /// - Parameters:
  ///   - text: the string.
  ///   - environment: the variables.
  /// - Returns: the value to use instead of the string.
  public static func value(_ text: String, _ environment: [String: String]) -> JSON {
    guard text.utf8.contains(0x24), text.contains("${{") else { return .string(text) }
    if let name = wholeReference(text) { return coerced(environment[name] ?? "") }
    return .string(replaced(text, environment))
  }

  /// Replaces references in all string values of a tree, not in its keys.
  public static func value(_ json: JSON, _ environment: [String: String]) -> JSON {
    switch json {
    case .string(let text): value(text, environment)
    case .array(let items): .array(items.map { value($0, environment) })
    case .object(let object):
      .object(JSONObject(object.map { ($0.name, value($0.value, environment)) }))
    default: json
    }
  }

  /// Replaces references by the variables' text.
  public static func replaced(_ text: String, _ environment: [String: String]) -> String {
    var result = ""
    var rest = text[...]
    while let start = rest.firstRange(of: "${{") {
      result += rest[..<start.lowerBound]
      let body = rest[start.upperBound...]
      if let end = body.firstRange(of: "}}"), let name = name(body[..<end.lowerBound]) {
        result += environment[name] ?? ""
        rest = body[end.upperBound...]
      } else {
        result += "${{"
        rest = body
      }
    }
    return result + rest
  }

  /// The variable's name, when a string is one single reference, with white space around it or not.
  public static func wholeReference(_ text: String) -> String? {
    let trimmed = text.trimmed
    guard trimmed.hasPrefix("${{"), trimmed.hasSuffix("}}"), trimmed.count >= 6 else { return nil }
    return name(trimmed.dropFirst(3).dropLast(2))
  }

  /// Names of all variables that a string refers to, in order.
  static func references(_ text: String) -> [String] {
    var names: [String] = []
    var rest = text[...]
    while let start = rest.firstRange(of: "${{") {
      rest = rest[start.upperBound...]
      if let end = rest.firstRange(of: "}}"), let name = name(rest[..<end.lowerBound]) {
        names.append(name)
        rest = rest[end.upperBound...]
      }
    }
    return names
  }

  private static func name(_ text: Substring) -> String? {
    let name = String(text).trimmed
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return nil }
    let isName = name.utf8.allSatisfy {
      $0 == 0x5F || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF)
    }
    return isName ? name : nil
  }

  /// `true`, `false` and plain decimal numbers as such, everything else as a string.
  static func coerced(_ text: String) -> JSON {
    if text == "true" { return true }
    if text == "false" { return false }
    var digits = text.utf8[...]
    if digits.first == 0x2D { digits = digits.dropFirst() }
    let parts = digits.split(separator: 0x2E, omittingEmptySubsequences: false)
    let isDecimal =
      (1...2).contains(parts.count)
      && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { (0x30...0x39).contains($0) } }
      && (parts[0].count == 1 || parts[0].first != 0x30)
    guard isDecimal else { return .string(text) }
    if parts.count == 1, let number = Int(text) { return .int(number) }
    return Double(text).map(JSON.double) ?? .string(text)
  }
}

extension String {
  /// The text without white space and line breaks at its ends, as JavaScript's `trim` takes it.
  public var trimmed: String {
    let scalars = unicodeScalars
    guard let start = scalars.firstIndex(where: { !$0.isTrimmable }) else { return "" }
    let end = scalars.lastIndex { !$0.isTrimmable } ?? start
    return String(scalars[start...end])
  }
}

extension Unicode.Scalar {
  /// White space and line terminators of ECMAScript (ECMA-262, sections 12.2 and 12.3).
  fileprivate var isTrimmable: Bool {
    switch value {
    case 0x09...0x0D, 0x20, 0xA0, 0xFEFF, 0x2028, 0x2029: true
    case 0x1680, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }
}
