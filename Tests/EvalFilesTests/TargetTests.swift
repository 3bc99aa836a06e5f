import Core
import TestSupport
import Testing

@testable import EvalFiles

@Suite struct TargetTests {
  private func targets(_ yaml: String) throws -> (set: TargetSet, project: Project) {
    let project = try Project([".agentv/targets.yaml": yaml])
    let path = try TargetsFile.find(
      explicit: nil, evalFile: project.directory.file("evals/a.yaml"),
      workingDirectory: project.directory.path)
    return (try TargetsFile.load(path, workingDirectory: project.directory.path), project)
  }

  private static let file = """
    $schema: agentv-targets-v2.2
    targets:
      - {name: m, provider: mock, response: '${{ R }}', workers: 3}
      - {name: alias, use_target: m}
      - {name: env, use_target: '${{ T }}'}
      - {name: c, provider: CLI, command: 'run ${{ DIR }}/x', cwd: '${{ CWD }}', list: ['${{ L }}']}
      - {name: a, use_target: b}
      - {name: b, use_target: a}
      - {name: gone, use_target: nothing}
      - {name: p, provider: '${{ P }}'}
      - {name: w, provider: mock, workers: 0}
    """

  private func resolve(
    _ name: String, _ environment: [String: String] = [:], useTarget: String? = nil
  ) throws -> ResolvedTarget {
    try targets(Self.file).set.resolve(name, useTarget: useTarget, environment: environment)
  }

  @Test func `aliases keep the requested name and give the resolved one`() throws {
    let target = try resolve("alias", ["R": "hi"])
    #expect((target.requested, target.name, target.provider) == ("alias", "m", "mock"))
    #expect(target.label == "alias → m")
    #expect(target.settings == ["response": "hi", "workers": 3])
    #expect(target.workers == 3)
    #expect(try resolve("env", ["T": "m"]).name == "m")
    #expect(try resolve("label", useTarget: "alias").label == "label → m")
  }

