// `.env` files around an eval file.

import Core

/// Reading of `.env` files.
public enum DotEnv {
  /// What the `.env` files of an eval file add to the environment.
  public struct Loaded: Sendable {
    /// Variables that the environment does not have, nearest file first.
    public var variables: [String: String] = [:]
    /// Files that were read, nearest first.
    public var files: [String] = []
  }

  /// Reads the `.env` files around an eval file.
  ///
  /// They are looked for in its directory and all above up to the repository's root, then in that
  /// root, then in the working directory. Nearer ones win, exported variables win over all.
  /// - Parameters:
  ///   - evalDirectory: directory of the eval file, absolute.
  ///   - workingDirectory: the working directory, absolute.
  ///   - environment: variables that are set already.
  /// - Returns: variables to add, and the files they come from.
  public static func load(
    evalDirectory: String, workingDirectory: String, environment: [String: String]
  ) -> Loaded {
    var loaded = Loaded()
    let roots = FileReferences.searchRoots(
      directory: evalDirectory, workingDirectory: workingDirectory)
    for directory in roots {
      let path = Path.join(directory, ".env")
      guard FileIO.isFile(path), let bytes = try? FileIO.read(path, limitBytes: 1 << 20) else {
        continue
      }
      loaded.files.append(path)
      for (name, value) in parse(String(decoding: bytes, as: UTF8.self))
      where environment[name] == nil && loaded.variables[name] == nil {
        loaded.variables[name] = value
      }
    }
    return loaded
  }

  /// Assignments of a `.env` file, as the npm package `dotenv` reads them.
  ///
  /// `NAME=value`, with `export` before it or not, quotes of three kinds (a value in quotes may span
  /// lines, `\n` is a line break within double ones), comments after `#`.
  /// - Parameter text: the file's content.
  /// - Returns: names and values; of a repeated name the last.
  public static func parse(_ text: String) -> [String: String] {
    var values: [String: String] = [:]
    var rest = text.replacing("\r\n", with: "\n")[...]
    while !rest.isEmpty {
      let line = rest.prefix { $0 != "\n" }
      guard let (name, start) = name(in: line) else {
        rest = rest[line.endIndex...].dropFirst()
        continue
      }
      let after = rest[start...].drop { $0 == " " || $0 == "\t" }
      if let quote = after.first, "\"'`".contains(quote),
        let end = closing(quote, in: after.dropFirst())
      {
        var value = String(after[after.index(after: after.startIndex)..<end])
        if quote == "\"" {
          value = value.replacing("\\n", with: "\n").replacing("\\r", with: "\r")
        }
        values[name] = value
        rest = after[end...].drop { $0 != "\n" }.dropFirst()
      } else {
        values[name] = String(after.prefix { $0 != "\n" && $0 != "#" }).trimmed
        rest = rest[line.endIndex...].dropFirst()
      }
    }
    return values
  }

  private static func name(in line: Substring) -> (String, Substring.Index)? {
    var body = line.drop { $0 == " " || $0 == "\t" }
    if body.hasPrefix("export ") { body = body.dropFirst(7).drop { $0 == " " } }
    guard let equals = body.firstIndex(of: "=") else { return nil }
    let name = String(body[..<equals]).trimmed
    let isName =
      !name.isEmpty
      && name.utf8.allSatisfy {
        $0 == 0x5F || $0 == 0x2E || $0 == 0x2D || (0x30...0x39).contains($0)
          || (0x41...0x5A).contains($0 & 0xDF)
      }
    return isName ? (name, line.index(after: equals)) : nil
  }

  /// The place of a closing quote that no backslash precedes.
  private static func closing(_ quote: Character, in text: Substring) -> Substring.Index? {
    var escaped = false
    for index in text.indices {
      let character = text[index]
      if character == quote, !escaped { return index }
      escaped = character == "\\" && !escaped
    }
    return nil
  }
}
