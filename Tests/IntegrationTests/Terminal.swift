import Core
import Supervisor

/// A real terminal for a command, by script(1).
enum Terminal {
  /// Runs a shell command with a terminal as its standard streams and returns what it showed.
  static func run(
    _ command: String, in directory: String, _ environment: [String: String]
  ) async throws -> String {
    let spec = ProcessSpec(
      executable: "/usr/bin/script", arguments: ["-qec", command, "/dev/null"],
      environment: environment, workingDirectory: directory)
    return try await Supervisor.shared.run(spec, timeout: .seconds(30)).stdout.text
  }
}
