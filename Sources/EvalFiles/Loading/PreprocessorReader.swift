// `preprocessors`: from what was written to commands.

import Core

/// Reads lists of preprocessors.
struct PreprocessorReader {
  let references: FileReferences
  let problems: Problems

  /// Reads a list; what makes no sense is left out with a message.
  func preprocessors(_ node: SourceNode, _ place: FieldPlace) -> [Preprocessor] {
    guard let items = node.sequence else {
      problems.note(
        place.warning("ignored: expected a list of preprocessors, found \(node.found)", node))
      return []
    }
    return items.enumerated().compactMap { index, item in
      entry(item, place.element(index))
    }
  }

  private func entry(_ node: SourceNode, _ place: FieldPlace) -> Preprocessor? {
    guard node.mapping != nil, let type = node["type"]?.string?.trimmed, !type.isEmpty else {
      problems.note(
        place.member("type").error(
          "left out: a preprocessor needs a type, a MIME type or a name such as pdf, found "
            + (node["type"]?.found ?? node.found), node))
      return nil
    }
    var words: [String] = []
    switch node["command"]?.value {
    case .string(let text): words = HookReader.words(text)
    case .sequence(let items): words = items.compactMap(\.string)
    default: break
    }
    guard let script = words.last, !script.isEmpty,
      node["command"]?.sequence.map({ $0.count == words.count }) ?? true
    else {
      problems.note(
        place.member("command").error(
          "left out: a preprocessor needs a command, a list of texts, found "
            + (node["command"]?.found ?? "none"), node["command"] ?? node))
      return nil
    }
    let found = references.find(script)
    guard let path = found.path else {
      // A program found by its name is as good as a script.
      if words.count == 1, !script.contains("/") {
        return Preprocessor(type: type.lowercased(), command: words)
      }
      let tried = found.tried.map { "\n    \($0)" }.joined()
      problems.note(
        place.member("command").error(
          "left out: preprocessor script not found: \(script)\n  Tried:\(tried)",
          node["command"] ?? node))
      return nil
    }
    words[words.count - 1] = path
    return Preprocessor(type: type.lowercased(), command: words)
  }

  /// The suite's preprocessors with a grader's own put over those of the same type.
  static func merged(suite: [Preprocessor], own: [Preprocessor]) -> [Preprocessor] {
    suite.filter { entry in !own.contains { $0.mediaType == entry.mediaType } } + own
  }
}
