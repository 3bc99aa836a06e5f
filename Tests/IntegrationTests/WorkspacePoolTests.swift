import Core
import TestSupport
import Testing

/// `agentv workspace list` and `clean`: the pool of workspaces below `AGENTV_HOME`.
@Suite(.timeLimit(.minutes(1))) struct WorkspacePoolTests {
  private let project: EvalProject
  private let home: [String: String]

  init() throws {
    project = try EvalProject()
    home = ["AGENTV_HOME": project.path + "/home"]
  }

  /// Writes a pool with one slot.
  private func pool(_ name: String, repo: String) throws {
    let directory = "home/workspace-pool/\(name)"
    try project.scratch.write("\(directory)/slot-0/file.txt", String(repeating: "x", count: 2048))
    try project.scratch.write(
      "\(directory)/metadata.json",
      """
      {"templatePath": "/t", "createdAt": "2026-05-08T09:34:33Z",
       "repos": [{"source": {"type": "git", "url": "\(repo)"}}, {"repo": "\(repo)"}]}
      """)
  }

  @Test func `the pools are listed with slots, size and repositories, as text and as JSON`()
    async throws
  {
    let none = try await project.run("workspace", "list", environment: home)
    #expect(none.code == 0 && none.stdout == "No workspace pool entries found.\n")
    try pool("aaaaaaaaaaaaaaaa", repo: "https://example.com/one/app.git")
    let text = try await project.run("workspace", "list", environment: home)
    #expect(text.code == 0, "\(text.stderr)")
    #expect(text.stdout.contains("aaaaaaaaaaaa...") && text.stdout.contains("Slots: 1"))
    let listed = try await project.run("workspace", "list", "--json", environment: home)
    let entry = try #require(try JSON.parse(Array(listed.stdout.utf8)).array?.first)
    #expect(entry["slots"] == 1 && entry["in_use"] == 0)
    #expect((entry["size_bytes"]?.int ?? 0) >= 2048)
  }

  @Test func `a pool goes when that is forced or answered with yes, and stays otherwise`()
    async throws
  {
    try pool("aaaaaaaaaaaaaaaa", repo: "https://example.com/one/app.git")
    try pool("bbbbbbbbbbbbbbbb", repo: "https://example.com/two/lib.git")
    let kept = try await project.run("workspace", "clean", environment: home)
    #expect(kept.code == 0 && kept.stdout.contains("Cancelled."), "nobody answers")
    let other = try await project.run(
      "workspace", "clean", "--repo", "nowhere", "--force", environment: home)
    #expect(other.code == 0 && other.stdout.contains("No workspace pool entries found"))
    let one = try await project.run(
      "workspace", "clean", "--repo", "TWO/lib", "--force", environment: home)
    #expect(one.code == 0 && one.stdout.contains("Removed: bbbbbbbbbbbb..."), "\(one.stdout)")
    let root = project.scratch.file("home/workspace-pool")
    #expect(try FileIO.list(root) == ["aaaaaaaaaaaaaaaa"])
    let all = try await project.run("workspace", "clean", "--force", environment: home)
    #expect(all.code == 0 && all.stdout.contains("Workspace pool cleaned."))
    #expect(try FileIO.list(root).isEmpty)
  }
}
