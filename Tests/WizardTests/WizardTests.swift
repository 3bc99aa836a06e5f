import Core
import RunArtifacts
import TestSupport
import Testing

@testable import EvalFiles
@testable import Wizard

struct WizardTests {
  private func file(_ path: String, _ category: String) -> DiscoveredEval {
    DiscoveredEval(path: "/p/\(path)", relativePath: path, category: category)
  }

  private func answer(_ wizard: Wizard, _ keys: [Key]) -> (Wizard, WizardResult?) {
    var wizard = wizard
    for key in keys {
      if let result = wizard.handle(key) { return (wizard, result) }
    }
    return (wizard, nil)
  }

  private var last: LastConfig {
    LastConfig(
      timestamp: "t", cwd: "/p", evalPaths: ["/p/a"], target: "x", workers: 7, dryRun: true,
      cache: false)
  }

  @Test func `a new evaluation is chosen by category, files, target and settings`() {
    let wizard = Wizard(
      WizardProject(
        cwd: "/p", files: [file("a/evals/x.eval.yaml", "a"), file("b/evals/y.eval.yaml", "b")],
        targets: [("default", ""), ("gpt", "")]))
    let (open, none) = answer(wizard, [.enter, .down, .down, .enter])
    #expect(none == nil && open.prompt.title == "Eval files" && open.prompt.items.count == 1)
    // All of few files are ticked; then the second target; then fewer workers and a dry run.
    let (_, result) = answer(
      open, [.enter, .down, .down, .enter, .down, .left, .down, .right, .home, .enter])
    #expect(
      result
        == .run(
          LastConfig(
            timestamp: "", cwd: "/p", evalPaths: ["/p/b/evals/y.eval.yaml"], target: "gpt",
            workers: 2, dryRun: true, cache: false)))
  }

  @Test func `what there is only one of is not asked for`() {
    let wizard = Wizard(WizardProject(cwd: "/p", files: [file("evals/x.eval.yaml", "a")]))
    let (files, _) = answer(wizard, [.enter])
    #expect(files.prompt.kind == .many)
    let (_, result) = answer(files, [.enter, .enter])
    #expect(
      result
        == .run(
          LastConfig(
            timestamp: "", cwd: "/p", evalPaths: ["/p/evals/x.eval.yaml"], target: nil,
            workers: 3, dryRun: false, cache: false)))
  }

  @Test func `escape goes back to what was asked before and keeps the answers`() {
    let files = (0..<8).map { file("evals/\($0).eval.yaml", "c") }
    let wizard = Wizard(
      WizardProject(cwd: "/p", files: files, targets: [("one", ""), ("two", "")]))
    let (target, _) = answer(wizard, [.enter, .down, .space, .enter])
    #expect(target.prompt.title == "Target")
    let (again, _) = answer(target, [.escape])
    #expect(again.prompt.title == "Eval files" && again.prompt.ticked == [1])
    let (_, result) = answer(again, [.escape, .escape])
    #expect(result == .nothing(exitCode: 0))
  }

  @Test func `the last run and the last configuration are offered first, where they are of here`() {
    let project = WizardProject(
      cwd: "/p", files: [file("evals/x.eval.yaml", "a")], last: last, resumable: "/p/run")
    #expect(
      Wizard(project).prompt.items.map(\.label) == [
        "Resume last run", "Rerun last configuration", "Run new evaluation", "Exit",
      ])
    #expect(answer(Wizard(project), [.enter]).1 == .resume(directory: "/p/run"))
    #expect(answer(Wizard(project), [.down, .enter]).1 == .run(last))
    #expect(answer(Wizard(project), [.end, .enter]).1 == .nothing(exitCode: 0))
    #expect(answer(Wizard(project), [.interrupt]).1 == .nothing(exitCode: 130))
    var elsewhere = project
    elsewhere.cwd = "/q"
    elsewhere.resumable = nil
    #expect(Wizard(elsewhere).prompt.items.map(\.label) == ["Run new evaluation", "Exit"])
  }

  @Test func `a project without eval files says how to get one`() {
    let (wizard, result) = answer(Wizard(WizardProject(cwd: "/p", files: [])), [.enter])
    #expect(result == nil && wizard.note.contains("agentv init"))
  }

  @Test func `the last configuration is kept as AgentV keeps it`() throws {
    let home = try TemporaryDirectory()
    #expect(LastConfig.read(home: home.path) == nil)
    try last.write(home: home.path)
    #expect(LastConfig.read(home: home.path) == last)
    let json = try JSON.parse(FileIO.read(LastConfig.path(home: home.path)))
    #expect(
      json.object?.names == [
        "timestamp", "cwd", "evalPaths", "target", "workers", "dryRun", "cache",
      ])
    var explicit = last
    explicit.target = "default"
    try explicit.write(home: home.path)
    #expect(LastConfig.read(home: home.path)?.target == "default")
    // Written by AgentV itself, and by something else.
    try home.write(
      ".agentv/last-config.json",
      #"{"cwd":"/p","evalPaths":["/p/a"],"workers":99,"outputDir":"/p/run","new":1}"#)
    let read = try #require(LastConfig.read(home: home.path))
    #expect(read.workers == 50 && read.outputDir == "/p/run" && read.target == nil)
    for text in ["", "[]", "{}", #"{"evalPaths":[1],"cwd":"/"}"#, "nonsense"] {
      try home.write(".agentv/last-config.json", text)
      #expect(LastConfig.read(home: home.path) == nil)
    }
  }

  @Test func `a project is looked through for files, targets and the run that can go on`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(".git/x", "")
    try directory.write("evals/a.eval.yaml", "tests: []")
    try directory.write(".agentv/targets.yaml", "targets:\n  - {name: one, provider: mock}\n")
    try directory.write("out/index.jsonl", "")
    var project = WizardProject(cwd: directory.path, home: nil, patterns: nil)
    #expect(project.files.map(\.relativePath) == ["evals/a.eval.yaml"])
    #expect(project.targets.map(\.name) == ["one"] && project.resumable == nil)
    try LastRun.write(directory.file("out"), project: directory.path, at: .now())
    project = WizardProject(cwd: directory.path, home: nil, patterns: ["*.yaml"])
    #expect(project.files.isEmpty && project.resumable == directory.file("out"))
    let lock = try FileLock(directory.file("out/.writer.lock"))
    project = WizardProject(cwd: directory.path, home: nil, patterns: nil)
    #expect(project.resumable == nil, "it is being written")
    withExtendedLifetime(lock) {}
  }
}
