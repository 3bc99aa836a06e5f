// JSON values with the order of object members kept: rows and artifacts are read by people and by
// tools that expect the documented order of fields.

/// A JSON value (RFC 8259).
public enum JSON: Sendable, Hashable {
  case null
  case bool(Bool)
  /// A number without fraction or exponent that fits 64 bits.
  case int(Int)
  case double(Double)
  case string(String)
  case array([JSON])
  case object(JSONObject)
}

/// The members of a JSON object in the order in which they were written.
///
/// Objects here are small (tens of members), so a linear search beats a hash table in time and
/// memory. Setting a name that is there keeps its place; setting `nil` removes it.
public struct JSONObject: Sendable, Hashable, ExpressibleByDictionaryLiteral, Sequence {
  /// The members in order; names are unique.
  public private(set) var members: [(name: String, value: JSON)] = []

  /// An object without members.
  public init() {}

  /// An object with the given members; a repeated name keeps its first place and its last value.
  public init(dictionaryLiteral elements: (String, JSON)...) {
    members.reserveCapacity(elements.count)
    for (name, value) in elements { self[name] = value }
  }

  /// An object with the given members, later duplicates winning.
  public init(_ elements: some Sequence<(String, JSON)>) {
    for (name, value) in elements { self[name] = value }
  }

  /// The value of a member; `nil` when there is none.
  public subscript(name: String) -> JSON? {
    get {
      for member in members where member.name == name { return member.value }
      return nil
    }
    set {
      if let index = members.firstIndex(where: { $0.name == name }) {
        if let newValue { members[index].value = newValue } else { members.remove(at: index) }
      } else if let newValue {
        members.append((name, newValue))
      }
    }
  }

  /// Appends a member whose name the caller knows to be new.
  public mutating func appendUnchecked(_ name: String, _ value: JSON) {
    members.append((name, value))
  }

  /// Where each member is.
  var places: [String: Int] {
    Dictionary(members.enumerated().map { ($0.element.name, $0.offset) }) { first, _ in first }
  }

  /// Replaces the value of the member at a place.
  mutating func replaceUnchecked(_ place: Int, _ value: JSON) { members[place].value = value }

  /// Number of members.
  public var count: Int { members.count }
  /// Whether there is no member.
  public var isEmpty: Bool { members.isEmpty }
  /// Member names in order.
  public var names: [String] { members.map(\.name) }

  /// Iterates over the members in order.
  public func makeIterator() -> IndexingIterator<[(name: String, value: JSON)]> {
    members.makeIterator()
  }

  /// Equality without regard to order, as JSON objects compare.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.count == right.count && left.members.allSatisfy { right[$0.name] == $0.value }
  }

  /// Hashes without regard to order.
  public func hash(into hasher: inout Hasher) {
    var combined = 0
    for member in members {
      var inner = Hasher()
      inner.combine(member.name)
      inner.combine(member.value)
      combined ^= inner.finalize()
    }
    hasher.combine(combined)
  }
}

extension JSON {
  /// The string, if this is one.
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  /// The boolean, if this is one.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The array, if this is one.
  public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
  /// The object, if this is one.
  public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
  /// Whether this is `null`.
  public var isNull: Bool { if case .null = self { true } else { false } }

  /// The number as a whole one: an integer, or a double without fraction within ±2^53.
  public var int: Int? {
    switch self {
    case .int(let value): value
    case .double(let value) where value.rounded() == value && abs(value) <= 9_007_199_254_740_992:
      Int(value)
    default: nil
    }
  }

  /// The number as a double.
  public var double: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  /// A member of an object; `nil` for a missing member and for anything that is no object.
  public subscript(name: String) -> JSON? { object?[name] }

  /// An element of an array; `nil` beyond its ends and for anything that is no array.
  public subscript(index: Int) -> JSON? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  /// What kind of value this is, in the words of RFC 8259, for messages.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .int, .double: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }

  /// A string or `null`.
  public static func optional(_ value: String?) -> JSON { value.map(JSON.string) ?? .null }
  /// An integer or `null`.
  public static func optional(_ value: Int?) -> JSON { value.map(JSON.int) ?? .null }
  /// A number or `null`.
  public static func optional(_ value: Double?) -> JSON { value.map(JSON.double) ?? .null }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByNilLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// An integer.
  public init(integerLiteral value: Int) { self = .int(value) }
  /// A double.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// A boolean.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// An array.
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  /// An object.
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(JSONObject(elements))
  }
  /// `null`.
  public init(nilLiteral: ()) { self = .null }
}
