import Core
import RunArtifacts
import Supervisor
import TestSupport
import Testing

@testable import RunControl

struct RunFinderTests {
  private let project: RunProject

  init() throws {
    project = try RunProject()
    try project.run("2026-05-08T09-30-00-000Z")
    try project.run("2026-05-08T09-31-00-000Z")
    try project.run("2026-05-08T09-31-00-000Z", experiment: "other")
    let begun = try project.run("2026-05-09T09-00-00-000Z")
    try project.job("studio-20260509-090000-aaaa", in: begun, end: ["exit_code": 143])
    try project.job("studio-20260509-091500-abab", in: begun, end: ["exit_code": 0])
    let never = project.directory("2026-05-10T00-00-00-000Z")
    try project.job("detached-20260510-000000-zzzz", in: never, end: ["exit_code": 127])
  }

  @Test(
    arguments: [
      ("2026-05-08T09-30-00-000Z", "default/2026-05-08T09-30-00-000Z", nil),
      ("2026-05-08T09-30", "default/2026-05-08T09-30-00-000Z", nil),
      ("2026-05-08T09-31-00-000Z", "default/2026-05-08T09-31-00-000Z", nil),
      ("other::2026-05-08T09-31-00-000Z", "other/2026-05-08T09-31-00-000Z", nil),
      ("other::", "other/2026-05-08T09-31-00-000Z", nil),
      ("studio-20260509-0900", "default/2026-05-09T09-00-00-000Z", "studio-20260509-090000-aaaa"),
      ("studio-", "default/2026-05-09T09-00-00-000Z", nil),
      ("detached", "default/2026-05-10T00-00-00-000Z", "detached-20260510-000000-zzzz"),
      (
        ".agentv/results/runs/default/2026-05-08T09-30-00-000Z/index.jsonl",
        "default/2026-05-08T09-30-00-000Z", nil
      ),
      (
        ".agentv/results/runs/other/2026-05-08T09-31-00-000Z/", "other/2026-05-08T09-31-00-000Z",
        nil
      ),
    ] as [(String, String, String?)])
  func `a run is named by id, directory, job id or a beginning that only it has`(
    _ name: String, _ place: String, _ job: String?
  ) throws {
    let found = try project.finder.find(name)
    #expect(found.directory.path == "\(project.path)/.agentv/results/runs/\(place)")
    #expect(found.jobID == job)
  }

  @Test(arguments: [
    ("2026-05-0", RunControlError.Code.ambiguous, "2026-05-08T09-30-00-000Z"),
    ("2026-05-08T09-3", .ambiguous, "other::2026-05-08T09-31-00-000Z"),
    ("2027", .unknown, "2026-05-09T09-00-00-000Z"),
    ("../x", .unknown, "no run in that directory"),
    ("../../../../etc", .unknown, "no run in that directory"),
    ("default/..", .unknown, "no run in that directory"),
    ("/", .unknown, "no run in that directory"),
    ("", .unknown, "is needed"),
    ("a\0b", .unknown, "is needed"),
    ("..", .unknown, "no run of"),
    ("-rf", .unknown, "no run of"),
  ])
  func `what names no run or several is refused with the candidates`(
    _ name: String, _ code: RunControlError.Code, _ text: String
  ) {
    let error = #expect(throws: RunControlError.self) { try project.finder.find(name) }
    #expect(error?.code == code)
    #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
  }

  @Test func `of many candidates ten are listed and the rest counted`() throws {
    for number in 10..<30 { try project.run("2030-01-01T00-00-00-0\(number)Z") }
    let error = #expect(throws: RunControlError.self) { try project.finder.find("2030") }
    #expect(error?.description.contains("and 10 more") == true, "\(error?.description ?? "")")
  }

  @Test func `runs are listed newest first, also one that never began, but no links`() throws {
    try project.scratch.link(
      ".agentv/results/runs/default/2099", to: project.directory("2026-05-08T09-30-00-000Z").path)
    #expect(
      project.finder.directories().map(\.runID) == [
        "2026-05-10T00-00-00-000Z", "2026-05-09T09-00-00-000Z", "other::2026-05-08T09-31-00-000Z",
        "2026-05-08T09-31-00-000Z", "2026-05-08T09-30-00-000Z",
      ])
    #expect(project.finder.live().isEmpty)
  }

  @Test func `the project is the nearest directory upwards with results`() throws {
    try FileIO.createDirectories(project.scratch.file("deep/er"))
    #expect(ProjectRoot.find(from: project.scratch.file("deep/er")) == project.path)
    #expect(ProjectRoot.find(from: "/") == "/")
  }
}
