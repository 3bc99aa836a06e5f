// Reading an index of any size in bounded memory: chunk by chunk, line by line.

public import Core

/// Where a line is in its file.
public struct LineSpan: Sendable, Hashable {
  /// First byte.
  public var offset: Int
  /// Bytes, without the newline.
  public var count: Int

  /// A place.
  public init(offset: Int, count: Int) {
    self.offset = offset
    self.count = count
  }
}

/// The rows of a JSONL file, one at a time.
public struct RowStream: Sendable {
  /// Bytes read at a time.
  static let chunkBytes = 1 << 20
  /// Longest line accepted, bytes; a longer one is skipped as a bad line.
  public static let maximumLineBytes = 64 << 20

  /// The file.
  public let path: String

  /// The rows of a file.
  public init(path: String) { self.path = path }

  /// Calls a function with each row in file order; a bad line costs that line only.
  ///
  /// A missing file has no rows. Blocks.
  /// - Parameter body: gets the row and where its line is.
  /// - Returns: the number of lines that are no row, a torn last one among them.
  /// - Throws: `FileError` when the file cannot be read.
  @discardableResult
  public func forEach(_ body: (ResultRow, LineSpan) -> Void) throws(FileError) -> Int {
    try forEachLine { bytes, span in
      guard let json = try? JSON.parse(bytes), let row = ResultRow(json: json) else { return false }
      body(row, span)
      return true
    }
  }

  /// Calls a function with each line that is not blank.
  /// - Parameter body: returns whether it could use the line.
  /// - Returns: the number of lines that it could not use.
  /// - Throws: `FileError` when the file cannot be read.
  public func forEachLine(
    _ body: (ArraySlice<UInt8>, LineSpan) -> Bool
  ) throws(FileError) -> Int {
    var rest: [UInt8] = []
    var start = 0
    var offset = 0
    var badLines = 0
    var isTooLong = false
    func take(_ line: ArraySlice<UInt8>) {
      defer { start += line.count + 1 }
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { return }
      if !body(line, LineSpan(offset: start, count: line.count)) { badLines += 1 }
    }
    while true {
      let chunk: [UInt8]
      do {
        chunk = try FileIO.read(path, offset: offset, count: Self.chunkBytes)
      } catch  where error.isMissing && offset == 0 {
        return 0
      }
      if chunk.isEmpty { break }
      offset += chunk.count
      var position = 0
      while let newline = chunk[position...].firstIndex(of: 0x0A) {
        if isTooLong {
          badLines += 1
          start = offset - chunk.count + newline + 1
        } else if rest.isEmpty {
          take(chunk[position..<newline])
        } else {
          rest += chunk[position..<newline]
          take(rest[...])
        }
        rest.removeAll()
        isTooLong = false
        position = newline + 1
      }
      if !isTooLong { rest += chunk[position...] }
      if rest.count > Self.maximumLineBytes {
        isTooLong = true
        rest.removeAll()
      }
    }
    if isTooLong { badLines += 1 } else if !rest.isEmpty { take(rest[...]) }
    return badLines
  }

  /// The row of a line.
  /// - Returns: the row; `nil` when the file has changed there.
  /// - Throws: `FileError` when the file cannot be read.
  public func row(at span: LineSpan) throws(FileError) -> ResultRow? {
    let bytes = try FileIO.read(path, offset: span.offset, count: span.count)
    guard let json = try? JSON.parse(bytes) else { return nil }
    return ResultRow(json: json)
  }
}
