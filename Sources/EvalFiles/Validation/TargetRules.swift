// What `agentv validate` says about targets.yaml beyond what a run says.

import Core

/// Checks of one entry of targets.yaml.
struct TargetRules {
  /// Placeholders of the commands of `cli` targets.
  static let placeholders: Set<String> = [
    "PROMPT", "PROMPT_FILE", "OUTPUT_FILE", "FILES", "EVAL_ID", "ATTEMPT",
  ]

  let problems: Problems

  /// Checks an entry.
  func check(_ node: SourceNode, _ place: FieldPlace) {
    for secret in SecretRule.literals(in: node) {
      problems.note(place.error(secret.text, secret.node))
    }
    if let grader = node.present("grader_target") ?? node.present("judge_target"),
      grader.string?.trimmed.isEmpty ?? true
    {
      problems.note(
        place.member("grader_target").error(
          "expected the name of a target, found \(grader.found)", grader))
    }
    guard let written = node["provider"]?.string?.trimmed, !written.isEmpty,
      Interpolation.wholeReference(written) == nil
    else { return }
    let provider = ProviderNames.canonical(written)
    if !ProviderNames.known.contains(provider) {
      let hint =
        KnownFields.nearest(provider, in: ProviderNames.known).map { "; did you mean '\($0)'?" }
        ?? ""
      problems.note(
        place.member("provider").warning(
          "Unknown provider '\(written)'\(hint) It is run as a command: "
            + ".agentv/providers/\(written).ts, or what `command` says", node["provider"] ?? node))
    }
    if provider == "cli" { checkCLI(node, place) }
  }

  private func checkCLI(_ node: SourceNode, _ place: FieldPlace) {
    if let command = node["command"]?.string, !command.trimmed.isEmpty {
      checkPlaceholders(command, node["command"] ?? node, place.member("command"))
    } else {
      problems.note(
        place.member("command").error(
          "CLI provider requires 'command' as a non-empty string, found "
            + (node["command"]?.found ?? "none"), node["command"] ?? node))
    }
    guard let check = node.present("healthcheck") else { return }
    let here = place.member("healthcheck")
    guard check.mapping != nil else {
      problems.note(
        here.error("'healthcheck' must be an object when provided, found \(check.found)", check))
      return
    }
    if check["url"]?.string == nil, check["command"]?.string == nil {
      problems.note(
        here.error("healthcheck must have either 'url' (HTTP) or 'command' (command)", check))
    }
    if let timeout = check.present("timeout_seconds"), !((timeout.number ?? 0) > 0) {
      problems.note(
        here.member("timeout_seconds").error(
          "expected a number of seconds above 0, found \(timeout.found)", timeout))
    }
    if let command = check["command"]?.string {
      checkPlaceholders(command, check, here.member("command"))
    }
    if let cwd = check.present("cwd"), cwd.string == nil {
      problems.note(here.member("cwd").error("expected a text, found \(cwd.found)", cwd))
    }
  }

  /// Words in capitals between single braces, as in `{PROMPT}`; `${NAME}` is the shell's.
  private func checkPlaceholders(_ command: String, _ node: SourceNode, _ place: FieldPlace) {
    var rest = command[...]
    while let start = rest.firstIndex(of: "{") {
      let before = start == command.startIndex ? " " : command[command.index(before: start)]
      rest = rest[rest.index(after: start)...]
      guard let end = rest.firstIndex(of: "}") else { return }
      let name = rest[..<end]
      let isPlaceholder =
        before != "$" && before != "{" && !name.isEmpty
        && name.utf8.allSatisfy { (0x41...0x5A).contains($0) || $0 == 0x5F }
      if isPlaceholder, !Self.placeholders.contains(String(name)) {
        problems.note(
          place.error(
            "Unknown CLI placeholder '{\(name)}'. Supported placeholders: "
              + Self.placeholders.sorted().joined(separator: ", "), node))
      }
    }
  }
}
