// VS Code by a stand-in: a `code` script that plays the file protocol, with a "window" that lives on.

import Core
import EvalFiles
import TestSupport
import Testing

@testable import Providers

@Suite(.timeLimit(.minutes(2))) struct VSCodeProviderTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// `code WORKSPACE` opens a window that outlives it; `chat -m wakeup` creates `.alive`; any other
  /// chat runs `answer`, with the request file in $REQ and the response file in $RES.
  private func provider(
    answer: String, wakeUp: String = ": > .alive", _ more: JSONObject = [:]
  ) throws -> any Provider {
    try directory.write(
      "code",
      """
      #!/bin/sh
      echo "$@" >> "$HOME/calls"
      case "$1" in
        *.code-workspace)
          setsid sh -c 'echo $$ > "$HOME/window"; exec sleep 600' >/dev/null 2>&1 &
          while ! [ -s "$HOME/window" ]; do :; done ;;
        -r)
          if [ "$4" = wakeup ]; then \(wakeUp); exit 0; fi
          for REQ in "$@"; do case $REQ in *_req.md) break;; esac; done
          RES=${REQ%_req.md}_res.md
          \(answer) ;;
      esac
      """)
    try #require(makeExecutable(directory.file("code")))
    var settings: JSONObject = [
      "executable": .string(directory.file("code")), "subagent_root": "slots",
    ]
    for (name, value) in more { settings[name] = value }
    return try ProviderRegistry.make(
      target("vscode", settings), options: ProviderOptions(projectDirectory: directory.path))
  }

  private func call(timeout: Duration? = nil) -> ProviderRequest {
    var call = request(directory, prompt: "the question", timeout: timeout)
    call.environment["HOME"] = directory.path
    return call
  }

  private func isWindowAlive() throws -> Bool {
    let text = String(decoding: try FileIO.read(directory.file("window")), as: UTF8.self)
    let pid = try #require(Int32(text.trimmed))
    guard let stat = try? FileIO.read("/proc/\(pid)/stat") else { return false }
    return !String(decoding: stat, as: UTF8.self).contains(") Z ")
  }

  @Test func `the answer is the response file, and the window is closed`() async throws {
    let provider = try provider(
      answer: #"cp "$REQ" "$HOME/request"; printf fine > "$RES.tmp"; mv "$RES.tmp" "$RES""#)
    let response = try await provider.invoke(call())
    #expect(response.output.answer == "fine")
    #expect(response.metrics.durationMS != nil)
    #expect(try !isWindowAlive())
    let text = String(decoding: try FileIO.read(directory.file("request")), as: UTF8.self)
    #expect(text.hasPrefix("[[ ## user_query ## ]]\n\nthe question\n\n## Response\n"))
    let calls = String(decoding: try FileIO.read(directory.file("calls")), as: UTF8.self)
      .split(separator: "\n")
    #expect(calls.count == 3)
    #expect(calls[0].hasSuffix("slots/subagent-1/subagent-1.code-workspace"))
    #expect(calls[1].hasPrefix("-r chat -m wakeup create a file named .alive in "))
    #expect(calls[2].contains("Follow instructions in ["))
  }

  @Test func `a window that never answers ends at the limit, and is closed`() async throws {
    let provider = try provider(answer: ":", ["timeout_seconds": 1])
    let error = await #expect(throws: ProviderError.self) { try await provider.invoke(call()) }
    #expect(error?.code == .timedOut)
    #expect(try !isWindowAlive())
  }

  @Test func `a stop closes the window and leaves its slot free`() async throws {
    let provider = try provider(answer: #": > "$HOME/asked""#)
    let call = call()
    let task = Task { try await provider.invoke(call) }
    while !FileIO.exists(directory.file("asked")) { await Task.yield() }
    task.cancel()
    let error = await #expect(throws: ProviderError.self) { try await task.value }
    #expect(error?.isCancelled == true)
    #expect(try !isWindowAlive())
    let slot = try VSCodeSlot(root: directory.file("slots"))
    #expect(slot.directory == directory.file("slots/subagent-1"))
  }

  @Test func `a missing program and a failing launcher are named`() async throws {
    let missing = try ProviderRegistry.make(target("vscode", ["executable": "/no/code"]))
    let error = await #expect(throws: ProviderError.self) { try await missing.invoke(call()) }
    #expect(error?.code == .configuration)
    let failing = try provider(answer: ":", wakeUp: "echo broken >&2; exit 3")
    let other = await #expect(throws: ProviderError.self) { try await failing.invoke(call()) }
    #expect(other?.description == "VS Code's launcher exited with 3: broken\n")
  }

  @Test func `a dry run answers without a window`() async throws {
    let provider = try provider(answer: ":", ["dry_run": true])
    #expect(try await provider.invoke(call()).output.answer == "{}")
    #expect(!FileIO.exists(directory.file("calls")))
  }
}
