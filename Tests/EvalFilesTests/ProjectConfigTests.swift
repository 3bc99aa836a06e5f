import Core
import TestSupport
import Testing

@testable import EvalFiles

@Suite struct ProjectConfigTests {
  private func config(
    _ yaml: String, environment: [String: String] = [:]
  ) throws -> ProjectConfig {
    let project = try Project([".agentv/config.yaml": yaml, "sub/x": ""])
    return ProjectConfig.load(
      from: project.directory.file("sub"), environment: environment)
  }

  @Test func `every setting is read`() throws {
    let found = try config(
      """
      $schema: agentv-config-v2
      required_version: ">=4.0.0"
      eval_patterns: ["**/*.eval.yaml"]
      execution:
        verbose: true
        keep_workspaces: false
        otel_file: "traces/{timestamp}.json"
        export_otel: true
        otel_backend: langfuse
        otel_capture_content: true
        otel_group_turns: true
        pool_workspaces: false
        pool_slots: 4
        workspace_mode: temp
        workspace_path: ./w
      results: {export: {repo: "${{ R }}", path: p, auto_push: true, branch_prefix: b}}
      hooks: {before_session: "echo A=1"}
      studio: {threshold: 0.7}
      """, environment: ["R": "url"])
    #expect(found.diagnostics.isEmpty)
    #expect(found.requiredVersion == ">=4.0.0")
    #expect(found.evalPatterns == ["**/*.eval.yaml"])
    #expect(found.execution.verbose == true)
    #expect(found.execution.keepWorkspaces == false)
    #expect(found.execution.otelFile == "traces/{timestamp}.json")
    #expect(found.execution.exportOtel == true)
    #expect(found.execution.otelBackend == "langfuse")
    #expect(found.execution.otelCaptureContent == true)
    #expect(found.execution.otelGroupTurns == true)
    #expect(found.execution.poolWorkspaces == false)
    #expect(found.execution.poolSlots == 4)
    #expect(found.execution.workspaceMode == .temp)
    #expect(found.execution.workspacePath == "./w")
    #expect(found.resultsExport?.repo == "url")
    #expect(found.resultsExport?.autoPush == true)
    #expect(found.beforeSession == "echo A=1")
    #expect(found.passThreshold == 0.7)
  }

  @Test(arguments: [
    ("studio: {threshold: 0.4}\npass_threshold: 0.9", 0.4),
    ("studio: {pass_threshold: 0.3}", 0.3), ("pass_threshold: 0.2", 0.2),
  ])
  func `the pass threshold has old names`(yaml: String, value: Double) throws {
    #expect(try config(yaml).passThreshold == value)
  }

  @Test func `a project without settings has none`() throws {
    let project = try Project()
    let found = ProjectConfig.load(from: project.directory.path, environment: [:])
    #expect(found.file == nil && found.diagnostics.isEmpty)
  }

  @Test func `a part that makes no sense leaves the others`() throws {
    let found = try config("execution: {verbose: true, pool_slots: 99}\neval_patterns: 5")
    #expect(found.execution.verbose == true)
    #expect(found.execution.poolSlots == nil)
    #expect(found.diagnostics.count == 2)
  }

  @Test(arguments: [
    (">=4.0.0", "4.26.0", true), (">=4.27", "4.26.0", false), ("^4.1.0", "4.26.0", true),
    ("^4.1.0", "5.0.0", false), ("~4.26.0", "4.26.9", true), ("~4.25", "4.26.0", false),
    ("4.x", "4.26.0", true), ("3.x || 4.x", "4.26.0", true), ("*", "4.26.0", true),
    (">=4.1.0 <5", "4.26.0", true), (">= 4.1.0 < 4.2", "4.26.0", false),
    ("4.1.0 - 4.30.0", "4.26.0", true), ("4.1.0 - 4.25", "4.26.0", false),
    ("4.26.0", "4.26.0", true), ("=4.26.1", "4.26.0", false), ("<=4.26", "4.26.0", true),
    (">4.26", "4.26.0", false), ("^0.2.3", "0.2.9", true), ("^0.2.3", "0.3.0", false),
    ("v4.26.0", "4.26.0", true), (">=4.0.0", "4.26.0-next.1", true),
  ])
  func `a range of versions is read as npm reads it`(
    range: String, version: String, isIn: Bool
  ) throws {
    #expect(try #require(VersionRange(range)).contains(version) == isIn)
  }

  @Test(arguments: ["new", ">=", "1.2.3.4", "4.-1", ">=a.y"])
  func `what is no range is refused`(text: String) {
    #expect(VersionRange(text) == nil)
  }
}
