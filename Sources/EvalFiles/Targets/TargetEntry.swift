// One entry of targets.yaml, as it was written.

import Core

/// An entry whose shape is sound.
struct TargetEntry: Sendable {
  /// Fields that make the entry and are no settings of its provider.
  static let structural: Set<String> = ["name", "provider", "use_target"]

  var name: String
  var settings: JSONObject
  var position: SourcePosition

  /// Reads an entry and reports what is wrong with it; `nil` for one that has no name.
  static func read(
    _ node: SourceNode, _ place: FieldPlace, _ problems: Problems
  ) -> TargetEntry? {
    guard let members = node.mapping else {
      problems.fatal(place.error("Target must be an object, found \(node.found)", node))
      return nil
    }
    for member in members {
      report(member, place, problems)
      guard member.key == "healthcheck", let inner = member.value.mapping else { continue }
      for part in inner where part.key == "timeoutSeconds" {
        report(part, place.member("healthcheck"), problems)
      }
    }
    guard let name = node["name"]?.string?.trimmed, !name.isEmpty else {
      problems.fatal(
        place.member("name").error(
          "Missing or invalid 'name' field (must be a non-empty string), found "
            + (node["name"]?.found ?? "none"), node["name"] ?? node))
      return nil
    }
    let provider = node.present("provider")
    let delegate = node.present("use_target")
    for (key, value) in [("provider", provider), ("use_target", delegate)] {
      guard let value, value.string == nil else { continue }
      problems.fatal(place.member(key).error("expected a text, found \(value.found)", value))
    }
    if provider == nil, delegate == nil {
      problems.fatal(
        place.member("provider").error(
          "target '\(name)' needs a 'provider', a text such as cli or mock, or a 'use_target'",
          node))
    }
    if let provider = provider?.string, Interpolation.wholeReference(provider) == nil {
      warnAboutUnknownSettings(members, provider.lowercased(), place, problems)
    }
    return TargetEntry(name: name, settings: node.object, position: node.position)
  }

  private static func report(
    _ member: SourceNode.Member, _ place: FieldPlace, _ problems: Problems
  ) {
    let node = SourceNode(member.value.value, member.position)
    if let name = TargetSettings.camelCase[member.key] {
      problems.fatal(
        place.member(member.key).error(
          "camelCase field '\(member.key)' is no longer supported in targets.yaml. Use '\(name)' "
            + "instead.", node))
    } else if member.key == "workspace_template" || member.key == "workspaceTemplate" {
      problems.note(
        place.member(member.key).warning(
          "workspace_template has been removed from targets. Use eval-level workspace.template "
            + "instead.", node))
    }
  }

  private static func warnAboutUnknownSettings(
    _ members: [SourceNode.Member], _ provider: String, _ place: FieldPlace, _ problems: Problems
  ) {
    guard let known = TargetSettings.known(ProviderNames.canonical(provider)) else { return }
    for member in members
    where !known.contains(member.key) && TargetSettings.camelCase[member.key] == nil
      && !member.key.hasPrefix("workspace")
    {
      let hint =
        KnownFields.nearest(member.key, in: known).map { " Did you mean '\($0)'?" } ?? ""
      problems.note(
        place.member(member.key).warning(
          "Unknown setting '\(member.key)' for \(provider) provider. This property will be "
            + "ignored.\(hint)", SourceNode(member.value.value, member.position)))
    }
  }
}

/// Names of providers.
public enum ProviderNames {
  private static let aliases = [
    "azure-openai": "azure", "google": "gemini", "google-gemini": "gemini", "codex-cli": "codex",
    "copilot": "copilot-cli", "copilot_sdk": "copilot-sdk", "pi": "pi-coding-agent",
    "claude": "claude-cli", "claude-code": "claude-cli", "cc-mirror": "claude-cli",
  ]
  /// Kinds that upstream knows; any other name is run as a command.
  public static let known: Set<String> = [
    "openai", "openrouter", "azure", "anthropic", "gemini", "codex", "copilot-sdk", "copilot-cli",
    "copilot-log", "pi-coding-agent", "pi-cli", "claude-cli", "claude-sdk", "cli", "mock",
    "vscode", "vscode-insiders", "agentv", "transcript", "bedrock", "vertex",
  ]

  /// The kind that a name in targets.yaml stands for, lower case, aliases followed.
  public static func canonical(_ name: String) -> String {
    let name = name.lowercased()
    return aliases[name] ?? name
  }
}
