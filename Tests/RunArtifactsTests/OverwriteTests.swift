import Core
import Glibc
import TestSupport
import Testing

@testable import RunArtifacts

@Suite(.timeLimit(.minutes(1))) struct OverwriteTests {
  @Test(arguments: [
    "link/victim/grading.json", "../beside/grading.json", "a/../../beside/grading.json",
    "../\u{301}x/grading.json", "grading.json", "./grading.json", "/victim/grading.json",
  ])
  func `overwriting removes nothing outside of the run, whatever its rows say`(
    _ gradingPath: String
  ) throws {
    let scratch = try TemporaryDirectory()
    let runs = ".agentv/results/runs/default"
    let outside = [
      try scratch.write("outside/victim/file", "x"), try scratch.write("\(runs)/beside/file", "x"),
      try scratch.write("\(runs)/\u{301}x/file", "x"),
    ]
    let row: JSON = [
      "test_id": "a", "target": "t", "score": 1, "execution_status": "ok",
      "grading_path": .string(gradingPath),
    ]
    try scratch.write("\(runs)/run/index.jsonl", row.text + "\n")
    try scratch.link("\(runs)/run/link", to: scratch.file("outside"))
    let run = RunDirectory(path: scratch.file("\(runs)/run"), project: scratch.path)
    #expect(try run.read().rows.first?.gradingPath == gradingPath)
    do { _ = try RunWriter.open(run, mode: .overwrite, onCommit: { _ in }) }
    for file in outside { #expect(FileIO.exists(file)) }
    #expect(try run.read().rows.isEmpty)
  }
}
