// A JSON-compatible value that remembers where it was written.

import Core

/// A place in a file, kept small because every value has one.
struct SourcePosition: Sendable, Hashable {
  private var packedLine: Int32
  private var packedColumn: Int32

  init(line: Int, column: Int) {
    packedLine = Int32(clamping: line)
    packedColumn = Int32(clamping: column)
  }

  /// Line, from 1.
  var line: Int {
    get { Int(packedLine) }
    set { packedLine = Int32(clamping: newValue) }
  }
  /// Column, from 1.
  var column: Int {
    get { Int(packedColumn) }
    set { packedColumn = Int32(clamping: newValue) }
  }
}

/// A value of a YAML or JSONL file with its place.
struct SourceNode: Sendable, Hashable {
  /// Values as JSON knows them.
  enum Value: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    case sequence([SourceNode])
    case mapping([Member])
  }
  /// A member of a mapping.
  struct Member: Sendable, Hashable {
    var key: String
    var position: SourcePosition
    var value: SourceNode
  }

  var value: Value
  var position: SourcePosition

  /// The value of a member; `nil` for missing ones and for other kinds of value.
  subscript(key: String) -> SourceNode? {
    guard case .mapping(let members) = value, let index = Self.index(of: key, members) else {
      return nil
    }
    return members[index].value
  }

  /// The value of a member unless it is missing or null.
  func present(_ key: String) -> SourceNode? {
    guard let node = self[key] else { return nil }
    if case .null = node.value { return nil }
    return node
  }

  /// A member with the place of its key.
  func member(_ key: String) -> Member? {
    guard case .mapping(let members) = value, let index = Self.index(of: key, members) else {
      return nil
    }
    return members[index]
  }

  /// Takes a member out.
  mutating func remove(_ key: String) -> SourceNode? {
    guard case .mapping(var members) = value, let index = Self.index(of: key, members) else {
      return nil
    }
    value = .null
    let member = members.remove(at: index)
    value = .mapping(members)
    return member.value
  }

  /// By index, since iterating would copy, and count references to, every member passed over.
  private static func index(of key: String, _ members: [Member]) -> Int? {
    for index in members.indices where members[index].key == key { return index }
    return nil
  }

  var string: String? { if case .string(let text) = value { text } else { nil } }
  var bool: Bool? { if case .bool(let flag) = value { flag } else { nil } }
  var sequence: [SourceNode]? { if case .sequence(let items) = value { items } else { nil } }
  var mapping: [Member]? { if case .mapping(let members) = value { members } else { nil } }
  var number: Double? {
    switch value {
    case .int(let number): Double(number)
    case .double(let number): number
    default: nil
    }
  }

  /// The value without places.
  var json: JSON {
    switch value {
    case .null: .null
    case .bool(let flag): .bool(flag)
    case .int(let number): .int(number)
    case .double(let number): .double(number)
    case .string(let text): .string(text)
    case .sequence(let items): .array(items.map(\.json))
    case .mapping: .object(object)
    }
  }

  /// The members without places; empty for other kinds of value.
  var object: JSONObject {
    guard case .mapping(let members) = value else { return [:] }
    var object = JSONObject()
    for member in members { object.appendUnchecked(member.key, member.value.json) }
    return object
  }

  /// What was found, for messages: the kind, and the value where it is short.
  var found: String {
    switch value {
    case .null: "null"
    case .bool(let flag): "the boolean \(flag)"
    case .int(let number): "the number \(number)"
    case .double(let number): "the number \(number)"
    case .string(let text):
      text.isEmpty
        ? "an empty string" : "the string \"\(text.prefix(40))\(text.count > 40 ? "…" : "")\""
    case .sequence(let items): items.isEmpty ? "an empty list" : "a list"
    case .mapping: "a mapping"
    }
  }

  /// A value without positions of its own, as from one line of a JSONL file.
  init(json: JSON, position: SourcePosition) {
    self.position = position
    switch json {
    case .null: value = .null
    case .bool(let flag): value = .bool(flag)
    case .int(let number): value = .int(number)
    case .double(let number): value = .double(number)
    case .string(let text): value = .string(text)
    case .array(let items):
      value = .sequence(items.map { SourceNode(json: $0, position: position) })
    case .object(let object):
      value = .mapping(
        object.map {
          Member(
            key: $0.name, position: position,
            value: SourceNode(json: $0.value, position: position))
        })
    }
  }

  init(_ value: Value, _ position: SourcePosition) {
    self.value = value
    self.position = position
  }
}
