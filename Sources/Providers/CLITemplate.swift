// Placeholders in the command of a `cli` target.

import Core

/// Filling of `{PLACEHOLDER}`s.
enum CLITemplate {
  /// The placeholders there are.
  static let known = ["PROMPT", "PROMPT_FILE", "EVAL_ID", "ATTEMPT", "FILES", "OUTPUT_FILE"]

  /// Names of all placeholders in a command: upper-case letters and `_` in braces.
  static func placeholders(in template: String) -> [String] {
    pieces(template).compactMap { if case .placeholder(let name) = $0 { name } else { nil } }
  }

  /// The command with values in the place of placeholders.
  /// - Parameters:
  ///   - template: the command.
  ///   - values: text for the shell by placeholder; unknown ones stay as they are.
  /// - Returns: the command for the shell.
  static func render(_ template: String, _ values: [String: String]) -> String {
    pieces(template).map { piece in
      switch piece {
      case .text(let text): String(text)
      case .placeholder(let name): values[name] ?? "{\(name)}"
      }
    }.joined()
  }

  /// A word for a POSIX shell: in single quotes, each inner one written as `'"'"'`.
  static func quoted(_ text: String) -> String {
    "'\(text.replacing("'", with: "'\"'\"'"))'"
  }

  /// All files for `{FILES}`: each in the given format, joined by spaces.
  static func files(_ paths: [String], format: String) -> String {
    paths.map { path in
      format.replacing("{path}", with: quoted(path))
        .replacing("{basename}", with: quoted(Path.name(path)))
    }.joined(separator: " ")
  }

  private enum Piece {
    case text(Substring)
    case placeholder(String)
  }

  private static func pieces(_ template: String) -> [Piece] {
    var pieces: [Piece] = []
    var rest = template[...]
    while let open = rest.firstIndex(of: "{") {
      let name = rest[rest.index(after: open)...].prefix {
        $0 == "_" || ($0 >= "A" && $0 <= "Z" && $0.isASCII)
      }
      guard !name.isEmpty, name.endIndex < rest.endIndex, rest[name.endIndex] == "}" else {
        pieces.append(.text(rest[...open]))
        rest = rest[rest.index(after: open)...]
        continue
      }
      pieces.append(.text(rest[..<open]))
      pieces.append(.placeholder(String(name)))
      rest = rest[rest.index(after: name.endIndex)...]
    }
    pieces.append(.text(rest))
    return pieces
  }
}
