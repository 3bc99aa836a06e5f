import Core
import EvalFiles
import TestSupport
import Testing

@testable import Providers

@Suite(.timeLimit(.minutes(1))) struct CLIProviderTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func provider(_ command: String, _ more: JSONObject = [:]) throws -> any Provider {
    var settings: JSONObject = ["command": .string(command)]
    for (key, value) in more { settings[key] = value }
    return try ProviderRegistry.make(target("cli", settings))
  }

  private func failure(_ provider: any Provider, _ call: ProviderRequest) async -> ProviderError? {
    await #expect(throws: ProviderError.self) { try await provider.invoke(call) }
  }

  @Test func `all placeholders are filled, quoted`() async throws {
    let provider = try provider(
      "printf '%s|' {PROMPT} {EVAL_ID} {ATTEMPT} {FILES} > {OUTPUT_FILE}; cat {PROMPT_FILE} >> {OUTPUT_FILE}",
      ["files_format": "-f {path}"])
    let response = try await provider.invoke(
      request(
        directory, id: "id/1 'x'", prompt: "it's $HOME", files: ["/a b"], attempt: 2))
    #expect(response.output.answer == "it's $HOME|id/1 'x'|2|-f|/a b|it's $HOME")
    #expect(response.metrics.durationMS != nil)
  }

  @Test func `temporary files are removed, or kept when asked for`() async throws {
    let call = request(directory, id: "../../x")
    let command = "cat {PROMPT_FILE} > {OUTPUT_FILE}"
    _ = try await provider(command).invoke(call)
    #expect(try FileIO.list(directory.path).isEmpty)
    _ = try await provider(command, ["keep_temp_files": true]).invoke(call)
    let kept = try FileIO.list(directory.path)
    #expect(kept.count == 2)
    #expect(kept.allSatisfy { $0.hasPrefix("agentv-.._.._x-") })
  }

  @Test func `without an output file the answer is what is printed`() async throws {
    #expect(
      try await provider("echo hi; echo noise >&2").invoke(request(directory)).output.answer
        == "hi")
    let json = try await provider(#"echo '{"text": "t", "cost_usd": 2}'"#).invoke(
      request(directory))
    #expect((json.output.answer, json.metrics.costUSD) == ("t", 2))
  }

  @Test func `it runs in the eval directory, the target's, or the workspace`() async throws {
    try directory.write("sub/x", "")
    try directory.write("work/x", "")
    let call = request(directory)
    #expect(try await provider("pwd").invoke(call).output.answer == directory.path)
    #expect(
      try await provider("pwd", ["cwd": "sub"]).invoke(call).output.answer
        == directory.file("sub"))
    var inWorkspace = call
    inWorkspace.workingDirectory = directory.file("work")
    #expect(
      try await provider("pwd", ["cwd": "sub"]).invoke(inWorkspace).output.answer
        == directory.file("work"))
  }

  @Test func `the environment is the call's, with the test's cookie`() async throws {
    var call = request(directory, id: "case-7")
    call.environment["OWN"] = "value"
    #expect(
      try await provider("echo \"$OWN $AGENTV_TEST_ID ${HOME-none}\"").invoke(call).output.answer
        == "value case-7 none")
  }

  @Test(arguments: [
    ("echo out; echo err >&2; exit 3", "err (exit code 3)"),
    ("echo out; exit 1", "out (exit code 1)"),
    ("exit 7", "CLI exited with code 7"), ("kill -9 $$", "CLI exited with code 137"),
  ])
  func `a command that fails says why, and may be tried again`(
    command: String, text: String
  ) async throws {
    let error = await failure(try provider(command), request(directory))
    #expect(error?.description == text)
    #expect((error?.code, error?.retryable) == (.failed, true))
  }

  @Test func `a long error is cut in the middle`() async throws {
    let error = await failure(
      try provider("head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1"), request(directory))
    #expect(error?.description.contains("[96000 characters left out]") == true)
  }

  @Test func `an answer that was not written names the file and the remedy`() async throws {
    let error = await failure(try provider("true {OUTPUT_FILE}"), request(directory))
    #expect(error?.code == .badAnswer)
    #expect(
      error?.description.hasPrefix(
        "Failed to read output file '\(try ScratchDirectory.shared.path())/agentv-t-") == true)
    #expect(
      error?.description.hasSuffix("the command must write its answer to {OUTPUT_FILE}") == true)
  }

  @Test func `an answer beyond all measure is refused`() async throws {
    let error = await failure(
      try provider("truncate -s 1G {OUTPUT_FILE}"), request(directory))
    #expect(error?.code == .badAnswer)
    #expect(error?.description.contains("64 MiB at most") == true)
  }

  @Test(
    arguments: [
      (["timeout_seconds": 0.2], nil, "CLI provider timed out after 0.2 s"),
      ([:], Duration.milliseconds(200), "CLI provider timed out after 0.2 s (--agent-timeout)"),
      (
        ["timeout_seconds": 60], .milliseconds(200),
        "CLI provider timed out after 0.2 s (--agent-timeout)"
      ),
    ] as [(JSONObject, Duration?, String)])
  func `a time limit stops the whole tree`(
    settings: JSONObject, timeout: Duration?, text: String
  ) async throws {
    let marker = directory.file("pid")
    let provider = try provider("sleep 600 & echo $! > '\(marker)'; wait", settings)
    let error = await failure(provider, request(directory, timeout: timeout))
    #expect(error?.description == text)
    #expect((error?.code, error?.retryable) == (.timedOut, true))
    let pid = String(decoding: try FileIO.read(marker), as: UTF8.self).trimmed
    #expect(!FileIO.exists("/proc/\(pid)"))
  }

  @Test func `cancelling the task stops the tree and gives no result`() async throws {
    let fifo = directory.file("fifo")
    let provider = try provider(
      "sleep 600 & echo $! > '\(directory.file("pid"))'; : > '\(fifo)'; wait")
    let call = request(directory)
    let task = Task { try await provider.invoke(call) }
    // The file is there once the command runs; its creation is what the test waits for.
    while !FileIO.exists(fifo) { await Task.yield() }
    task.cancel()
    let error = await #expect(throws: ProviderError.self) { try await task.value }
    #expect(error?.isCancelled == true)
    let pid = String(decoding: try FileIO.read(directory.file("pid")), as: UTF8.self).trimmed
    #expect(!FileIO.exists("/proc/\(pid)"))
  }

  @Test func `a directory that is missing is named and not tried again`() async throws {
    let error = await failure(try provider("true", ["cwd": "nowhere"]), request(directory))
    #expect((error?.code, error?.retryable) == (.configuration, false))
    #expect(error?.description.contains("nowhere") == true)
  }

  @Test func `a test that asks for a workspace does not run in the user's files`() async throws {
    var call = request(directory)
    call.test.workspace = Shared(WorkspaceSpec(template: "/w", directory: "/"))
    let provider = try provider("touch made")
    let error = await failure(provider, call)
    #expect(error?.code == .unavailable)
    #expect(error?.description.hasPrefix("test 't' asks for a workspace") == true)
    #expect(!FileIO.exists(directory.file("made")))
    call.workingDirectory = directory.path
    _ = try await provider.invoke(call)
    #expect(FileIO.exists(directory.file("made")))
  }

  @Test func `an answer in a pipe is refused instead of waited for`() async throws {
    let error = await failure(
      try provider("mkfifo {OUTPUT_FILE}"), request(directory))
    #expect(error?.description.hasSuffix("it is not a regular file") == true)
  }

  @Test func `a prompt too long for a command line names the remedy`() async throws {
    let long = request(directory, prompt: String(repeating: "x", count: 200_000))
    let error = await failure(try provider("echo {PROMPT}"), long)
    #expect(error?.code == .configuration)
    #expect(error?.description.contains("use {PROMPT_FILE} instead of {PROMPT}") == true)
    #expect(try await provider("wc -c < {PROMPT_FILE}").invoke(long).output.answer == "200000")
    let nul = await failure(try provider("echo {PROMPT}"), request(directory, prompt: "a\0b"))
    #expect(nul?.description.contains("NUL") == true)
  }

  @Test func `a health check runs once for all tests`() async throws {
    let log = directory.file("log")
    let provider = try provider(
      "echo ok", ["healthcheck": ["command": .string("echo {EVAL_ID} >> '\(log)'"), "cwd": "."]])
    let call = request(directory)
    try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<8 { group.addTask { try await provider.invoke(call).output.answer } }
      for try await answer in group { #expect(answer == "ok") }
    }
    #expect(String(decoding: try FileIO.read(log), as: UTF8.self) == "healthcheck\n")
  }

  @Test(
    arguments: [
      (
        ["command": "echo down >&2; exit 4"], "CLI healthcheck failed for 'tgt': down (exit code 4)"
      ),
      (
        ["command": "exit 4"],
        "CLI healthcheck failed for 'tgt': CLI healthcheck command exited with code 4"
      ),
      (
        ["command": "sleep 600", "timeout_seconds": 0.1],
        "CLI healthcheck failed for 'tgt': timed out after 0.1 s"
      ),
      (
        ["url": "http://127.0.0.1:1/"],
        "CLI healthcheck failed for 'tgt': cannot connect to http://127.0.0.1:1: "
      ),
    ] as [(JSON, String)])
  func `a failed health check fails every call`(check: JSON, text: String) async throws {
    let provider = try provider("echo ok", ["healthcheck": check])
    for _ in 0..<2 {
      let error = await failure(provider, request(directory))
      #expect(error?.description.hasPrefix(text) == true, "\(error?.description ?? "")")
      #expect(error?.retryable == false)
    }
  }

  @Test func `a health check by URL needs 2xx, redirections included`() async throws {
    let server = try ScriptedServer { connection, _ in
      while let request = connection.request() {
        switch request.split(separator: " ")[1] {
        case "/moved": connection.answer("302 Found", ["Location: /up"])
        case "/up": connection.answer("204 No Content")
        default: connection.answer("503 Service Unavailable")
        }
      }
    }
    let up = try provider("echo ok", ["healthcheck": ["url": .string("\(server.url)/moved")]])
    #expect(try await up.invoke(request(directory)).output.answer == "ok")
    let down = try provider("echo ok", ["healthcheck": ["url": .string("\(server.url)/down")]])
    let error = await failure(down, request(directory))
    #expect(error?.description == "CLI healthcheck failed for 'tgt': HTTP 503")
  }

  @Test func `verbose targets log their command`() async throws {
    let lines = Lines()
    let provider = try ProviderRegistry.make(
      target("cli", ["command": "echo {EVAL_ID}", "verbose": true]),
      options: ProviderOptions(log: { line in Task { await lines.add(line) } }))
    _ = try await provider.invoke(request(directory))
    while await lines.all.isEmpty { await Task.yield() }
    #expect(await lines.all == ["[cli-provider:tgt] cwd=\(directory.path) command=echo 't'"])
  }
}

private actor Lines {
  var all: [String] = []
  func add(_ line: String) { all.append(line) }
}
