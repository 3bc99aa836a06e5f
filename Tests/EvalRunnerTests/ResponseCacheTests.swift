import Core
import EvalFiles
import Providers
import RunArtifacts
import TestSupport
import Testing

@testable import EvalRunner

@Suite(.timeLimit(.minutes(1))) struct ResponseCacheTests {
  private let directory: TemporaryDirectory
  private let cache: ResponseCache

  init() throws {
    directory = try TemporaryDirectory()
    cache = ResponseCache(directory: directory.file("cache"))
  }

  private func scripted(_ settings: JSONObject = [:]) -> ScriptedTest {
    var scripted = ScriptedTest()
    scripted.cache = cache
    scripted.settings = settings
    return scripted
  }

  private func files() throws -> [String] {
    try FileIO.list(cache.directory).flatMap { folder in
      try FileIO.list("\(cache.directory)/\(folder)").map { "\(cache.directory)/\(folder)/\($0)" }
    }
  }

  @Test func `a kept answer is used again and costs nothing`() async throws {
    let first = ScriptedProvider([.success(.saying("42"))])
    let fresh = try await scripted().run(first).row
    #expect(fresh.costUSD == 0.5)
    #expect(fresh.extra["cached"] == nil)
    let second = ScriptedProvider([.failure(ProviderError(.failed, "not to be called"))])
    let kept = try await scripted().run(second).row
    #expect(second.requests.isEmpty)
    #expect(kept.executionStatus == .ok)
    #expect(kept.extra["cached"] == true)
    #expect(kept.costUSD == 0)
    #expect(kept.tokenUsage == fresh.tokenUsage)
    #expect(kept.durationMS == 12)
  }

  @Test func `an entry is named by its hash, in a folder of its first two digits`() async throws {
    _ = try await scripted().run(ScriptedProvider([.success(.saying("42"))]))
    let file = try #require(try files().first)
    let name = Path.name(file)
    #expect(name.utf8.count == 64 + ".json".utf8.count)
    #expect(Path.name(Path.directory(file)) == name.prefix(2))
  }

  @Test(arguments: [
    ["model": "other"], ["command": "other"], ["max_output_tokens": 5] as JSONObject,
  ])
  func `a changed target misses`(_ settings: JSONObject) async throws {
    _ = try await scripted().run(ScriptedProvider([.success(.saying("42"))]))
    let second = ScriptedProvider([.success(.saying("42"))])
    _ = try await scripted(settings).run(second)
    #expect(second.requests.count == 1)
  }

  @Test func `a changed key does not`() async throws {
    _ = try await scripted(["api_key": "a"]).run(ScriptedProvider([.success(.saying("42"))]))
    let second = ScriptedProvider([.success(.saying("42"))])
    _ = try await scripted(["api_key": "b"]).run(second)
    #expect(second.requests.isEmpty)
  }

  @Test func `a changed prompt misses`() async throws {
    _ = try await scripted().run(ScriptedProvider([.success(.saying("42"))]))
    var other = scripted()
    other.test.input = [Message(role: "user", text: "other")]
    let second = ScriptedProvider([.success(.saying("42"))])
    _ = try await other.run(second)
    #expect(second.requests.count == 1)
  }

  @Test(arguments: ["", "{", "[]", #"{"schema":1,"output":[]}"#, #"{"schema":99}"#, "\u{0}"])
  func `an entry that cannot be read is none`(_ content: String) async throws {
    _ = try await scripted().run(ScriptedProvider([.success(.saying("42"))]))
    try FileIO.write(try #require(try files().first), Array(content.utf8))
    let second = ScriptedProvider([.success(.saying("42"))])
    #expect(try await scripted().run(second).row.executionStatus == .ok)
    #expect(second.requests.count == 1)
  }

  @Test func `answers that are meant to vary are not kept`() async throws {
    _ = try await scripted(["temperature": 0.7]).run(
      ScriptedProvider([.success(.saying("42"))]))
    var trials = scripted()
    trials.trials = Trials(count: 2)
    _ = try await trials.run(ScriptedProvider([.success(.saying("42"))]))
    #expect(!FileIO.exists(cache.directory))
  }

  @Test func `errors and changed files are not kept`() async throws {
    var flagged = ProviderResponse.saying("42")
    flagged.rawError = "rate limited"
    _ = try await scripted().run(ScriptedProvider([.success(flagged)]))
    var changed = ProviderResponse.saying("42")
    changed.fileChanges = "diff"
    _ = try await scripted().run(ScriptedProvider([.success(changed)]))
    _ = try await scripted().run(ScriptedProvider([.failure(ProviderError(.failed, "x"))]))
    #expect(!FileIO.exists(cache.directory))
  }

  @Test func `a place that cannot be written to costs the copy only`() async throws {
    try directory.write("cache", "a file in the way")
    let row = try await scripted().run(ScriptedProvider([.success(.saying("42"))])).row
    #expect(row.executionStatus == .ok)
  }
}
