// Hostile and broken input: an answer or an error, never a crash or a hang.

import Core
import Glibc
import TestSupport
import Testing

@testable import EvalFiles

@Suite(.timeLimit(.minutes(1))) struct HardeningTests {
  private static let sample = """
    name: sample
    tags: [a]
    defaults: &d {threshold: 0.5}
    execution:
      <<: *d
      targets: [x, {name: y, use_target: "${{ T }}"}]
    assertions:
      - {type: contains, value: "ü"}
    tests:
      - id: one
        input:
          - role: user
            content: [text, {type: file, value: a.txt}]
        expected_output: {a: [1, 2.5, null, true]}
        assertions:
          - plain text
          - {type: regex, value: "^\\\\d+$", weight: 2, required: 0.5}
      - file://cases.yaml
    """

  /// SplitMix64, so that a failing seed can be run again.
  private struct Random: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = state
      value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return value ^ (value >> 31)
    }
  }

  private func project() throws -> Project {
    try Project(["a.txt": "text", "cases.yaml": "- {id: two, input: i, criteria: c}"])
  }

  private func tryLoading(_ bytes: [UInt8], _ project: Project) throws {
    try FileIO.write(project.directory.file("s.eval.yaml"), bytes)
    do {
      _ = try project.load("s.eval.yaml")
    } catch {
      #expect(!error.description.isEmpty)
    }
  }

  @Test func `a file cut off at any byte is read or refused`() throws {
    let project = try project()
    let bytes = Array(Self.sample.utf8)
    for length in 0...bytes.count { try tryLoading(Array(bytes[..<length]), project) }
  }

  @Test(arguments: 0..<4) func `a file with random damage is read or refused`(seed: UInt64) throws {
    let project = try project()
    var random = Random(state: seed)
    let special = Array("{}[]:,&*!|>'\"%@`#-?~<\n\t \0\u{FF}$".utf8)
    for _ in 0..<100 {
      var bytes = Array(Self.sample.utf8)
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes.remove(at: index)
        case 1: bytes[index] = special.randomElement(using: &random) ?? 0
        default: bytes.insert(special.randomElement(using: &random) ?? 0, at: index)
        }
      }
      try tryLoading(bytes, project)
    }
  }

  @Test func `a pipe in the place of a file is refused instead of waited for`() throws {
    let project = try Project(["a.yaml": "tests: [file://pipe.yaml]"])
    #expect(mkfifo(project.directory.file("pipe.yaml"), 0o600) == 0)
    let error = #expect(throws: EvalFileError.self) { try project.load("a.yaml") }
    #expect(error?.description == "pipe.yaml: not a regular file; a pipe or a device is not read")
  }

  @Test(arguments: ["/dev/zero", "a\\0b", "../../../../dev/urandom", "."])
  func `a reference to what is no regular file is not found`(reference: String) throws {
    let (loaded, notes, _) = try test(
      "criteria: c\ninput: [{role: user, content: [go, {type: file, value: \"\(reference)\"}]}]")
    #expect(loaded?.prompt(style: .agent) == "go")
    #expect(notes.first?.contains("File not found: ") == true)
  }

  @Test(arguments: ["a/b", "..", "a\\0b", "%2F", "ü", " "])
  func `any text that is not empty is an id`(id: String) throws {
    let (suite, _, _) = try load("tests: [{id: \"\(id)\", input: i, criteria: c}]")
    #expect(suite.tests.count == 1)
  }

  @Test func `ten thousand tests load`() throws {
    var yaml = "tests:\n"
    for index in 0..<10_000 { yaml += "  - {id: t\(index), input: i, criteria: c}\n" }
    #expect(try load(yaml).suite.catalog.count == 10_000)
  }
}
