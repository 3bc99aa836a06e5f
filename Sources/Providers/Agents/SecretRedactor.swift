// Keys out of everything that is kept: agents that are told to print their environment do.

import Core

/// Replaces the values of secrets by their names.
struct SecretRedactor: Sendable {
  /// Shorter values are words that may stand anywhere.
  static let minimumBytes = 8

  private let secrets: [(name: String, value: [UInt8])]

  /// Secrets are the variables whose names say so, and the settings given.
  /// - Parameters:
  ///   - environment: variables of the agent.
  ///   - settings: further secrets by name.
  init(_ environment: [String: String], settings: [String: String] = [:]) {
    var found: [(name: String, value: [UInt8])] = []
    for (name, value) in environment where Self.isSecret(name) {
      found.append((name, Array(value.utf8)))
    }
    for (name, value) in settings { found.append((name, Array(value.utf8))) }
    // The longest first: one may contain another.
    secrets = found.filter { $0.value.count >= Self.minimumBytes }
      .sorted { ($0.value.count, $1.name) > ($1.value.count, $0.name) }
  }

  static func isSecret(_ name: String) -> Bool {
    let name = name.uppercased()
    if name == "SSH_AUTH_SOCK" || name.hasSuffix("_FILE") || name.hasSuffix("_PATH") {
      return false
    }
    let parts = name.split(separator: "_")
    return parts.contains { ["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PAT"].contains($0) }
      || name.hasSuffix("APIKEY") || name.hasSuffix("CREDENTIALS")
  }

  /// The bytes with every secret replaced.
  func redacted(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for secret in secrets {
      guard bytes.firstRange(of: secret.value) != nil else { continue }
      bytes.replace(secret.value, with: Array("[\(secret.name)]".utf8))
    }
    return bytes
  }

  /// The text with every secret replaced.
  func redacted(_ text: String) -> String {
    secrets.isEmpty ? text : String(decoding: redacted(Array(text.utf8)), as: UTF8.self)
  }
}
