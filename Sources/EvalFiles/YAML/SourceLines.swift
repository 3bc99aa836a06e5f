// The lines of a text file of any size, read in pieces.

import Core

/// A file line by line; a byte order mark at its start is passed over.
struct SourceLines {
  /// Read at a time; a longer line is read whole all the same.
  static let pieceBytes = 1 << 20
  /// Largest file that is read this way: places in it are kept in 32 bits.
  static let maximumBytes = Int(UInt32.max)

  /// A line without its newline.
  struct Line {
    var bytes: ArraySlice<UInt8>
    /// Place of its first byte in the file.
    var offset: Int
    /// From 1.
    var number: Int

    /// Whether there is nothing on it.
    var isBlank: Bool { bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } }
  }

  let file: SourceFile

  /// Calls a function with each line.
  /// - Throws: `Diagnostic` when the file cannot be read, or changes meanwhile, and what the function
  ///   throws.
  func forEach(_ body: (Line) throws(Diagnostic) -> Void) throws(Diagnostic) {
    let before = try file.status()
    guard before.size <= Self.maximumBytes else {
      throw file.problem(
        "the file has \(before.size) bytes; at most \(Self.maximumBytes) are read; split it")
    }
    var rest: [UInt8] = []
    var offset = 0
    var start = 0
    var number = 0
    func give(_ bytes: ArraySlice<UInt8>) throws(Diagnostic) {
      defer { start += bytes.count + 1 }
      number += 1
      var line = Line(bytes: bytes, offset: start, number: number)
      if number == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
        line.bytes = bytes.dropFirst(3)
        line.offset += 3
      }
      try body(line)
    }
    while true {
      let piece: [UInt8]
      do throws(FileError) {
        piece = try FileIO.read(file.path, offset: offset, count: Self.pieceBytes)
      } catch {
        throw file.problem(error.description)
      }
      if piece.isEmpty { break }
      offset += piece.count
      var position = 0
      while let newline = piece[position...].firstIndex(of: 0x0A) {
        if rest.isEmpty {
          try give(piece[position..<newline])
        } else {
          rest += piece[position..<newline]
          try give(rest[...])
          rest.removeAll()
        }
        position = newline + 1
      }
      rest += piece[position...]
    }
    if !rest.isEmpty { try give(rest[...]) }
    guard offset == before.size, FileIO.status(file.path) == before else {
      throw file.problem("the file was changed while it was being read; try again")
    }
  }
}
