// Hooks of workspaces and of targets: from what was written to commands.

import Core

/// Reads hooks.
struct HookReader {
  /// Directory that a relative `cwd` starts from, absolute.
  let directory: String
  let problems: Problems

  /// Reads a mapping of hooks; `nil` for none.
  ///
  /// A command of plain text is run by `sh -c` when `stringsAreShell` says so, as target hooks are;
  /// else it is split into words.
  func hooks(_ node: SourceNode, _ place: FieldPlace, stringsAreShell: Bool) -> HookSet? {
    guard let members = node.mapping else {
      problems.note(place.warning("ignored: expected a mapping, found \(node.found)", node))
      return nil
    }
    KnownFields.check(
      members, known: Set(HookPoint.allCases.map(\.rawValue)).union(["enabled"]), deprecated: [:],
      place, problems)
    var set = HookSet()
    if let enabled = node.present("enabled") {
      set.enabled = enabled.bool
      if enabled.bool == nil {
        problems.note(
          place.member("enabled").warning(
            "ignored: expected true or false, found \(enabled.found)", enabled))
      }
    }
    for point in HookPoint.allCases {
      guard let entry = node.present(point.rawValue) else { continue }
      set[point] = hook(
        entry, point, place.member(point.rawValue), stringsAreShell: stringsAreShell)
    }
    return set.isEmpty && set.enabled == nil ? nil : set
  }

  private func hook(
    _ node: SourceNode, _ point: HookPoint, _ place: FieldPlace, stringsAreShell: Bool
  ) -> HookSpec? {
    if node.string != nil || node.sequence != nil {
      // The short form: the command alone.
      return HookSpec(command: command(node, place, stringsAreShell: stringsAreShell))
    }
    guard let members = node.mapping else {
      problems.note(
        place.warning("left out: expected a mapping with a command, found \(node.found)", node))
      return nil
    }
    KnownFields.check(
      members, known: ["command", "script", "timeout_ms", "timeoutMs", "cwd", "reset"],
      deprecated: [:], place, problems)
    var hook = HookSpec()
    if let written = node.present("command") {
      hook.command = command(
        written, place.member("command"), stringsAreShell: stringsAreShell)
    } else if let script = node.present("script") {
      problems.note(
        place.member("script").warning("'script' is deprecated. Use 'command' instead.", script))
      hook.command = command(script, place.member("script"), stringsAreShell: stringsAreShell)
    }
    if let timeout = node.present("timeout_ms") ?? node.present("timeoutMs") {
      if let number = timeout.number, number > 0, number < 1e12 {
        hook.timeoutMS = Int(number)
      } else {
        problems.note(
          place.member("timeout_ms").warning(
            "ignored: expected milliseconds above 0, found \(timeout.found)", timeout))
      }
    }
    if let cwd = node["cwd"]?.string, !cwd.isEmpty {
      hook.directory = Path.absolute(cwd, in: directory)
    }
    if let reset = node.present("reset") {
      hook.reset = reset.string.flatMap(HookSpec.Reset.init)
      let isEach = point == .beforeEach || point == .afterEach
      if hook.reset == nil {
        problems.note(
          place.member("reset").warning(
            "ignored: expected none, fast or strict, found \(reset.found)", reset))
      } else if !isEach, hook.reset != HookSpec.Reset.none {
        problems.note(
          place.member("reset").warning(
            "without effect: only before_each and after_each reset a workspace", reset))
      }
    }
    if hook.command.isEmpty, hook.reset == nil {
      problems.note(place.warning("left out: this hook has neither command nor reset", node))
      return nil
    }
    return hook
  }

  private func command(
    _ node: SourceNode, _ place: FieldPlace, stringsAreShell: Bool
  ) -> [String] {
    if let text = node.string, !text.trimmed.isEmpty {
      return stringsAreShell ? ["sh", "-c", text] : Self.words(text)
    }
    if let items = node.sequence, !items.isEmpty {
      let words = items.compactMap { item in
        item.string ?? (item.number == nil ? nil : item.json.text)
      }
      if words.count == items.count, words[0].isEmpty == false { return words }
    }
    problems.note(
      place.warning(
        "left out: expected a command, a text or a list of texts, found \(node.found)", node))
    return []
  }

  /// A text split at white space; what stands in quotes stays together.
  static func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var isOpen = false
    var quote: Character?
    for character in text {
      if let open = quote {
        if character == open { quote = nil } else { word.append(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        isOpen = true
      } else if character.isWhitespace {
        if isOpen || !word.isEmpty { words.append(word) }
        word = ""
        isOpen = false
      } else {
        word.append(character)
      }
    }
    if isOpen || !word.isEmpty { words.append(word) }
    return words
  }
}
