// How the arguments of a tool call are compared with the expected ones.

import Core
import EvalFiles

/// `args_match` of a tool-trajectory grader or of one of its items.
enum ArgumentMatch: Sendable, Equatable {
  /// The same members with the same values.
  case exact
  /// At least the expected members.
  case superset
  /// Nothing but expected members.
  case subset
  /// Not compared.
  case ignore
  /// Only these members, as dotted paths.
  case fields([String])

  /// Reads the setting; `nil` when it is not given.
  /// - Throws: `GraderError` for anything that is none.
  static func read(_ json: JSON?) throws(GraderError) -> ArgumentMatch? {
    switch json {
    case nil, .null: return nil
    case .string("exact"): return .exact
    case .string("superset"): return .superset
    case .string("subset"): return .subset
    case .string("ignore"): return .ignore
    case .array(let names):
      let fields = names.compactMap(\.string).filter { !$0.isEmpty }
      return fields.isEmpty ? nil : .fields(fields)
    case .some(let value):
      throw GraderError(
        "args_match must be exact, superset, subset, ignore or a list of fields, found "
          + value.text)
    }
  }

  /// Whether arguments are as expected.
  func holds(expected: JSONObject, actual: JSON?) -> Bool {
    if self == .ignore { return true }
    guard let actual = actual?.object else { return false }
    switch self {
    case .ignore: return true
    case .exact: return JSON.object(expected).matches(.object(actual))
    case .superset:
      return expected.allSatisfy { member in
        actual[member.name].map(member.value.matches) ?? false
      }
    case .subset:
      return actual.allSatisfy { member in
        expected[member.name].map(member.value.matches) ?? false
      }
    case .fields(let fields):
      return fields.allSatisfy { field in
        guard let wanted = Self.value(field, in: expected) else { return true }
        return Self.value(field, in: actual).map(wanted.matches) ?? false
      }
    }
  }

  private static func value(_ path: String, in object: JSONObject) -> JSON? {
    var current = JSON.object(object)
    for part in path.split(separator: ".", omittingEmptySubsequences: false) {
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
}

extension JSON {
  /// Deep equality as JavaScript sees it: 1 and 1.0 are one number.
  func matches(_ other: JSON) -> Bool {
    switch (self, other) {
    case (.int, .double), (.double, .int): double == other.double
    case (.array(let left), .array(let right)):
      left.count == right.count && zip(left, right).allSatisfy { $0.matches($1) }
    case (.object(let left), .object(let right)):
      left.count == right.count
        && left.allSatisfy { member in right[member.name].map(member.value.matches) ?? false }
    default: self == other
    }
  }
}
