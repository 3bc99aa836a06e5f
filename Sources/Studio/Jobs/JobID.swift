// Ids of launched runs: `studio-20260508-093000-k3x9`.

import Core

enum JobID {
  private static let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz")

  /// An id made of the local time and four random base-36 characters; the caller retries a clash.
  static func make(
    at time: Timestamp = .now(), using random: inout some RandomNumberGenerator
  ) -> String {
    let tail = (0..<4).map { _ in alphabet[Int.random(in: 0..<36, using: &random)] }
    return "studio-\(time.localCompact)-\(String(tail))"
  }
}
