import Core
import RunArtifacts
import TestSupport
import Testing

@testable import Reports

@Suite struct HTMLTests {
  private let fixture: RunFixture

  init() throws { fixture = try RunFixture() }

  private func page(_ results: [RunFixture.Result], append: String = "") throws -> String {
    try fixture.export(try fixture.run(shape: "raw", results, append: append), .html)
  }

  /// The content of a data element of the page.
  private func data(_ page: String, _ id: String) throws -> String {
    let start = try #require(page.firstRange(of: "id=\"\(id)\">"))
    let end = try #require(page[start.upperBound...].firstRange(of: "</script>"))
    return String(page[start.upperBound..<end.lowerBound])
  }

  @Test(arguments: hostileTexts)
  func `what a test says is never markup, and reads back as it was said`(_ text: String) throws {
    let hostile = RunFixture.Result(
      id: text, suite: text, target: text, score: 0, status: .executionError, answer: text,
      prompt: text, error: text)
    let page = try page([hostile])
    // The page's own elements are all there are.
    #expect(page.matches(of: /<script/).count == 4)
    #expect(page.matches(of: /<\/script/).count == 4)
    #expect(page.matches(of: /<!--/).isEmpty)
    let rows = try JSON.parse(try data(page, "rows"))
    #expect(rows[0]?[0]?.string == (text.isEmpty ? "unknown" : text))
    let details = try data(page, "details").split(separator: "\n")
    #expect(details.count == 1)
    let parts = details[0].split(separator: "\t", maxSplits: 1)
    #expect(parts[0] == "0")
    let detail = try JSON.parse(String(parts[1]))
    #expect(detail["error"]?.string == text)
    #expect(detail["input"]?[0]?["text"]?.string == text)
    #expect(detail["output"]?[0]?["text"]?.string == text)
  }

  @Test func `the policy allows exactly the page's own script and style`() throws {
    let page = try page([.init()])
    let script = try #require(page.firstRange(of: "<script>"))
    let scriptEnd = try #require(page[script.upperBound...].firstRange(of: "</script>"))
    let style = try #require(page.firstRange(of: "<style>"))
    let styleEnd = try #require(page[style.upperBound...].firstRange(of: "</style>"))
    let scriptHash = SHA256.base64(Array(page[script.upperBound..<scriptEnd.lowerBound].utf8))
    let styleHash = SHA256.base64(Array(page[style.upperBound..<styleEnd.lowerBound].utf8))
    #expect(page.contains("default-src 'none'; script-src 'sha256-\(scriptHash)'"))
    #expect(page.contains("style-src 'sha256-\(styleHash)'"))
    #expect(!page.contains("unsafe-inline"))
    #expect(!page.contains(" style="))
    #expect(page.matches(of: #/\ on[a-z]+="/#).isEmpty)
  }

  @Test func `the page names no address outside of itself`() throws {
    let page = try page([.init()])
    #expect(page.matches(of: /(src|href)="(?!data:,|#)/).isEmpty)
    #expect(page.matches(of: /@import|url\(/).isEmpty)
    #expect(!String(decoding: ReportAssets.script, as: UTF8.self).contains("</script"))
    #expect(!String(decoding: ReportAssets.style, as: UTF8.self).contains("</style"))
  }

  @Test func `totals stand in the page itself, for readers without script`() throws {
    let page = try page([
      .init(id: "a"), .init(id: "b", target: "u", score: 0.5, status: .qualityFailure),
      .init(id: "c", score: 0, status: .executionError, error: "boom"),
    ])
    #expect(page.contains("1 of 3 tests passed"))
    #expect(page.contains("aria-label=\"Pass rate 33%\""))
    #expect(page.contains("<h2>By target</h2>"))
    #expect(page.contains("<h2>By grader</h2>"))
    // All tests are of one suite: that table would say nothing.
    #expect(!page.contains("<h2>By suite</h2>"))
    #expect(page.contains("40 to 50 percent: 0; 50 to 60 percent: 1"))
  }

  @Test func `lines that could not be read are said, and so are replaced rows`() throws {
    let source = try fixture.run(
      shape: "raw", [.init(id: "a", score: 0), .init(id: "a")], append: "{broken\n")
    let page = try fixture.export(source, .html)
    #expect(page.contains("1 line(s) of the index could not be read"))
    #expect(page.contains("1 earlier attempt(s) were replaced"))
  }

  @Test func `a long text is cut and says so`() throws {
    let page = try page([.init(answer: String(repeating: "x", count: 200_000))])
    #expect(page.utf8.count < 200_000)
    #expect(page.contains("134.5 kB more in the run directory"))
  }

  @Test(
    arguments: [
      ([0.0, 0.05], [2, 0, 0, 0, 0, 0, 0, 0, 0, 0]), ([1.0], [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
      ([0.3, 0.7], [0, 0, 0, 1, 0, 0, 0, 1, 0, 0]), ([-1, 2], [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
    ] as [([Double], [Int])])
  func `scores fall into tenths, 1 into the last`(_ scores: [Double], _ counts: [Int]) {
    #expect(Charts.histogram(scores) == counts)
  }

  // NIST's examples for SHA-256 (FIPS 180-4) and one of a million letters.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1000),
      "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"
    ),
  ])
  func `SHA-256 has the published values`(_ text: String, _ digest: String) {
    #expect(SHA256.hexadecimal(Array(text.utf8), bytes: 32) == digest)
  }

  @Test func `Base64 pads`() {
    #expect(SHA256.base64([]) == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
  }
}
