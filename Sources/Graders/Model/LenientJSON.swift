// JSON out of what a model wrote: inside a fence, between sentences, with words for booleans.

import Core
import EvalFiles

/// Finds the JSON in a model's text.
enum LenientJSON {
  /// Most of a text that is looked at, in bytes; nobody's judgement is longer.
  static let limitBytes = 8 << 20

  /// The JSON value in a text: fences are taken off, what stands before the first `{` and after the
  /// last `}` is left out, and values of `passed` that are no boolean become one.
  /// - Throws: `GraderError` with the reason.
  static func parse(_ text: String) throws(GraderError) -> JSON {
    guard text.utf8.count <= limitBytes else {
      throw GraderError("the text is longer than \(limitBytes >> 20) MiB")
    }
    let bare = text.replacing("```json", with: "").replacing("```", with: "").trimmed
    guard !bare.isEmpty else { throw GraderError("the text is empty") }
    var part = Substring(bare)
    if let start = bare.firstIndex(of: "{"), let end = bare.lastIndex(of: "}"), start < end {
      part = bare[start...end]
    }
    do {
      return try JSON.parse(withBooleans(Array(part.utf8)))
    } catch {
      throw GraderError("no JSON: \(error.description)")
    }
  }

  /// Replaces what stands behind `"passed":` by `true` or `false`, unless it is a number or a
  /// structure.
  private static func withBooleans(_ bytes: [UInt8]) -> [UInt8] {
    let key = Array("\"passed\"".utf8)
    guard Bytes.contains(bytes.map(lowercased), key) else { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "\""), index + key.count <= bytes.count,
        bytes[index..<index + key.count].lazy.map(lowercased).elementsEqual(key)
      else {
        result.append(bytes[index])
        index += 1
        continue
      }
      result += bytes[index..<index + key.count]
      index += key.count
      let start = index
      skipSpace(bytes, &index)
      guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else {
        index = start
        continue
      }
      index += 1
      skipSpace(bytes, &index)
      result += bytes[start..<index]
      if let word = word(bytes, &index) { result += word == "true" ? "true".utf8 : "false".utf8 }
    }
    return result
  }

  /// Takes a text in quotes or a bare word; `nil` and nothing taken when there is none.
  private static func word(_ bytes: [UInt8], _ index: inout Int) -> String? {
    guard index < bytes.count else { return nil }
    var end = index
    if bytes[index] == UInt8(ascii: "\"") {
      end += 1
      while end < bytes.count, bytes[end] != UInt8(ascii: "\"") { end += 1 }
      guard end < bytes.count, end > index + 1 else { return nil }
      defer { index = end + 1 }
      return String(decoding: bytes[index + 1..<end], as: UTF8.self).trimmed.lowercased()
    }
    while end < bytes.count, isWord(bytes[end], first: end == index) { end += 1 }
    guard end > index else { return nil }
    defer { index = end }
    return String(decoding: bytes[index..<end], as: UTF8.self).lowercased()
  }

  private static func isWord(_ byte: UInt8, first: Bool) -> Bool {
    let letter = lowercased(byte)
    return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter) || byte == UInt8(ascii: "_")
      || (!first && ((0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")))
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
  }

  private static func skipSpace(_ bytes: [UInt8], _ index: inout Int) {
    while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
  }
}
