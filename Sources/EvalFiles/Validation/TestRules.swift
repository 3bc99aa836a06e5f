// What `agentv validate` says about a test beyond what a run says.

import Core

/// Checks of one test as it was written.
struct TestRules {
  /// What begins a turn in a prompt; inside of a message it may be taken for one.
  private static let markers = ["@[System]:", "@[User]:", "@[Assistant]:", "@[Tool]:"]
  private static let conversationFields = [
    "turns", "aggregation", "on_turn_failure", "window_size",
  ]

  let problems: Problems

  /// Checks a test.
  func check(_ node: SourceNode, hasFailed missing: Bool, _ place: FieldPlace) {
    checkID(node, place)
    checkCriteria(node, place)
    checkInput(node, place)
    checkConversation(node, place)
    for key in ["criteria", "input", "expected_output"] {
      if let value = node[key] { checkMarkers(value, place.member(key)) }
    }
    guard missing else { return }
    let judged = [
      "criteria", "expected_outcome", "expected_output", "assertions", "assert", "turns",
    ]
    if !judged.contains(where: { node.present($0) != nil }) {
      problems.note(
        place.error(
          "nothing to judge this test by: expected one of criteria, expected_output, assertions or "
            + "turns; a run leaves it out", node))
    }
  }

  private func checkID(_ node: SourceNode, _ place: FieldPlace) {
    if let id = node["id"]?.string, !id.trimmed.isEmpty { return }
    let hint = node["id"]?.number == nil ? "" : "; put it in quotes"
    problems.note(
      place.member("id").error(
        "Missing or invalid 'id' field (must be a non-empty string), found "
          + (node["id"]?.found ?? "none") + hint, node["id"] ?? node))
  }

  private func checkCriteria(_ node: SourceNode, _ place: FieldPlace) {
    for key in ["criteria", "expected_outcome"] {
      guard let value = node[key] else { continue }
      if let text = value.string, !text.trimmed.isEmpty { continue }
      problems.note(
        place.member(key).error(
          "Invalid '\(key)' field (must be a non-empty string if provided), found \(value.found)",
          value))
    }
  }

  private func checkInput(_ node: SourceNode, _ place: FieldPlace) {
    let here = place.member("input")
    guard let input = node.present("input") else {
      problems.note(
        here.error("Missing 'input' field (must be a string or array of messages)", node))
      return
    }
    if input.string?.isEmpty == true || input.sequence?.isEmpty == true {
      problems.note(here.error("expected a text or messages, found \(input.found)", input))
    }
    checkContent(input, here)
    if let expected = node["expected_output"], expected.sequence?.first?["role"] != nil {
      checkContent(expected, place.member("expected_output"))
    }
  }

  /// The items of each message's content.
  private func checkContent(_ messages: SourceNode, _ place: FieldPlace) {
    for (index, message) in (messages.sequence ?? []).enumerated() {
      let here = place.element(index).member("content")
      for (position, item) in (message["content"]?.sequence ?? []).enumerated() {
        let block = here.element(position)
        if item.string != nil { continue }
        guard item.mapping != nil else {
          problems.note(
            block.error("Content array items must be strings or objects, found \(item.found)", item)
          )
          continue
        }
        guard let type = item["type"]?.string else {
          problems.note(
            block.member("type").error(
              "Content object must have a 'type' field, found \(item["type"]?.found ?? "none")",
              item))
          continue
        }
        if ["text", "file", "image"].contains(type), item["value"]?.string == nil {
          problems.note(
            block.member("value").error(
              "Content with type '\(type)' must have a 'value' field, found "
                + (item["value"]?.found ?? "none"), item))
        }
      }
    }
  }

  private func checkConversation(_ node: SourceNode, _ place: FieldPlace) {
    let isConversation = node["mode"]?.string == "conversation"
    if let mode = node.present("mode"), !isConversation {
      problems.note(
        place.member("mode").error("expected conversation, found \(mode.found)", mode))
    }
    guard isConversation else {
      for key in Self.conversationFields {
        guard let value = node.present(key) else { continue }
        problems.note(
          place.member(key).error("'\(key)' requires mode: conversation", value))
      }
      return
    }
    if let expected = node.present("expected_output") {
      problems.note(
        place.member("expected_output").error(
          "a conversation has no expected_output of its own; give it to its turns", expected))
    }
    let here = place.member("turns")
    guard let turns = node["turns"]?.sequence, !turns.isEmpty else {
      problems.note(
        here.error(
          "mode: conversation requires a non-empty 'turns' array, found "
            + (node["turns"]?.found ?? "none"), node["turns"] ?? node))
      return
    }
    for (index, turn) in turns.enumerated() {
      guard turn.mapping != nil else {
        problems.note(
          here.element(index).error("Turn must be an object, found \(turn.found)", turn))
        continue
      }
      let isEmpty =
        switch turn["input"]?.value {
        case .string(let text): text.trimmed.isEmpty
        case .sequence(let items): items.isEmpty
        case .mapping: false
        default: true
        }
      if isEmpty {
        problems.note(
          here.element(index).member("input").error(
            "Each turn must have a non-empty input, found \(turn["input"]?.found ?? "none")", turn))
      }
    }
  }

  private func checkMarkers(_ node: SourceNode, _ place: FieldPlace) {
    switch node.value {
    case .string(let text):
      guard let marker = Self.markers.first(where: { text.contains($0) }) else { return }
      problems.note(
        place.warning(
          "Content contains potential role marker '\(marker)'. This may confuse agentic providers "
            + "or cause prompt injection.", node))
    case .sequence(let items):
      for (index, item) in items.enumerated() { checkMarkers(item, place.element(index)) }
    case .mapping(let members):
      for member in members where member.key != "role" && member.key != "type" {
        checkMarkers(member.value, place.member(member.key))
      }
    default: break
    }
  }
}
