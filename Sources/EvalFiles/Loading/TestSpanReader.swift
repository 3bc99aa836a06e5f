// The items of a large YAML file, one after another.

import Core

/// Reads items from where they stand.
struct TestSpanReader {
  let file: SourceFile
  let environment: [String: String]

  /// Hands every item over.
  /// - Throws: `Diagnostic` when an item cannot be read by itself.
  func read(
    _ spans: [YAMLTestSpans.Span], _ each: (Int, SourceNode, TestSpan) -> Void
  ) throws(Diagnostic) {
    var piece: [UInt8] = []
    var start = 0
    for (index, span) in spans.enumerated() {
      let (offset, length) = (Int(span.offset), Int(span.length))
      if offset < start || offset + length > start + piece.count {
        do throws(FileError) {
          piece = try FileIO.read(
            file.path, offset: offset, count: max(length, SourceLines.pieceBytes))
        } catch {
          throw file.problem(error.description)
        }
        start = offset
        guard piece.count >= length else {
          throw file.problem("the file was changed while it was being read; try again")
        }
      }
      let bytes = piece[(offset - start)..<(offset - start + length)]
      let node = try TestSpan.node(
        .yamlItem, bytes, line: Int(span.line), file, environment)
      each(
        index, node,
        TestSpan(
          form: .yamlItem, offset: offset, length: length, fingerprint: Fingerprint.of(bytes)))
    }
  }
}
