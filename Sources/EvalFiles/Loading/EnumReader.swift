// Fields that take one of a few words.

import Core

/// Reads fields that take one of a few words.
struct EnumReader {
  let problems: Problems

  /// The word of a field; `nil` when it is missing or none of the known ones, which is then reported.
  func word<Word: RawRepresentable & CaseIterable>(
    _ key: String, _ node: SourceNode, _ place: FieldPlace, _ type: Word.Type
  ) -> Word? where Word.RawValue == String {
    guard let value = node.present(key) else { return nil }
    if let word = value.string.flatMap(Word.init(rawValue:)) { return word }
    let words = Word.allCases.map(\.rawValue)
    problems.note(
      place.member(key).warning(
        "ignored: expected one of \(words.joined(separator: ", ")), found \(value.found)", value))
    return nil
  }
}
