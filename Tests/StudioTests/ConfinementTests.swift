import Core
import Glibc
import TestSupport
import Testing

@testable import Studio

struct ConfinementTests {
  private func path(_ text: String, in project: String) throws -> String {
    try Confinement.runDirectory(text, project: project, field: "output")
  }

  @Test func `a run directory may be named from the project and from its results`() throws {
    let project = try TemporaryDirectory()
    let run = "\(project.path)/.agentv/results/runs/default/x"
    #expect(try path(".agentv/results/runs/default/x", in: project.path) == run)
    #expect(try path("runs/default/x", in: project.path) == run)
    #expect(try path(run, in: project.path) == run)
  }

  @Test(arguments: [
    "/etc", "../x", "runs/../../../x", "/", ".", "..", ".agentv/results", ".agentv/results/runs",
    ".agentv/results/../../x/../../y", "/tmp/.agentv/results/runs/x",
  ])
  func `a path that leads out of the results is refused`(_ text: String) throws {
    let project = try TemporaryDirectory()
    let error = #expect(throws: RequestError.self) { try path(text, in: project.path) }
    #expect(error?.code == "outside-project" && error?.field == "output")
  }

  @Test func `a link that leads out is refused, also a dangling one`() throws {
    let project = try TemporaryDirectory()
    let elsewhere = try TemporaryDirectory()
    let runs = "\(project.path)/.agentv/results/runs"
    try FileIO.createDirectories(runs)
    #expect(symlink(elsewhere.path, "\(runs)/out") == 0)
    #expect(symlink("\(elsewhere.path)/missing", "\(runs)/dangling") == 0)
    #expect(throws: RequestError.self) { try path("runs/out", in: project.path) }
    #expect(throws: RequestError.self) { try path("runs/out/x", in: project.path) }
    #expect(throws: RequestError.self) { try path("runs/dangling", in: project.path) }
  }

  @Test func `links that lead in a circle are refused`() throws {
    let project = try TemporaryDirectory()
    let runs = "\(project.path)/.agentv/results/runs"
    try FileIO.createDirectories(runs)
    #expect(symlink("self", "\(runs)/self") == 0)
    #expect(symlink("there", "\(runs)/here") == 0)
    #expect(symlink("here/x", "\(runs)/there") == 0)
    for name in ["self", "self/x", "here", "there/x/y"] {
      #expect(throws: RequestError.self) { try path("runs/\(name)", in: project.path) }
    }
    #expect(!Confinement.isInside(project: project.path, ".agentv/results/runs/self"))
  }

  @Test func `dots before an accent lead up as any others`() throws {
    let project = try TemporaryDirectory()
    try FileIO.createDirectories("\(project.path)/.agentv/results/runs")
    for text in ["../\u{301}x", "runs/../../\u{301}x"] {
      #expect(throws: RequestError.self) { try path(text, in: project.path) }
    }
  }
}
