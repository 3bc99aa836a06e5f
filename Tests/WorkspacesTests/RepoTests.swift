import Core
import EvalFiles
import TestSupport
import Testing

@testable import Workspaces

@Suite(.timeLimit(.minutes(3))) struct RepoTests {
  private let fixture: Fixture

  init() throws { fixture = try Fixture() }

  private var checkout: RepoCheckout {
    RepoCheckout(git: Git(environment: fixture.environment))
  }

  private func materialized(_ change: (inout RepoSpec) -> Void) async throws -> String {
    let source = try await fixture.repository()
    var repo = RepoSpec(path: "lib", source: .local(path: source))
    change(&repo)
    let workspace = fixture.directory.file("w")
    try FileIO.createDirectories(workspace)
    try await checkout.materialize([repo], in: workspace)
    return "\(workspace)/lib"
  }

  @Test(
    arguments: [
      (nil, nil, 0, "commit 3\n"), ("main", nil, 0, "commit 3\n"), ("side", nil, 0, "side\n"),
      ("v1", nil, 0, "commit 2\n"), ("main", nil, 2, "commit 1\n"), ("side", "v1", 0, "commit 2\n"),
    ] as [(String?, String?, Int, String)])
  func `a branch, tag or commit is checked out, and one before it`(
    ref: String?, base: String?, ancestor: Int, text: String
  ) async throws {
    let directory = try await materialized {
      $0.ref = ref
      $0.baseCommit = base
      $0.ancestor = ancestor
    }
    #expect(try fixture.read("\(directory)/file.txt") == text)
  }

  @Test func `a shallow clone gets other branches and goes back as far as needed`() async throws {
    let directory = try await materialized {
      $0.depth = 1
      $0.ref = "side"
      $0.ancestor = 2
    }
    #expect(try fixture.read("\(directory)/file.txt") == "commit 2\n")
  }

  @Test func `only the directories that are named are checked out`() async throws {
    let directory = try await materialized { $0.sparse = ["src"] }
    #expect(FileIO.exists("\(directory)/src/a.txt"))
    #expect(!FileIO.exists("\(directory)/docs"))
  }

  @Test func `a git URL is resolved at its source`() async throws {
    let source = try await fixture.repository()
    let workspace = fixture.directory.file("w")
    try FileIO.createDirectories(workspace)
    let repo = RepoSpec(
      path: "lib", source: .git(url: "file://\(source)"), ref: "side", filter: "blob:none")
    try await checkout.materialize([repo], in: workspace)
    #expect(try fixture.read("\(workspace)/lib/file.txt") == "side\n")
  }

  @Test func `what cannot be cloned or checked out names the repository`() async throws {
    let workspace = fixture.directory.file("w")
    let missing = RepoSpec(
      path: "lib", source: .git(url: "file://user:secret@\(fixture.directory.file("none"))"))
    let error = await #expect(throws: WorkspaceError.self) {
      try await checkout.materialize([missing], in: workspace)
    }
    #expect(error?.code == .clone)
    #expect(error?.stage == "repo_setup")
    #expect(error?.description.hasPrefix("repo \"lib\" (file://") == true)
    let refused = await #expect(throws: WorkspaceError.self) {
      _ = try await materialized { $0.ref = "no-such-branch" }
    }
    #expect(refused?.description.contains("cannot check out \"no-such-branch\"") == true)
  }

  @Test func `a password in a URL is not shown`() {
    #expect(
      RepoCheckout.shown(.git(url: "https://user:secret@host/x.git")) == "https://host/x.git")
    #expect(RepoCheckout.shown(.git(url: "git@host:x.git")) == "git@host:x.git")
  }

  @Test func `local sources that are not there are all named`() {
    let error = #expect(throws: WorkspaceError.self) {
      try RepoCheckout.checkLocalSources([
        RepoSpec(path: "a", source: .local(path: "")),
        RepoSpec(path: "b", source: .local(path: "/no/such")),
      ])
    }
    #expect(error?.code == .localPathNotFound)
    #expect(error?.description.contains("repo \"a\": local source path is empty") == true)
    #expect(
      error?.description.contains("repo \"b\": local source path not found: /no/such") == true)
  }

  @Test(arguments: [(HookSpec.Reset.fast, true), (.strict, false)])
  func `a reset undoes changes; strict removes ignored files as well`(
    reset: HookSpec.Reset, isIgnoredKept: Bool
  ) async throws {
    let directory = try await materialized { _ in }
    try FileIO.write("\(directory)/file.txt", Array("changed".utf8))
    try FileIO.write("\(directory)/new.txt", [])
    try FileIO.write("\(directory)/.git/info/exclude", Array("ignored.txt\n".utf8))
    try FileIO.write("\(directory)/ignored.txt", [])
    try await checkout.reset(
      [RepoSpec(path: "lib", source: .local(path: "/x"))], in: Path.directory(directory), reset)
    #expect(try fixture.read("\(directory)/file.txt") == "commit 3\n")
    #expect(!FileIO.exists("\(directory)/new.txt"))
    #expect(FileIO.exists("\(directory)/ignored.txt") == isIgnoredKept)
  }

  @Test func `pooled workspaces are used again, put back, and locked meanwhile`() async throws {
    let source = try await fixture.repository()
    try fixture.directory.write("tpl/note.txt", "note")
    let spec = fixture.spec {
      $0.repos = [RepoSpec(path: "lib", source: .local(path: source), ref: "main")]
      $0.template = fixture.directory.file("tpl")
    }
    let test = fixture.test("t", spec)
    var paths: [String] = []
    for round in 1...2 {
      let set = fixture.set([test])
      let lease = try await set.mustBegin(test)
      paths.append(lease.path)
      #expect(try fixture.read("\(lease.path)/lib/file.txt") == "commit 3\n", "round \(round)")
      #expect(try fixture.read("\(lease.path)/note.txt") == "note")
      #expect(FileIO.exists("\(lease.path).lock"))
      let other = try await fixture.set([test]).mustBegin(test)
      #expect(other.path != lease.path, "a slot in use is passed over")
      try FileIO.write("\(lease.path)/lib/file.txt", Array("changed".utf8))
      try FileIO.write("\(lease.path)/note.txt", Array("changed".utf8))
      let outcome = try await set.answered(lease)
      #expect(outcome.fileChanges?.contains("+++ b/lib/file.txt") == true)
      #expect(outcome.fileChanges?.contains("+++ b/note.txt") == true)
      _ = await set.end(lease, failed: false)
      await set.close()
      #expect(!FileIO.exists("\(lease.path).lock"))
      #expect(FileIO.isDirectory(lease.path))
      PoolLock(path: "\(other.path).lock").release()
    }
    #expect(paths[0] == paths[1])
    #expect(paths[0].hasSuffix("/slot-0"))
    let metadata = try JSON.parse(try FileIO.read("\(Path.directory(paths[0]))/metadata.json"))
    #expect(metadata["fingerprint"]?.string == Path.name(Path.directory(paths[0])))
  }

  @Test func `each worker has a slot of its own, and the rest wait`() async throws {
    let source = try await fixture.repository()
    let spec = fixture.spec {
      $0.repos = [RepoSpec(path: "lib", source: .local(path: source), ref: "main")]
      $0.hooks = HookSet([.beforeAll: fixture.shell("echo prepared")])
    }
    let tests = (1...4).map { fixture.test("t\($0)", spec) }
    let set = fixture.set(tests, workers: 2)
    let paths = try await withThrowingTaskGroup(of: (String, String?).self) { group in
      for test in tests {
        group.addTask {
          let lease = try await set.mustBegin(test)
          _ = await set.end(lease, failed: false)
          return (lease.path, lease.beforeAllOutput)
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    let slots = Set(paths.map { $0.0 })
    #expect((1...2).contains(slots.count))
    #expect(paths.count { $0.1 == "prepared\n" } == slots.count, "once for each slot")
    await set.close()
  }

  @Test func `the name of a pool does not depend on how a URL is written`() {
    let one = RepoSpec(path: "a", source: .git(url: "https://Host/X.git"))
    let two = RepoSpec(path: "a", source: .git(url: "https://host/x"))
    #expect(WorkspacePool.fingerprint([one]) == WorkspacePool.fingerprint([two]))
    #expect(WorkspacePool.fingerprint([one]).count == 64)
    var other = one
    other.ref = "v2"
    #expect(WorkspacePool.fingerprint([one]) != WorkspacePool.fingerprint([other]))
  }

  @Test func `a lock of a process that is gone is taken over, one of a living process is not`()
    throws
  {
    let lock = PoolLock(path: fixture.directory.file("slot-0.lock"))
    for text in ["999999999", "999999999\n5\n", "\(ProcessEnvironment.processID)\n1\n", "junk"] {
      try FileIO.write(lock.path, Array(text.utf8))
      #expect(try lock.take(), "\(text)")
      #expect(lock.isHeld)
      lock.release()
    }
    try FileIO.write(lock.path, Array("\(ProcessEnvironment.processID)".utf8))
    #expect(try !lock.take(), "as upstream writes it, without a start time")
    lock.release()
    #expect(try lock.take())
    #expect(try !lock.take())
  }
}