  @Test func `an unset variable leaves an optional setting out and no other target is touched`()
    throws
  {
    let target = try resolve("m")
    #expect(target.settings["response"] == nil)
    #expect(target.unsetVariables == ["response": "R"])
    #expect(
      try resolve("c", ["DIR": "/d", "L": "l", "CWD": "w"]).settings["command"] == "run /d/x")
  }

  @Test(arguments: [
    (
      "c", ["L": "l"],
      "'command' of target 'c' needs the environment variable DIR, which is not set"
    ),
    ("c", ["DIR": "d"], "'list' of target 'c' needs the environment variable L, which is not set"),
    ("env", [:], "use_target of target 'env' is the environment variable T, which is not set"),
    ("p", [:], "provider of target 'p' is the environment variable P, which is not set"),
    ("a", [:], "Circular use_target reference detected: a -> b -> a"),
    ("gone", [:], "Target 'gone' use_target 'nothing' not found in "),
    ("aliass", [:], "Available targets: m, alias, env, c, a, b, gone, p, w. Did you mean 'alias'?"),
    ("w", [:], "'workers' of target 'w' must be a whole number of 1 or more, found 0"),
  ])
  func `a target that cannot be resolved says why`(
    name: String, environment: [String: String], text: String
  ) throws {
    let error = #expect(throws: EvalFileError.self) { try resolve(name, environment) }
    #expect(error?.code == .targetUnresolved)
    #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
  }

  @Test func `a dry run needs no variables and is named after the end of the chain`() throws {
    let set = try targets(Self.file).set
    let target = try set.dryRun("alias", environment: [:])
    #expect((target.requested, target.name, target.provider) == ("alias", "m-dry-run", "mock"))
    #expect(try set.dryRun("env", environment: [:]).name == "env-dry-run")
    #expect(throws: EvalFileError.self) { try set.dryRun("none", environment: [:]) }
  }

  @Test(arguments: [
    (
      "a: 1",
      ".agentv/targets.yaml:1:1: targets: Missing or invalid 'targets' field (must be an array), found none"
    ),
    ("- a", "expected a mapping with a list `targets`, found a list"),
    ("", "expected a mapping with a list `targets`, found an empty file"),
    ("targets: [5]", "targets[0]: Target must be an object, found the number 5"),
    (
      "targets: [{provider: mock}]",
      "targets[0].name: Missing or invalid 'name' field (must be a non-empty string), found none"
    ),
    ("targets: [{name: x}]", "targets[0].provider: target 'x' needs a 'provider'"),
    (
      "targets: [{name: x, provider: 5}]",
      "targets[0].provider: expected a text, found the number 5"
    ),
    (
      "targets: [{name: x, provider: cli, timeoutSeconds: 5}]",
      "camelCase field 'timeoutSeconds' is no longer supported in targets.yaml. Use 'timeout_seconds' instead."
    ),
    (
      "targets: [{name: x, provider: cli, healthcheck: {timeoutSeconds: 5}}]",
      "targets[0].healthcheck.timeoutSeconds"
    ),
    ("targets: [", "not valid YAML"),
  ])
  func `a targets file of the wrong shape is refused`(yaml: String, text: String) throws {
    let error = #expect(throws: EvalFileError.self) { try targets(yaml) }
    #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
  }

  @Test func `unknown settings and repeated names warn`() throws {
    let set = try targets(
      """
      targets:
        - {name: x, provider: mock, respnse: a}
        - {name: x, provider: cli, command: c, timeout: 5}
        - {name: y, provider: own, anything: 1}
        - {name: z, provider: mock, workspace_template: w}
      """
    ).set
    #expect(set.names == ["x", "y", "z"])
    #expect(
      set.warnings.map(\.message) == [
        "Unknown setting 'respnse' for mock provider. This property will be ignored. Did you mean "
          + "'response'?",
        "Unknown setting 'timeout' for cli provider. This property will be ignored.",
        "there is another target 'x' above; the first one is used",
        "workspace_template has been removed from targets. Use eval-level workspace.template instead.",
      ])
    #expect(try set.resolve("x", environment: [:]).provider == "mock")
  }

  @Test func `the nearest targets file is found, a given one goes first`() throws {
    let project = try Project([
      "targets.yaml": "", "x/.agentv/targets.yml": "", "other/.agentv/targets.yaml": "",
    ])
    let root = project.directory.path
    func find(_ explicit: String?, _ evalFile: String?) throws -> String {
      Path.relative(
        try TargetsFile.find(
          explicit: explicit, evalFile: evalFile.map { project.directory.file($0) },
          workingDirectory: root), to: root)
    }
    #expect(try find(nil, "x/evals/a.yaml") == "x/.agentv/targets.yml")
    #expect(try find(nil, nil) == "targets.yaml")
    #expect(try find("other", nil) == "other/.agentv/targets.yaml")
    #expect(try find("targets.yaml", "x/evals/a.yaml") == "targets.yaml")
    for explicit in ["none.yaml", "x/evals"] {
      let error = #expect(throws: EvalFileError.self) { try find(explicit, nil) }
      #expect(error?.code == .targetsMissing)
    }
    try FileIO.remove(project.directory.file("targets.yaml"))
    let error = #expect(throws: EvalFileError.self) { try find(nil, nil) }
    #expect(
      error?.description.hasPrefix(
        "Unable to locate targets.yaml. Use --targets to specify the file explicitly.") == true)
  }

  @Test(arguments: [
    ("Azure-OpenAI", "azure"), ("claude", "claude-cli"), ("cc-mirror", "claude-cli"),
    ("copilot", "copilot-cli"), ("pi", "pi-coding-agent"), ("google", "gemini"), ("own", "own"),
  ])
  func `names of providers are lower case and aliases are followed`(name: String, kind: String) {
    #expect(ProviderNames.canonical(name) == kind)
  }
}
