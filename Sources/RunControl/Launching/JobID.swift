// Ids of launched runs: `studio-20260508-093000-k3x9`.

public import Core

/// The making of job ids.
public enum JobID {
  private static let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz")

  /// Who starts a job.
  public enum Starter: String, Sendable, Hashable, CaseIterable {
    /// The Studio.
    case studio
    /// A command with `--detach`.
    case detached

    /// Who started the job of an id; `nil` for an id of another form.
    public init?(jobID: String) {
      guard let word = jobID.split(separator: "-").first else { return nil }
      self.init(rawValue: String(word))
    }
  }

  /// An id made of the local time and four random base-36 characters; the caller retries a clash.
  public static func make(
    _ starter: Starter = .studio, at time: Timestamp = .now(),
    using random: inout some RandomNumberGenerator
  ) -> String {
    let tail = (0..<4).map { _ in alphabet[Int.random(in: 0..<36, using: &random)] }
    return "\(starter.rawValue)-\(time.localCompact)-\(String(tail))"
  }
}
