// What must be installed before a workspace is used.

import Core
import EvalFiles
import EventLoop
import Supervisor

/// Checks requirements.
struct Preflight: Sendable {
  let environment: [String: String]

  /// Checks that programs and Python modules are there.
  /// - Throws: `WorkspaceError` that names all that are missing.
  func check(_ wanted: WorkspaceRequirements) async throws(WorkspaceError) {
    let commands = wanted.commands.filter { Self.find($0, environment) == nil }
    var modules: [String] = []
    for module in wanted.pythonModules where try await !imports(module) { modules.append(module) }
    var parts: [String] = []
    if !commands.isEmpty {
      parts.append("commands not found in PATH: \(commands.joined(separator: ", "))")
    }
    if !modules.isEmpty {
      parts.append("python modules not importable: \(modules.joined(separator: ", "))")
    }
    guard !parts.isEmpty else { return }
    throw WorkspaceError(
      .setup,
      "Workspace preflight failed: \(parts.joined(separator: "; ")); install them, or take them "
        + "out of workspace.env")
  }

  /// Checks that containers can be started.
  /// - Throws: `WorkspaceError` with the remedy.
  func checkDocker(_ docker: DockerSpec) async throws(WorkspaceError) {
    guard Self.find("docker", environment) != nil else {
      throw WorkspaceError(
        .setup,
        "Docker workspace configured but Docker CLI is not available. Install Docker and ensure it "
          + "is running, or take workspace.docker out.")
    }
    guard try await exits(["docker", "version", "--format", "{{.Server.Version}}"], 30) else {
      throw WorkspaceError(
        .setup,
        "Docker workspace configured but no Docker engine answers. Start it, or take "
          + "workspace.docker out.")
    }
    if try await exits(["docker", "image", "inspect", docker.image], 30) { return }
    guard try await exits(["docker", "pull", "--quiet", docker.image], docker.timeoutSeconds) else {
      throw WorkspaceError(.setup, "the docker image \"\(docker.image)\" cannot be pulled")
    }
  }

  private func imports(_ module: String) async throws(WorkspaceError) -> Bool {
    let isName =
      !module.isEmpty
      && module.utf8.allSatisfy {
        $0 == 0x5F || $0 == 0x2E || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF)
      }
    guard isName else { return false }
    return try await exits(["python3", "-c", "import \(module)"], 60)
  }

  private func exits(_ words: [String], _ seconds: Double) async throws(WorkspaceError) -> Bool {
    let spec = ProcessSpec(
      executable: words[0], arguments: Array(words.dropFirst()), environment: environment,
      output: .capture(limitBytes: 64 << 10))
    var isSuccess = false
    do throws(SupervisorError) {
      isSuccess = try await Supervisor.shared.run(spec, timeout: .seconds(seconds)).exit.isSuccess
    } catch {
      if error.code == .stopping { throw .cancelled }
    }
    if Task.isCancelled { throw .cancelled }
    return isSuccess
  }

  /// Looks a program up as a shell does.
  static func find(_ program: String, _ environment: [String: String]) -> String? {
    if program.contains("/") { return FileIO.isExecutable(program) ? program : nil }
    let path = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(program)" }.first(where: FileIO.isExecutable)
  }
}
