// Secrets do not stand in files: their settings must be references to the environment.

import Core

/// Finds secrets that are written out.
enum SecretRule {
  private static let settings = ["api_key", "github_token"]
  private static let byok = ["api_key", "bearer_token"]

  /// A secret that is written out; its value is never shown.
  struct Literal {
    var field: String
    var node: SourceNode

    /// What is wrong, with the remedy.
    var text: String { SecretRule.text(field) }
  }

  static func text(_ field: String) -> String {
    "'\(field)' must use ${{ VARIABLE_NAME }} syntax for environment variables; put the value into "
      + "the environment or a .env file, never into targets.yaml"
  }

  /// The secrets written out in an entry.
  static func literals(in node: SourceNode) -> [Literal] {
    var found: [Literal] = []
    for name in settings {
      if let value = node[name], isLiteral(value.json) {
        found.append(Literal(field: name, node: value))
      }
    }
    for name in byok {
      if let value = node["byok"]?[name], isLiteral(value.json) {
        found.append(Literal(field: "byok.\(name)", node: value))
      }
    }
    return found
  }

  /// The first field of an entry's settings that holds a secret written out.
  static func literalField(in settings: JSONObject) -> String? {
    for name in Self.settings where settings[name].map(isLiteral) ?? false { return name }
    for name in byok where settings["byok"]?[name].map(isLiteral) ?? false {
      return "byok.\(name)"
    }
    return nil
  }

  private static func isLiteral(_ value: JSON) -> Bool {
    switch value {
    case .null: false
    case .string(let text): !text.trimmed.isEmpty && Interpolation.wholeReference(text) == nil
    default: true
    }
  }
}
