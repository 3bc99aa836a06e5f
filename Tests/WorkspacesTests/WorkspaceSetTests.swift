import Core
import EvalFiles
import TestSupport
import Testing

@testable import Workspaces

@Suite(.timeLimit(.minutes(2))) struct WorkspaceSetTests {
  private let fixture: Fixture

  init() throws {
    fixture = try Fixture([
      "tpl/a.txt": "base\n", "tpl/sub/run.sh": "echo", "tpl/.git/config": "x", "tpl/.hidden": "h",
    ])
  }

  @Test func `a shared workspace is the template without its git directory, and goes at the end`()
    async throws
  {
    let spec = fixture.spec { $0.template = fixture.directory.file("tpl") }
    let tests = [fixture.test("one", spec), fixture.test("two", spec)]
    let set = fixture.set(tests)
    let first = try await set.mustBegin(tests[0])
    #expect(try FileIO.list(first.path) == [".hidden", "a.txt", "sub"])
    #expect(await set.end(first, failed: false) == nil)
    await set.finished(tests[0].workspace)
    let second = try await set.mustBegin(tests[1])
    #expect(second.path == first.path)
    _ = await set.end(second, failed: false)
    await set.finished(tests[1].workspace)
    #expect(!FileIO.exists(first.path), "the last test has ended")
    await set.close()
    #expect(!FileIO.exists(Path.directory(first.path)))
    #expect(await set.preserved.isEmpty)
  }

  @Test func `tests with another workspace do not share it`() async throws {
    let one = fixture.spec { $0.template = fixture.directory.file("tpl") }
    let two = fixture.spec { $0.template = fixture.directory.file("tpl/sub") }
    let tests = [fixture.test("one", one), fixture.test("two", two), fixture.test("none", nil)]
    let set = fixture.set(tests)
    let first = try await set.mustBegin(tests[0])
    let second = try await set.mustBegin(tests[1])
    #expect(first.path != second.path)
    #expect(FileIO.exists("\(second.path)/run.sh"))
    #expect(try await set.begin(tests[2]) == nil)
    await set.close()
  }

  @Test func `per_test gives every test a fresh one and keeps that of a failure`() async throws {
    let spec = fixture.spec {
      $0.template = fixture.directory.file("tpl")
      $0.isolation = .perTest
    }
    let tests = ["good", "bad", "a/b..", ".."].map { fixture.test($0, spec) }
    let set = fixture.set(tests)
    var leases: [WorkspaceLease] = []
    for test in tests { leases.append(try await set.mustBegin(test)) }
    #expect(Set(leases.map(\.path)).count == 4)
    let root = Path.directory(leases[0].path)
    for lease in leases { #expect(Path.directory(lease.path) == root) }
    #expect(await set.end(leases[0], failed: false) == nil)
    #expect(await set.end(leases[1], failed: true) == leases[1].path)
    for lease in leases[2...] { _ = await set.end(lease, failed: false) }
    await set.close()
    #expect(!FileIO.exists(leases[0].path))
    #expect(FileIO.exists("\(leases[1].path)/a.txt"))
    #expect(await set.preserved.map(\.name) == ["bad"])
  }

  @Test func `a second try of a test gets a workspace of its own`() async throws {
    let spec = fixture.spec {
      $0.template = fixture.directory.file("tpl")
      $0.isolation = .perTest
    }
    let test = fixture.test("t", spec)
    let set = fixture.set([test])
    let first = try await set.mustBegin(test)
    #expect(await set.end(first, failed: true) != nil)
    #expect(try await set.mustBegin(test).path != first.path)
    await set.close()
  }

  @Test func `keep-workspaces keeps all`() async throws {
    let spec = fixture.spec { $0.template = fixture.directory.file("tpl") }
    let test = fixture.test("t", spec)
    let set = fixture.set([test]) { $0.keepsAll = true }
    let lease = try await set.mustBegin(test)
    _ = await set.end(lease, failed: false)
    await set.finished(test.workspace)
    await set.close()
    #expect(FileIO.exists("\(lease.path)/a.txt"))
    #expect(await set.preserved.map(\.path) == [lease.path])
  }

  @Test func `a shared workspace of which a test failed is kept`() async throws {
    let spec = fixture.spec { $0.template = fixture.directory.file("tpl") }
    let test = fixture.test("t", spec)
    let set = fixture.set([test])
    let lease = try await set.mustBegin(test)
    _ = await set.end(lease, failed: true)
    await set.close()
    #expect(FileIO.exists(lease.path))
    #expect(await set.preserved.map(\.name) == ["shared"])
  }

  @Test func `hooks run in order, around all and around each, the target's inside`() async throws {
    let log = fixture.directory.file("log")
    func hooks(_ who: String) -> HookSet {
      HookSet(

        Dictionary(
          uniqueKeysWithValues: HookPoint.allCases.map { point in
            let word = "\(who)\(point.rawValue)"
            return (point, fixture.shell("echo \(word) >> \(log); echo said-\(word)"))
          }))
    }
    let spec = fixture.spec { $0.hooks = hooks("w-") }
    let tests = [fixture.test("one", spec), fixture.test("two", spec)]
    let set = fixture.set(tests, hooks: hooks("t-"))
    var outputs: [String?] = []
    for test in tests {
      let lease = try await set.mustBegin(test)
      outputs += [lease.beforeAllOutput, lease.beforeEachOutput]
      outputs.append(try await set.answered(lease).afterEachOutput)
      _ = await set.end(lease, failed: false)
      await set.finished(test.workspace)
    }
    await set.close()
    let each = [
      "w-before_each", "t-before_each", "t-after_each", "w-after_each",
    ]
    #expect(
      try fixture.read(log).split(separator: "\n").map(String.init)
        == ["w-before_all", "t-before_all"] + each + each + ["t-after_all", "w-after_all"])
    #expect(
      outputs == [
        "said-w-before_all\nsaid-t-before_all\n", "said-w-before_each\nsaid-t-before_each\n",
        "said-t-after_each\nsaid-w-after_each\n", nil,
        "said-w-before_each\nsaid-t-before_each\n", "said-t-after_each\nsaid-w-after_each\n",
      ])
  }

  @Test func `a hook is told everything on stdin and by placeholders`() async throws {
    let out = fixture.directory.file("out.json")
    let hook = HookSpec(command: [
      "sh", "-c",
      "cat > \(out); printf '%s|%s|%s|%s' \"$1\" \"$2\" \"$3\" \"$AGENTV_WORKSPACE_PATH\"",
      "sh", "{{workspace_path}}", "{{test_id}} {{ case_input }}", "{{unknown}}{{case_metadata}}",
    ])
    let spec = fixture.spec { $0.hooks = HookSet([.beforeEach: hook]) }
    let test = fixture.test("t", spec)
    let set = fixture.set([test])
    let lease = try await set.mustBegin(test)
    #expect(
      lease.beforeEachOutput
        == "\(lease.path)|t question of t|{{unknown}}{\"k\":\"t\"}|\(lease.path)")
    let told = try JSON.parse(try FileIO.read(out))
    #expect(told["workspace_path"] == .string(lease.path))
    #expect(told["test_id"] == "t")
    #expect(told["case_input"] == "question of t")
    #expect(told["case_metadata"] == ["k": "t"])
    #expect(told["eval_run_id"]?.string?.count == 36)
    await set.close()
  }

  @Test(arguments: [
    (HookPoint.beforeAll, WorkspaceError.Code.setup), (.beforeEach, .script),
  ])
  func `a hook before that fails leaves the test out`(
    point: HookPoint, code: WorkspaceError.Code
  ) async throws {
    let spec = fixture.spec {
      $0.hooks = HookSet([point: fixture.shell("echo broken >&2; exit 3")])
    }
    let test = fixture.test("t", spec)
    let set = fixture.set([test])
    let error = await #expect(throws: WorkspaceError.self) { try await set.begin(test) }
    #expect(error?.code == code)
    #expect(error?.description.contains("\(point.rawValue) hook: Script failed: broken") == true)
    await set.close()
  }

  @Test func `a hook after that fails is only a warning`() async throws {
    let spec = fixture.spec {
      $0.hooks = HookSet(
        [.afterEach: fixture.shell("exit 3"), .afterAll: fixture.shell("exit 4")])
    }
    let test = fixture.test("t", spec)
    let set = fixture.set([test])
    let lease = try await set.mustBegin(test)
    #expect(try await set.answered(lease).afterEachOutput == nil)
    _ = await set.end(lease, failed: false)
    await set.close()
    #expect(fixture.warnings.all.count == 2, "\(fixture.warnings.all)")
  }

  @Test func `a hook that takes too long is stopped and says so`() async throws {
    let spec = fixture.spec {
      var hook = fixture.shell("sleep 600")
      hook.timeoutMS = 50
      $0.hooks = HookSet([.beforeEach: hook])
    }
    let test = fixture.test("t", spec)
    let error = await #expect(throws: WorkspaceError.self) {
      try await fixture.set([test]).begin(test)
    }
    #expect(error?.description.contains("before_each hook took more than") == true)
  }

  @Test func `hooks that are switched off do not run`() async throws {
    let spec = fixture.spec {
      $0.template = fixture.directory.file("tpl")
      $0.hooks = HookSet(enabled: false, [.beforeAll: fixture.shell("exit 1")])
    }
    let test = fixture.test("t", spec)
    let set = fixture.set([test])
    #expect(try await set.begin(test) != nil)
    await set.close()
  }

  @Test(arguments: [
    ("none", WorkspaceError.Code.template, "Workspace template not found"),
    ("tpl/a.txt", .template, "Workspace template is not a directory"),
  ])
  func `a template that is none is named`(
    name: String, code: WorkspaceError.Code, text: String
  ) async throws {
    let spec = fixture.spec { $0.template = fixture.directory.file(name) }
    let test = fixture.test("t", spec)
    let error = await #expect(throws: WorkspaceError.self) {
      try await fixture.set([test]).begin(test)
    }
    #expect(error?.code == code)
    #expect(error?.description.contains(text) == true)
  }

  @Test func `a code-workspace file stands for its directory`() async throws {
    try fixture.directory.write("tpl/x.code-workspace", "{}")
    let spec = fixture.spec { $0.template = fixture.directory.file("tpl/x.code-workspace") }
    let test = fixture.test("t", spec)
    let set = fixture.set([test])
    #expect(FileIO.exists("\(try await set.mustBegin(test).path)/a.txt"))
    await set.close()
  }

  @Test func `files of a test are copied to where they belong`() async throws {
    let spec = fixture.spec {
      $0.isolation = .perTest
      $0.files = [
        WorkspaceFile(
          source: fixture.directory.file("tpl/a.txt"), destination: "evals/files/a.txt"),
        WorkspaceFile(source: fixture.directory.file("tpl/sub"), destination: "sub"),
      ]
    }
    let test = fixture.test("t", spec)
    let set = fixture.set([test])
    let lease = try await set.mustBegin(test)
    #expect(try fixture.read("\(lease.path)/evals/files/a.txt") == "base\n")
    #expect(FileIO.exists("\(lease.path)/sub/run.sh"))
    await set.close()
  }

  @Test func `a static workspace is filled once and stays`() async throws {
    let spec = fixture.spec {
      $0.path = "mine"
      $0.template = fixture.directory.file("tpl")
    }
    let test = fixture.test("t", spec)
    for round in 1...2 {
      let set = fixture.set([test])
      let lease = try await set.mustBegin(test)
      #expect(lease.path == fixture.directory.file("mine"))
      if round == 1 { try FileIO.write("\(lease.path)/a.txt", Array("changed".utf8)) }
      _ = await set.end(lease, failed: false)
      await set.finished(test.workspace)
      await set.close()
    }
    #expect(try fixture.read(fixture.directory.file("mine/a.txt")) == "changed")
  }

  @Test func `what is missing is named before anything else is done`() async throws {
    let spec = fixture.spec {
      $0.requirements = WorkspaceRequirements(
        commands: ["sh", "no-such-program"], pythonModules: ["no_such_module", "os; x"])
      $0.hooks = HookSet([.beforeAll: fixture.shell("touch ran")])
    }
    let test = fixture.test("t", spec)
    let error = await #expect(throws: WorkspaceError.self) {
      try await fixture.set([test]).begin(test)
    }
    #expect(error?.description.contains("commands not found in PATH: no-such-program") == true)
    #expect(error?.description.contains("no_such_module, os; x") == true)
    #expect(!FileIO.exists(fixture.directory.file("ran")))
  }

  @Test func `a container without a docker client is refused with the remedy`() async throws {
    let spec = fixture.spec { $0.docker = DockerSpec(image: "x") }
    let test = fixture.test("t", spec)
    let set = fixture.set([test]) { $0.environment["PATH"] = "/nowhere" }
    let error = await #expect(throws: WorkspaceError.self) { try await set.begin(test) }
    #expect(error?.description.contains("Docker CLI is not available") == true)
  }

  @Test func `workers that share a workspace are warned about once`() async throws {
    let spec = fixture.spec { $0.template = fixture.directory.file("tpl") }
    let tests = [fixture.test("one", spec), fixture.test("two", spec)]
    let set = fixture.set(tests, workers: 2)
    for test in tests { _ = try await set.begin(test) }
    await set.close()
    #expect(fixture.warnings.all.count { $0.contains("shared workspace with 2 workers") } == 1)
  }

  @Test func `a stopped test has no workspace and leaves none`() async throws {
    let started = fixture.directory.file("started")
    let spec = fixture.spec {
      $0.isolation = .perTest
      $0.hooks = HookSet([.beforeAll: fixture.shell("touch \(started); exec sleep 600")])
    }
    let test = fixture.test("t", spec)
    let set = fixture.set([test])
    let work = Task { () -> WorkspaceError.Code? in
      do throws(WorkspaceError) {
        _ = try await set.begin(test)
        return nil
      } catch {
        return error.code
      }
    }
    while !FileIO.exists(started) { await Task.yield() }
    work.cancel()
    #expect(await work.value == .cancelled)
    await set.close()
    #expect(
      ((try? FileIO.list(fixture.directory.file("home/workspaces"))) ?? []).isEmpty)
  }
}
