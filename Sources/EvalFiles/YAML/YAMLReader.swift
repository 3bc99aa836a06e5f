// From YAML text to values with places: Yams' node tree, resolved by the YAML 1.2 core schema.

import Core
import Yams

/// Reader of one YAML document.
struct YAMLReader {
  /// Values that a document may stand for at least, whatever its size.
  ///
  /// Anchors let a small text stand for a huge one ("billion laughs"), so the number of values is
  /// bounded by this and by the size of the text.
  static let minimumValueLimit = 1_000_000

  private let file: SourceFile
  private let environment: [String: String]?
  /// Lines of the file before the text.
  private let linesBefore: Int
  private var valuesLeft: Int

  /// Reads a document.
  /// - Parameters:
  ///   - text: the document.
  ///   - file: where it comes from.
  ///   - environment: variables for `${{ NAME }}` in strings; `nil` to leave these as they are.
  ///   - linesBefore: lines of the file before the text, when it is a part of one; errors of YAML
  ///     itself are told without them.
  /// - Returns: the value; `nil` for an empty document.
  /// - Throws: `Diagnostic` with the place and the reason.
  static func read(
    _ text: String, file: SourceFile, environment: [String: String]?, linesBefore: Int = 0
  ) throws(Diagnostic) -> SourceNode? {
    let root: Node?
    do {
      // Rules are empty because scalars are resolved here; Yams would run every key through all of
      // its YAML 1.1 patterns.
      root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
    } catch let error as YamlError {
      throw diagnostic(error, text: text, file: file)
    } catch {
      throw file.problem("not YAML: \(error)")
    }
    guard let root else { return nil }
    var reader = YAMLReader(
      file: file, environment: environment, linesBefore: linesBefore,
      valuesLeft: max(minimumValueLimit, text.utf8.count))
    let node = try reader.convert(root, depth: 0)
    return node.value == .null ? nil : node
  }

  private init(
    file: SourceFile, environment: [String: String]?, linesBefore: Int, valuesLeft: Int
  ) {
    self.file = file
    self.environment = environment
    self.linesBefore = linesBefore
    self.valuesLeft = valuesLeft
  }

  private static func position(_ mark: Mark?) -> SourcePosition {
    SourcePosition(line: mark?.line ?? 1, column: mark?.column ?? 1)
  }

  private func position(_ mark: Mark?) -> SourcePosition {
    var position = Self.position(mark)
    position.line += linesBefore
    return position
  }

  private mutating func convert(_ node: Node, depth: Int) throws(Diagnostic) -> SourceNode {
    let position = position(node.mark)
    guard depth < JSON.maximumDepth else {
      throw file.problem("nested deeper than \(JSON.maximumDepth) levels", at: position)
    }
    valuesLeft -= 1
    guard valuesLeft > 0 else {
      throw file.problem(
        "aliases make this document too large; use fewer references to anchors", at: position)
    }
    switch node {
    case .scalar(let scalar):
      return SourceNode(try self.scalar(scalar, position), position)
    case .sequence(let sequence):
      var items: [SourceNode] = []
      items.reserveCapacity(sequence.count)
      for item in sequence { items.append(try convert(item, depth: depth + 1)) }
      return SourceNode(.sequence(items), position)
    case .mapping(let mapping):
      return SourceNode(.mapping(try members(mapping, depth: depth)), position)
    case .alias:
      throw file.problem("an alias that stands for nothing", at: position)
    }
  }

  private func scalar(
    _ scalar: Node.Scalar, _ position: SourcePosition
  ) throws(Diagnostic) -> SourceNode.Value {
    let value: SourceNode.Value
    switch scalar.tag.rawValue {
    case "":
      value = scalar.style == .plain ? YAMLScalar.resolve(scalar.string) : .string(scalar.string)
    case Tag.Name.int.rawValue, Tag.Name.float.rawValue, Tag.Name.bool.rawValue,
      Tag.Name.null.rawValue:
      value = YAMLScalar.resolve(scalar.string)
    default: value = .string(scalar.string)
    }
    if case .double(let number) = value, !number.isFinite {
      throw file.problem(
        "expected a value that JSON knows, found \(scalar.string); put it in quotes", at: position)
    }
    guard let environment, case .string(let text) = value, text.utf8.contains(0x24) else {
      return value
    }
    return SourceNode(json: Interpolation.value(text, environment), position: position).value
  }

  private mutating func members(
    _ mapping: Node.Mapping, depth: Int
  ) throws(Diagnostic) -> [SourceNode.Member] {
    var members: [SourceNode.Member] = []
    members.reserveCapacity(mapping.count)
    var merged: [SourceNode.Member] = []
    for (key, value) in mapping {
      let position = position(key.mark)
      guard case .scalar(let name) = key else {
        throw file.problem("expected a key of plain text, found a list or a mapping", at: position)
      }
      if name.string == "<<", name.style == .plain {
        merged += try mergeSource(value, position, depth: depth)
      } else {
        members.append(
          SourceNode.Member(
            key: name.string, position: position, value: try convert(value, depth: depth + 1)))
      }
    }
    for member in merged where !members.contains(where: { $0.key == member.key }) {
      members.append(member)
    }
    return members
  }

  /// The members that `<<` brings in; of a list of mappings the earlier ones win.
  private mutating func mergeSource(
    _ node: Node, _ position: SourcePosition, depth: Int
  ) throws(Diagnostic) -> [SourceNode.Member] {
    let source = try convert(node, depth: depth + 1)
    switch source.value {
    case .mapping(let members): return members
    case .sequence(let items) where items.allSatisfy({ $0.mapping != nil }):
      return items.flatMap { $0.mapping ?? [] }
    default:
      throw file.problem(
        "expected a mapping or a list of mappings after <<, found \(source.found)", at: position)
    }
  }

  private static func diagnostic(
    _ error: YamlError, text: String, file: SourceFile
  ) -> Diagnostic {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let place = context.map { " (\($0.text), line \($0.mark.line))" } ?? ""
      return file.problem(
        "not valid YAML: \(problem)\(place)\(hint(problem, mark, text))", at: position(mark))
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.map { "'\($0)'" }.joined(separator: ", ")
      return file.problem(
        "not valid YAML: the key \(names) is there more than once; remove all but one",
        at: position(context.mark))
    case .reader(let problem, let offset, _, _):
      var place = SourcePosition(line: 1, column: 1)
      for character in text.prefix(offset ?? 0) {
        place =
          character.isNewline
          ? SourcePosition(line: place.line + 1, column: 1)
          : SourcePosition(line: place.line, column: place.column + 1)
      }
      return file.problem("not valid YAML: \(problem)", at: place)
    default:
      return file.problem("not valid YAML: \(error)")
    }
  }

  private static func hint(_ problem: String, _ mark: Mark, _ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let line = lines.indices.contains(mark.line - 1) ? lines[mark.line - 1] : ""
    let indentation = line.prefix { $0 == " " || $0 == "\t" }
    if indentation.contains("\t") { return "; indent with spaces, not with tabs" }
    if problem.contains("mapping values are not allowed") {
      return "; put a text that holds \": \" in quotes"
    }
    if problem.contains("cannot start any token") {
      return "; put a text that begins with @, ` or % in quotes"
    }
    return ""
  }
}
