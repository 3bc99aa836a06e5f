// Where the tests of a large YAML file stand, found by its lines: libyaml's tree of a hundred
// thousand tests takes half a gigabyte, so each test is parsed by itself.
//
// An item of a block sequence begins at a dash in the column of the first one, and no line of an
// item stands further left. Inside of a quoted text or of `[…]`, `{…}` libyaml allows any line; but
// a part of a file that is cut there does not parse by itself, and then the whole file is read as
// one. The same holds for aliases of anchors that stand outside of the item.

import Core

/// The items of the list of tests of a YAML file, and the file without them.
struct YAMLTestSpans {
  /// One item of the list.
  struct Span {
    var offset: UInt32
    var length: UInt32
    /// Its first line, from 1.
    var line: UInt32
  }

  /// What the list is.
  enum Place {
    /// The value of `tests` in a suite.
    case suite
    /// The whole document.
    case document
  }

  /// The file without the items, line for line: positions in it are those of the file.
  private(set) var rest: [UInt8] = []
  private(set) var spans: [Span] = []

  private enum State {
    case head, first, items, tail
  }

  private var state: State
  private let place: Place
  /// Column of the dashes, from 0.
  private var column = 0
  private var isUsable = true

  /// Looks for the items.
  /// - Returns: `nil` when the tests are not written in this way, or the file cannot be read: it is
  ///   then to be read whole, which tells why.
  static func find(in file: SourceFile, _ place: Place) -> YAMLTestSpans? {
    var found = YAMLTestSpans(place)
    do throws(Diagnostic) {
      try SourceLines(file: file).forEach { line in found.take(line) }
    } catch {
      return nil
    }
    guard found.isUsable, let last = found.spans.last, let size = FileIO.status(file.path)?.size
    else { return nil }
    // A last line need not end with a newline.
    if Int(last.offset) + Int(last.length) > size {
      found.spans[found.spans.count - 1].length -= 1
    }
    return found
  }

  private init(_ place: Place) {
    self.place = place
    state = place == .suite ? .head : .first
  }

  private mutating func take(_ line: SourceLines.Line) {
    guard isUsable else { return }
    let indentation = line.bytes.prefix { $0 == 0x20 }.count
    let text = line.bytes.dropFirst(indentation)
    let isContent = !line.isBlank && text.first != UInt8(ascii: "#")
    if state == .items, isContent {
      if indentation < column || (indentation == column && !Self.isDash(text)) {
        state = .tail
      } else if indentation == column {
        begin(line)
      }
    }
    switch state {
    case .head:
      keep(line.bytes)
      if Self.isTestsKey(line.bytes) { state = .first }
      if line.bytes.first == UInt8(ascii: "%") { isUsable = false }
    case .first:
      guard isContent else { return keep(line.bytes) }
      if place == .document, line.bytes.starts(with: Array("---".utf8)),
        line.bytes.dropFirst(3).allSatisfy({ $0 == 0x20 || $0 == 0x0D })
      {
        return keep(line.bytes)
      }
      guard Self.isDash(text) else {
        isUsable = false
        return
      }
      state = .items
      column = indentation
      begin(line)
      extend(to: line)
    case .items:
      extend(to: line)
    case .tail:
      keep(line.bytes)
    }
  }

  private mutating func begin(_ line: SourceLines.Line) {
    spans.append(Span(offset: UInt32(line.offset), length: 0, line: UInt32(line.number)))
  }

  private mutating func extend(to line: SourceLines.Line) {
    rest.append(0x0A)
    let start = Int(spans[spans.count - 1].offset)
    spans[spans.count - 1].length = UInt32(line.offset + line.bytes.count + 1 - start)
  }

  private mutating func keep(_ bytes: ArraySlice<UInt8>) {
    rest += bytes
    rest.append(0x0A)
  }

  private static func isDash(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.first == UInt8(ascii: "-") else { return false }
    guard let next = text.dropFirst().first else { return true }
    return next == 0x20 || next == 0x0D
  }

  /// Whether a line is the key of the tests, the list beginning on a later line.
  private static func isTestsKey(_ line: ArraySlice<UInt8>) -> Bool {
    for key in TestSources.keys where line.starts(with: Array("\(key):".utf8)) {
      let after = line.dropFirst(key.utf8.count + 1)
      let word = after.drop { $0 == 0x20 || $0 == 0x0D }
      return word.isEmpty || (word.first == UInt8(ascii: "#") && after.first == 0x20)
    }
    return false
  }
}
