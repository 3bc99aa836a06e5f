import Core
import Testing

@testable import Studio

struct LaunchRequestTests {
  private func request(_ text: String) throws -> LaunchRequest {
    try LaunchRequest(body: Array(text.utf8))
  }

  @Test func `fields are trimmed and blanks do not count`() throws {
    let request = try request(
      #"{"suite_filter":" a.yaml , ,b c.yaml","test_ids":[" x ","  "],"target":" ","output":"","#
        + #""retry_errors":"  ","threshold":null}"#)
    #expect(request.suiteFilter == ["a.yaml", "b c.yaml"])
    #expect(request.testIDs == ["x"])
    #expect(request.targets.isEmpty && request.output == nil)
    #expect(request.retryErrors == nil && request.threshold == nil)
  }

  @Test(arguments: ["", "{", "nope", "{\"a\":}"])
  func `what is not JSON is refused as such`(_ body: String) {
    #expect(throws: RequestError.invalidJSON) { try request(body) }
  }

  @Test(arguments: ["null", "[]", "3", "\"x\""])
  func `a body that is no object is refused`(_ body: String) {
    let error = #expect(throws: RequestError.self) { try request(body) }
    #expect(error?.code == "invalid-body")
  }

  @Test(arguments: [
    ("suite_filter", "7"), ("suite_filter", "[\"a\"]"), ("test_ids", "\"abc\""),
    ("test_ids", "[1]"), ("target", "{}"), ("threshold", "\"0.5\""), ("threshold", "1.5"),
    ("threshold", "-0.1"), ("workers", "0"), ("workers", "51"), ("workers", "2.5"),
    ("workers", "true"), ("dry_run", "\"yes\""), ("dry_run", "1"), ("output", "[]"),
    ("resume", "\"true\""), ("rerun_failed", "0"), ("retry_errors", "true"),
    ("experiment", "\"../x\""), ("experiment", "\"..\""), ("output", "\"a\\u0000b\""),
  ])
  func `a wrong type or value is refused and its field named`(_ field: String, _ value: String) {
    let error = #expect(throws: RequestError.self) { try request("{\"\(field)\":\(value)}") }
    #expect(error?.status == 400 && error?.field == field)
    #expect(error?.message.hasPrefix("\(field) ") == true)
  }

  @Test func `modes exclude each other and are listed in order`() throws {
    let request = try request(
      #"{"rerun_failed":true,"resume":true,"retry_errors":"r"}"#)
    let error = #expect(throws: RequestError.self) { try request.checkModes() }
    #expect(
      error?.message == "resume, rerun_failed, and retry_errors are mutually exclusive "
        + "(got: resume, rerun_failed, retry_errors)")
  }

  @Test func `something to run must be named`() throws {
    let error = #expect(throws: RequestError.self) { try request("{}").checkSelection() }
    #expect(error?.message == "Provide suite_filter or test_ids")
  }
}

struct LaunchArgumentsTests {
  private func request(_ text: String) throws -> LaunchRequest {
    try LaunchRequest(body: Array(text.utf8))
  }

  @Test func `no value can become an option`() throws {
    let request = try request(
      #"{"suite_filter":"--output=/etc,-x.yaml","test_ids":["--dry-run"],"target":"-t"}"#)
    let arguments = LaunchArguments.process(request, output: "/p/-run", retryErrors: nil)
    #expect(
      arguments == [
        "eval", "run", "--test-id=--dry-run", "--target=-t", "--output=/p/-run", "--",
        "--output=/etc", "-x.yaml",
      ])
  }

  @Test func `arguments follow the documented order`() throws {
    let request = try request(
      #"{"retry_errors":"r","workers":4,"suite_filter":"a.yaml","threshold":0,"dry_run":true,"#
        + #""test_ids":["x"],"target":"mock","output":"o"}"#)
    #expect(
      LaunchArguments.display(request)
        == "agentv eval a.yaml --test-id x --target mock --threshold 0 --workers 4 --dry-run "
        + "--output o --retry-errors r")
    #expect(
      LaunchArguments.process(request, output: "/p/o", retryErrors: "/p/r")
        == [
          "eval", "run", "--test-id=x", "--target=mock", "--threshold=0", "--workers=4",
          "--dry-run", "--output=/p/o", "--retry-errors=/p/r", "--", "a.yaml",
        ])
  }

  @Test func `a preview shows conflicting modes and no automatic output`() throws {
    #expect(try LaunchArguments.display(request("{}")) == "agentv eval")
    #expect(
      try LaunchArguments.display(request(#"{"resume":true,"rerun_failed":true}"#))
        == "agentv eval --resume --rerun-failed")
  }

  @Test func `an output that the server chose comes last`() throws {
    let text = try LaunchArguments.display(
      request(#"{"suite_filter":"a","resume":true}"#), automaticOutput: "/p/run")
    #expect(text == "agentv eval a --resume --output /p/run")
  }

  @Test(arguments: [
    ("plain", "plain"), ("with space", "\"with space\""),
    ("evals/**/*.yaml", "\"evals/**/*.yaml\""),
    ("$(rm -rf x)", "'$(rm -rf x)'"), ("it's", "'it'\\''s'"), ("a\"b", "'a\"b'"), ("", "\"\""),
  ])
  func `words are quoted as a shell reads them back`(_ word: String, _ shown: String) {
    #expect(LaunchArguments.quote(word) == shown)
  }
}
