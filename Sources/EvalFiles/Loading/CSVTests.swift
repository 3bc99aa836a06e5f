// Tests in a table: one row a test, the first row names the fields.

import Core

/// Reads tests from comma-separated values (RFC 4180).
struct CSVTests {
  /// Columns whose cells stand for JSON when they read like a list or a mapping.
  private static let structured: Set<String> = [
    "input", "expected_output", "assertions", "metadata", "input_files", "execution", "rubrics",
    "depends_on", "turns", "workspace",
  ]

  let file: SourceFile
  let problems: Problems

  /// Hands over one test for each row below the heading.
  ///
  /// Columns named like fields of tests become these, all others go into `metadata`; empty cells are
  /// left out.
  func read(
    _ text: String, _ environment: [String: String], _ each: (Int, SourceNode) -> Void
  ) throws(Diagnostic) {
    let rows = try Self.rows(text, file)
    guard let heading = rows.first else { return }
    let names = heading.cells.map(\.trimmed)
    for (column, name) in names.enumerated() {
      if name.isEmpty || names.firstIndex(of: name) != column {
        throw file.problem(
          "column \(column + 1) needs a name of its own in the first row, found \"\(name)\"",
          at: SourcePosition(line: heading.line, column: 1))
      }
    }
    for (index, row) in rows.dropFirst().enumerated() {
      let position = SourcePosition(line: row.line, column: 1)
      guard row.cells.count <= names.count else {
        problems.fatal(
          file.problem(
            "expected \(names.count) cells as in the first row, found \(row.cells.count); put a "
              + "cell that holds a comma in quotes", at: position, field: "[\(index)]"))
        continue
      }
      var test = JSONObject()
      var metadata = JSONObject()
      for (name, cell) in zip(names, row.cells) where !cell.isEmpty {
        let value = Self.value(cell, name, environment)
        if KnownFields.test.contains(name) || KnownFields.testDeprecated[name] != nil {
          test[name] = value
        } else {
          metadata[name] = value
        }
      }
      if let own = test["metadata"]?.object {
        for (name, value) in own { metadata[name] = value }
      }
      if !metadata.isEmpty { test["metadata"] = .object(metadata) }
      each(index, SourceNode(json: .object(test), position: position))
    }
  }

  private static func value(
    _ cell: String, _ name: String, _ environment: [String: String]
  ) -> JSON {
    let text = cell.trimmed
    if structured.contains(name), text.hasPrefix("[") || text.hasPrefix("{"),
      let json = try? JSON.parse(Array(text.utf8))
    {
      return Interpolation.value(json, environment)
    }
    // An id is a text, whatever it reads like.
    if name == "id" { return .string(Interpolation.replaced(cell, environment)) }
    return Interpolation.value(cell, environment)
  }

  /// The rows with the line at which each begins; empty lines are passed over.
  static func rows(
    _ text: String, _ file: SourceFile
  ) throws(Diagnostic) -> [(line: Int, cells: [String])] {
    var rows: [(line: Int, cells: [String])] = []
    var cells: [String] = []
    var cell: [UInt8] = []
    var line = 1
    var start = 1
    var isQuoted = false
    var wasQuoted = false
    func endCell() {
      cells.append(String(decoding: cell, as: UTF8.self))
      cell = []
      wasQuoted = false
    }
    func endRow() {
      endCell()
      if cells != [""] { rows.append((start, cells)) }
      cells = []
    }
    var iterator = text.utf8.makeIterator()
    var pending = iterator.next()
    while let byte = pending {
      pending = iterator.next()
      switch (byte, isQuoted) {
      case (0x22, true):
        if pending == 0x22 {
          cell.append(0x22)
          pending = iterator.next()
        } else {
          isQuoted = false
        }
      case (0x22, false) where cell.isEmpty && !wasQuoted:
        isQuoted = true
        wasQuoted = true
      case (0x2C, false): endCell()
      case (0x0D, false) where pending == 0x0A || pending == nil: break
      case (0x0A, false):
        endRow()
        line += 1
        start = line
      default:
        if byte == 0x0A { line += 1 }
        cell.append(byte)
      }
    }
    if isQuoted {
      throw file.problem(
        "a quote that is opened here is never closed", at: SourcePosition(line: start, column: 1))
    }
    if !cell.isEmpty || !cells.isEmpty || wasQuoted { endRow() }
    return rows
  }
}
