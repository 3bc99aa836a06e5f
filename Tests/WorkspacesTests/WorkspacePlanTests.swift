import Core
import EvalFiles
import TestSupport
import Testing

@testable import Workspaces

@Suite struct WorkspacePlanTests {
  private let fixture: Fixture

  init() throws { fixture = try Fixture() }

  private func plan(
    _ change: (inout WorkspaceSpec) -> Void,
    _ settings: (inout WorkspaceSettings) -> Void = { _ in }
  ) throws -> WorkspacePlan {
    var chosen = fixture.settings
    settings(&chosen)
    return try WorkspacePlan(fixture.spec(change).value, chosen)
  }

  private static let repo = RepoSpec(path: "r", source: .git(url: "u"))

  @Test func `without template, hooks, repositories or files there is no workspace`() throws {
    #expect(try plan { $0.isolation = .perTest } == .none)
    #expect(try plan { $0.requirements = WorkspaceRequirements(commands: ["sh"]) } == .none)
    #expect(try WorkspacePlan(nil, fixture.settings) == .none)
  }

  @Test func `a template is shared unless every test wants its own`() throws {
    #expect(try plan { $0.template = "/t" } == .shared)
    #expect(
      try plan {
        $0.template = "/t"
        $0.isolation = .perTest
      } == .perTest)
  }

  @Test func `repositories come from the pool unless a mode or the project says otherwise`() throws
  {
    #expect(try plan { $0.repos = [Self.repo] } == .pooled)
    #expect(
      try plan {
        $0.repos = [Self.repo]
        $0.mode = .temp
      } == .shared)
    #expect(try plan({ $0.repos = [Self.repo] }) { $0.usesPool = false } == .shared)
    #expect(try plan({ $0.repos = [Self.repo] }) { $0.mode = .temp } == .shared)
    #expect(
      try plan {
        $0.repos = [Self.repo]
        $0.isolation = .perTest
      } == .perTest)
  }

  @Test func `a path makes it static, from the working directory`() throws {
    #expect(
      try plan { $0.path = "w" }
        == .fixed(path: fixture.directory.file("w"), isFilled: true))
  }

  @Test func `the command line's directory goes before everything, also without a workspace`()
    throws
  {
    var settings = fixture.settings
    settings.path = "/given"
    #expect(try WorkspacePlan(nil, settings) == .fixed(path: "/given", isFilled: false))
    #expect(
      try plan({ $0.template = "/t" }) { $0.path = "/given" }
        == .fixed(path: "/given", isFilled: false))
  }

  @Test func `static without a path is temp, and refused with repositories`() throws {
    #expect(
      try plan {
        $0.template = "/t"
        $0.mode = .static
      } == .shared)
    #expect(throws: WorkspaceError.self) {
      try plan {
        $0.repos = [Self.repo]
        $0.mode = .static
      }
    }
    #expect(throws: WorkspaceError.self) {
      try plan {
        $0.path = "w"
        $0.isolation = .perTest
      }
    }
  }

  @Test func `AGENTV_HOME is where workspaces live, else the user's home`() {
    let own = WorkspaceHome(
      environment: ["AGENTV_HOME": "h", "HOME": "/u"], workingDirectory: "/w")
    #expect(own.workspaces == "/w/h/workspaces")
    let home = WorkspaceHome(environment: ["HOME": "/u"], workingDirectory: "/w")
    #expect(home.pool == "/u/.agentv/workspace-pool")
  }
}
