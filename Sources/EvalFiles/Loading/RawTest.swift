// A test as it was written, before it is read.

import Core

/// A test as it was written, with the file it stands in.
struct RawTest {
  var node: SourceNode
  var file: SourceFile
  var field: String
  /// Files for its workspace.
  var files: [WorkspaceFile] = []
  /// Where it can be read again; `nil` for a test that is to be kept.
  var span: TestSpan?
}

/// Where the text of a test stands.
struct TestSpan: Sendable {
  /// How it is written.
  enum Form: Sendable {
    /// A line with a JSON object.
    case jsonLine
    /// An item of a block sequence.
    case yamlItem
  }

  var form: Form
  /// First byte in the file.
  var offset: Int
  /// Bytes.
  var length: Int
  /// Of the text, to notice that it is another one.
  var fingerprint: UInt64

  /// From which size on the tests of a file are not kept but read again when it is their turn.
  ///
  /// A smaller file may be edited while its tests run.
  static let keptFileBytes = 256 << 10

  /// Reads the text of a test.
  /// - Parameters:
  ///   - form: how it is written.
  ///   - bytes: the text.
  ///   - line: its line in the file, from 1.
  ///   - file: the file.
  ///   - environment: variables for references in texts.
  /// - Returns: its value.
  /// - Throws: `Diagnostic` when it is not one value of its form.
  static func node(
    _ form: Form, _ bytes: ArraySlice<UInt8>, line: Int, _ file: SourceFile,
    _ environment: [String: String]
  ) throws(Diagnostic) -> SourceNode {
    switch form {
    case .jsonLine:
      do throws(JSONParseError) {
        let json = Interpolation.value(try JSON.parse(bytes), environment)
        return SourceNode(json: json, position: SourcePosition(line: line, column: 1))
      } catch {
        throw file.problem(
          "Malformed JSONL at line \(line): \(error.message)",
          at: SourcePosition(line: line, column: error.offset + 1))
      }
    case .yamlItem:
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw file.notUTF8(Array(bytes), line: line)
      }
      let list = try YAMLReader.read(
        text, file: file, environment: environment, linesBefore: line - 1)
      guard let items = list?.sequence, items.count == 1 else {
        throw file.problem("expected one item of a list", at: SourcePosition(line: line, column: 1))
      }
      return items[0]
    }
  }
}
