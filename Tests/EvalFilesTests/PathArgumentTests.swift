import Core
import TestSupport
import Testing

@testable import EvalFiles

@Suite struct PathArgumentTests {
  private func project() throws -> Project {
    try Project([
      "a.yaml": "", "evals/x.eval.yaml": "", "evals/sub/eval.yaml": "", "evals/sub/other.yaml": "",
      "evals/EVAL.yaml": "", "evals/UP.EVAL.YML": "", "data.jsonl": "", "notes.txt": "",
      "node_modules/evals/y.eval.yaml": "", "packages/p/evals/z.eval.yaml": "",
    ])
  }

  private func names(_ project: Project, _ paths: [String]) throws -> [String] {
    try EvalLoader.resolvePaths(paths, workingDirectory: project.directory.path)
      .map { Path.relative($0, to: project.directory.path) }
  }

  @Test(arguments: [
    (["a.yaml"], ["a.yaml"]),
    (["data.jsonl"], ["data.jsonl"]),
    ([" a.yaml ", "a.yaml"], ["a.yaml"]),
    (
      ["evals"],
      ["evals/EVAL.yaml", "evals/UP.EVAL.YML", "evals/sub/eval.yaml", "evals/x.eval.yaml"]
    ),
    (
      ["evals/**/*.yaml"],
      ["evals/EVAL.yaml", "evals/sub/eval.yaml", "evals/sub/other.yaml", "evals/x.eval.yaml"]
    ),
    (["evals/*.yaml", "!**/EVAL.yaml"], ["evals/x.eval.yaml"]),
    (["evals", "!evals/sub"], ["evals/EVAL.yaml", "evals/UP.EVAL.YML", "evals/x.eval.yaml"]),
    (["{a,b}.yaml"], ["a.yaml"]),
    (["*"], ["a.yaml", "data.jsonl"]),
  ])
  func `files, directories and globs give eval files, sorted, each once`(
    arguments: [String], expected: [String]
  ) throws {
    #expect(try names(project(), arguments) == expected)
  }

  @Test func `an absolute path and one with dots name the same file`() throws {
    let project = try project()
    #expect(
      try names(project, [project.directory.file("a.yaml"), "evals/../a.yaml"]) == ["a.yaml"])
  }

  @Test(
    arguments: [
      ([], "No eval paths provided. Name a file, a directory or a glob."),
      (["  "], "No eval paths provided. Name a file, a directory or a glob."),
      (["!a.yaml"], "No eval paths provided (only negation patterns found)."),
      (["nope.yaml"], "nope.yaml does not exist"),
      (["nope/*.yaml"], "nothing matches nope/*.yaml"),
      (["x[.yaml"], "in x[.yaml a bracket is never closed"),
      (["notes.txt"], "notes.txt is no .yaml, .yml or .jsonl file"),
      (["evals/*.yaml", "!**"], "No eval files matched any provided paths or globs: evals/*.yaml"),
    ] as [([String], String)])
  func `arguments that give nothing are explained`(arguments: [String], text: String) throws {
    let project = try project()
    let error = #expect(throws: EvalFileError.self) {
      try EvalLoader.resolvePaths(arguments, workingDirectory: project.directory.path)
    }
    #expect(error?.code == .noEvalFiles)
    #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
  }

  @Test func `discovery finds the eval files below evals directories, whatever their case`() throws
  {
    let project = try project()
    let found = EvalLoader.discover(project: project.directory.path)
    #expect(
      found.map(\.relativePath) == [
        "evals/EVAL.yaml", "evals/sub/eval.yaml", "evals/x.eval.yaml",
        "packages/p/evals/z.eval.yaml",
      ])
    #expect(found.map(\.category) == ["Uncategorized", "sub", "Uncategorized", "packages/p"])
  }

  @Test func `a loop of links is walked once`() throws {
    let project = try Project(["evals/a.eval.yaml": ""])
    try project.link("evals/loop", to: project.directory.path)
    #expect(
      EvalLoader.discover(project: project.directory.path).map(\.relativePath)
        == ["evals/a.eval.yaml"])
  }
}
