// `mode: conversation`: turns, and how they become one score (reference: eval-files 4.3).

import Core

/// Reads the fields of a conversation.
struct ConversationReader {
  let inputs: InputReader
  let assertions: AssertionReader
  let problems: Problems

  private static let fields = ["turns", "aggregation", "on_turn_failure", "window_size"]

  /// The conversation of a test; `nil` for a test that is none.
  /// - Throws: `Diagnostic` for what makes the whole test unusable.
  func conversation(_ node: SourceNode, _ place: FieldPlace) throws(Diagnostic) -> Conversation? {
    guard let mode = node.present("mode") else {
      for field in Self.fields {
        guard let member = node.member(field) else { continue }
        problems.note(
          place.member(field).warning(
            "without effect: the test has no `mode: conversation`",
            SourceNode(member.value.value, member.position)))
      }
      return nil
    }
    guard mode.string == "conversation" else {
      problems.note(
        place.member("mode").warning("ignored: expected conversation, found \(mode.found)", mode))
      return nil
    }
    var conversation = Conversation(turns: try turns(node, place))
    conversation.aggregation =
      word("aggregation", node, place, Conversation.Aggregation.self) ?? .mean
    conversation.onTurnFailure =
      word("on_turn_failure", node, place, Conversation.OnTurnFailure.self) ?? .continue
    if let size = node.present("window_size") {
      if let count = size.json.int, count >= 1 {
        conversation.windowSize = count
      } else {
        problems.note(
          place.member("window_size").warning(
            "ignored: expected a whole number from 1 on, found \(size.found)", size))
      }
    }
    return conversation
  }

  private func turns(
    _ node: SourceNode, _ place: FieldPlace
  ) throws(Diagnostic) -> [Conversation.Turn] {
    let here = place.member("turns")
    guard let items = node["turns"]?.sequence, !items.isEmpty else {
      throw here.error(
        "a test in `mode: conversation` needs a list of turns, "
          + "found \(node["turns"]?.found ?? "none")", node["turns"] ?? node)
    }
    var turns: [Conversation.Turn] = []
    for (index, item) in items.enumerated() { turns.append(try turn(item, here.element(index))) }
    return turns
  }

  private func turn(
    _ node: SourceNode, _ place: FieldPlace
  ) throws(Diagnostic) -> Conversation.Turn {
    let written = node.present("input")
    guard let written, let message = message(written, place.member("input")) else {
      throw place.member("input").error(
        "expected what the user says, a text or a list of content blocks, "
          + "found \(written?.found ?? "none")", written ?? node)
    }
    var turn = Conversation.Turn(input: message)
    if let expected = node.present("expected_output") {
      turn.expectedOutput = inputs.expected(expected, place.member("expected_output"))
    }
    for key in ["assertions", "assert"] {
      guard let list = node.present(key) else { continue }
      turn.assertions = try assertions.graders(list, place.member(key))
      break
    }
    return turn
  }

  private func message(_ node: SourceNode, _ place: FieldPlace) -> Message? {
    let isText = node.string.map { !$0.trimmed.isEmpty }
    guard isText ?? (node.sequence?.isEmpty == false || node.mapping != nil) else { return nil }
    func member(_ key: String, _ value: SourceNode) -> SourceNode.Member {
      SourceNode.Member(key: key, position: node.position, value: value)
    }
    let message = SourceNode(
      .mapping([
        member("role", SourceNode(.string("user"), node.position)), member("content", node),
      ]), node.position)
    return inputs.messages(SourceNode(.sequence([message]), node.position), place)?.first
  }

  private func word<Word: RawRepresentable & CaseIterable>(
    _ key: String, _ node: SourceNode, _ place: FieldPlace, _ type: Word.Type
  ) -> Word? where Word.RawValue == String {
    EnumReader(problems: problems).word(key, node, place, type)
  }
}
