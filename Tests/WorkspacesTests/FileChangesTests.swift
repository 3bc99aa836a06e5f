import Core
import EvalFiles
import TestSupport
import Testing

@testable import Workspaces

@Suite(.timeLimit(.minutes(2))) struct FileChangesTests {
  private let fixture: Fixture

  init() throws { fixture = try Fixture() }

  private func changes(_ change: (String) async throws -> Void) async throws -> String? {
    let workspace = fixture.directory.file("w")
    try FileIO.createDirectories(workspace)
    let before = try #require(
      try await FileChanges.take(
        of: workspace, store: fixture.directory.file("store"),
        git: Git(environment: fixture.environment)))
    try await change(workspace)
    return try await before.diff()
  }

  @Test func `nothing changed is no diff`() async throws {
    try fixture.directory.write("w/a.txt", "a\n")
    #expect(try await changes { _ in } == nil)
  }

  @Test func `new, changed and removed files are in the diff`() async throws {
    for name in ["a", "b", "c"] { try fixture.directory.write("w/\(name).txt", "\(name)\n") }
    let diff = try #require(
      try await changes { workspace in
        try FileIO.write("\(workspace)/a.txt", Array("changed\n".utf8))
        try FileIO.remove("\(workspace)/b.txt")
        try FileIO.write("\(workspace)/new.txt", Array("new\n".utf8))
      })
    for line in [
      "--- a/a.txt", "+++ b/a.txt", "-a", "+changed", "deleted file mode", "--- a/b.txt",
      "+++ /dev/null", "--- /dev/null", "+++ b/new.txt",
    ] {
      #expect(diff.split(separator: "\n").contains { $0.hasPrefix(line) }, "\(line) in \(diff)")
    }
    #expect(!diff.contains("c.txt"))
  }

  @Test func `repositories inside are looked into, and nobody's index changes`() async throws {
    _ = try await fixture.repository("w/lib")
    let head = try await fixture.git("rev-parse", "HEAD", in: "w/lib")
    let diff = try #require(
      try await changes { workspace in
        try FileIO.write("\(workspace)/lib/file.txt", Array("changed\n".utf8))
        try FileIO.write("\(workspace)/top.txt", Array("t\n".utf8))
      })
    #expect(diff.contains("--- a/lib/file.txt\n+++ b/lib/file.txt"))
    #expect(diff.contains("+++ b/top.txt"))
    #expect(try await fixture.git("rev-parse", "HEAD", in: "w/lib") == head)
    #expect(try await fixture.git("diff", "--cached", "--stat", in: "w/lib").isEmpty)
    #expect(!FileIO.exists(fixture.directory.file("w/.git")))
  }

  @Test func `a workspace that is the user's repository gets no commit`() async throws {
    _ = try await fixture.repository("w")
    let head = try await fixture.git("rev-parse", "HEAD", in: "w")
    let diff = try await changes { workspace in
      try FileIO.write("\(workspace)/file.txt", Array("changed\n".utf8))
    }
    #expect(diff?.contains("+++ b/file.txt") == true)
    #expect(try await fixture.git("rev-parse", "HEAD", in: "w") == head)
    #expect(try await fixture.git("diff", "--cached", "--stat", in: "w").isEmpty)
  }

  @Test func `without git there are no changes, and no error`() async throws {
    let taken = try await FileChanges.take(
      of: fixture.directory.path, store: fixture.directory.file("store"),
      git: Git(environment: ["PATH": "/nowhere"]))
    #expect(taken == nil)
  }
}
