// What a child is given, and what is said when it cannot be started.

import Core
import EventLoop
import Glibc
import TestSupport
import Testing

@testable import Supervisor

@Suite(.timeLimit(.minutes(1))) struct SpawnTests {
  private func say(_ change: (inout ProcessSpec) -> Void = { _ in }) async throws -> [String:
    String]
  {
    var spec = ProcessSpec(
      executable: Program.testChild, arguments: ["say", "0"], environment: ["PATH": "/bin"])
    change(&spec)
    let result = try await Supervisor.shared.run(spec)
    #expect(result.exit == .exited(0))
    var values: [String: String] = [:]
    for line in result.stdout.text.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      values[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
    }
    return values
  }

  @Test func `a child has 0, 1 and 2 open, no signal blocked or ignored, and its own session`()
    async throws
  {
    // A descriptor that a careless library left without close-on-exec.
    let leaky = open("/dev/null", O_RDONLY)
    defer { close(leaky) }
    let values = try await say()
    #expect(values["fds"] == "0,1,2")
    #expect(values["SigBlk"] == "0")
    // 32 and 33 are the C library's own; its posix_spawn ignores them in every child.
    let libraryOwn: UInt64 = 0b11 << 31
    #expect(values["SigIgn"].flatMap { UInt64($0) }.map { $0 & ~libraryOwn } == 0)
    #expect(values["sid"] == values["pid"])
    #expect(values["pgid"] == values["pid"])
  }

  @Test func `a child in a group of its own stays in our session`() async throws {
    let values = try await say { $0.isolation = .group }
    #expect(values["pgid"] == values["pid"])
    #expect(values["sid"] == "\(getsid(0))")
  }

  @Test func `signals are blocked only when the spec asks for it`() async throws {
    let values = try await say { $0.blockedSignals = [SIGTERM, SIGHUP] }
    #expect(values["SigBlk"] == "\(1 << (SIGTERM - 1) | 1 << (SIGHUP - 1))")
  }

  @Test func `a child gets the environment, the cookie and nothing else`() async throws {
    let values = try await say {
      $0.environment = ["A": "1", "B": "x=y", "AGENTV_TEST_ID": "old"]
      $0.cookie = [("AGENTV_TEST_ID", "t1")]
    }
    let names = values.keys.filter { $0.hasPrefix("env:") }.sorted()
    #expect(names == ["env:A", "env:AGENTV_TEST_ID", "env:AGENTV_TREE", "env:B"])
    #expect(values["env:B"] == "x=y")
    #expect(values["env:AGENTV_TEST_ID"] == "t1")
  }

  @Test func `a child gets its arguments and its directory`() async throws {
    let directory = try TemporaryDirectory()
    let values = try await say {
      $0.arguments += ["", "a b", "*", "ü\n"]
      $0.workingDirectory = directory.path
    }
    #expect(values["cwd"] == directory.path)
    #expect(values["arguments"] == "|a b|*|ü")
  }

  @Test func `input that fills no pipe and input that fills many arrive whole`() async throws {
    for count in [0, 5, 3_000_000] {
      let values = try await say {
        $0.standardInput = .bytes([UInt8](repeating: 7, count: count))
      }
      #expect(values["stdin"] == "\(count)")
    }
    #expect(try await say()["stdin"] == "0")
  }

  @Test func `a file of ours is the input of the child and stays ours`() async throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("input", "seven b")
    let file = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    let values = try await say { $0.standardInput = .descriptor(file) }
    #expect(values["stdin"] == "7" && values["fds"] == "0,1,2")
    #expect(fcntl(file, F_GETFD) == FD_CLOEXEC)
  }

  @Test func `a child that does not read its input is no error`() async throws {
    let result = try await Supervisor.shared.run(
      ProcessSpec(
        executable: "true", environment: ["PATH": "/usr/bin:/bin"],
        standardInput: .bytes([UInt8](repeating: 7, count: 1_000_000))))
    #expect(result.exit == .exited(0))
  }

  @Test func `an executable is looked up in the PATH of the child`() async throws {
    let directory = try TemporaryDirectory()
    let script = try directory.write("bin/tool", "#!/bin/sh\necho found\n")
    chmod(script, 0o755)
    for path in [directory.file("bin"), "/nowhere:\(directory.file("bin"))", "bin"] {
      let result = try await Supervisor.shared.run(
        ProcessSpec(
          executable: "tool", environment: ["PATH": path], workingDirectory: directory.path))
      #expect(result.stdout.text == "found\n")
    }
    let relative = try await Supervisor.shared.run(
      ProcessSpec(executable: "./bin/tool", environment: [:], workingDirectory: directory.path))
    #expect(relative.stdout.text == "found\n")
  }

  private func error(_ spec: ProcessSpec) async -> SupervisorError? {
    do {
      _ = try await Supervisor.shared.run(spec)
      return nil
    } catch {
      return error
    }
  }

  @Test func `a missing executable is named with where it was looked for`() async {
    let error = await error(
      ProcessSpec(executable: "no-such-tool", environment: ["PATH": "/bin:/nowhere"]))
    #expect(error?.code == .executableNotFound)
    #expect(error?.shellCode == 127)
    #expect(
      error?.description == "cannot start \"no-such-tool\"; no executable of that name in PATH "
        + "(/bin:/nowhere): install it, or name it by its path")
  }

  @Test func `what cannot be executed is named with the remedy`() async throws {
    let directory = try TemporaryDirectory()
    let plain = try directory.write("plain", "hello")
    var found = await error(ProcessSpec(executable: plain, environment: [:]))
    #expect(found?.code == .notExecutable)
    #expect(found?.description.contains("chmod +x \"\(plain)\"") == true)
    chmod(plain, 0o755)
    found = await error(ProcessSpec(executable: plain, environment: [:]))
    #expect(found?.code == .notExecutable)
    #expect(found?.description.contains("#!/bin/sh") == true)
    let script = try directory.write("script", "#!/no/such/shell\n")
    chmod(script, 0o755)
    found = await error(ProcessSpec(executable: script, environment: [:]))
    #expect(found?.code == .executableNotFound)
    #expect(found?.description.contains("/no/such/shell") == true)
    found = await error(ProcessSpec(executable: directory.path, environment: [:]))
    #expect(found?.code == .notExecutable)
    #expect(found?.shellCode == 126)
  }

  @Test func `a missing working directory is named, and a file in its place`() async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("file", "")
    for path in ["/no/such/directory", file] {
      let found = await error(
        ProcessSpec(executable: "/bin/true", environment: [:], workingDirectory: path))
      #expect(found?.code == .badWorkingDirectory)
      #expect(found?.description.contains(path) == true)
    }
  }

  @Test func `NUL bytes and odd variables are refused without showing values`() async {
    let nul = await error(
      ProcessSpec(executable: "/bin/true", arguments: ["a\0b"], environment: [:]))
    #expect(nul?.code == .badArgument)
    let secret = await error(
      ProcessSpec(executable: "/bin/true", environment: ["KEY": "secret\0"]))
    #expect(secret?.code == .badArgument)
    #expect(secret?.description.contains("KEY") == true)
    #expect(secret?.description.contains("secret") == false)
    let odd = await error(ProcessSpec(executable: "/bin/true", environment: ["A=B": "1"]))
    #expect(odd?.code == .badArgument)
    let long = await error(
      ProcessSpec(
        executable: "/bin/true", arguments: [String(repeating: "x", count: 3_000_000)],
        environment: [:]))
    #expect(long?.code == .badArgument)
    #expect(await error(ProcessSpec(executable: "", environment: [:]))?.code == .executableNotFound)
  }
}
