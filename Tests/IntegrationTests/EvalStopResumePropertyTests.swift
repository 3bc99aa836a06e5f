import Core
import EventLoop
import Glibc
import RunArtifacts
import TestSupport
import Testing

/// stop → resume → complete equals an uninterrupted run.
///
/// Random projects are stopped at random rows by random signals. `AGENTV_PROPERTY_SEEDS` sets how
/// many seeds are tried (default 12).
@Suite(.timeLimit(.minutes(5))) struct EvalStopResumePropertyTests {
  static let seeds: Range<UInt64> = {
    let count = ProcessEnvironment.current()["AGENTV_PROPERTY_SEEDS"].flatMap { UInt64($0) }
    return 0..<(count ?? 12)
  }()

  /// SplitMix64 (Steele, Lea, Flood 2014): the same seed makes the same project everywhere.
  struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  /// What a seed stands for.
  struct Case {
    /// What a file has beside plain tests.
    enum Feature: CaseIterable {
      case none, trials, conversations, dependencies
    }

    var files: [(name: String, ids: [String], feature: Feature)] = []
    var options: [String] = []
    var planned = 0

    init(_ random: inout SeededGenerator) {
      let kinds = ["plain", "wrong", "plain", "error", "plain"]
      for number in 0..<Int.random(in: 1...2, using: &random) {
        // Ids repeat over the files on purpose.
        let count = Int.random(in: 2...6, using: &random)
        let ids = (0..<count).map { "\(kinds.randomElement(using: &random) ?? "plain")-\($0)" }
        let feature = Feature.allCases.randomElement(using: &random) ?? .none
        files.append(("file-\(number)", ids, feature))
      }
      let targets =
        [[], ["alias"], ["alias", "second"], ["mock", "script", "alias"]]
        .randomElement(using: &random) ?? []
      options = targets.flatMap { ["--target", $0] }
      options += ["--workers", "\(Int.random(in: 1...3, using: &random))", "--max-retries", "0"]
      if Bool.random(using: &random) {
        options += [
          "--dry-run", "--dry-run-delay-max", "\(Int.random(in: 1...30, using: &random))",
        ]
      }
      planned = files.reduce(0) { $0 + $1.ids.count } * max(1, targets.count)
    }
  }

  /// Writes the eval files of a case.
  private func write(_ example: Case, to project: EvalProject) throws {
    for file in example.files {
      var text = "name: \(file.name)\n"
      if file.feature == .trials {
        text += "execution: {trials: {count: 3, strategy: mean}}\n"
      }
      text += "tests:\n"
      for (index, id) in file.ids.enumerated() {
        text += "  - id: \(id)\n    criteria: c\n    input: Who are you?\n"
        text += "    assertions: [{type: contains, value: \(id)}]\n"
        switch file.feature {
        case .conversations:
          text += "    mode: conversation\n    turns: [{input: one}, {input: two}]\n"
        case .dependencies where index > 0:
          text += "    depends_on: [\(file.ids[index / 2])]\n"
        default: break
        }
      }
      try project.scratch.write("evals/\(file.name).eval.yaml", text)
    }
  }

  /// What must be equal, whatever happened on the way.
  struct Outcome: Equatable {
    var status: ExecutionStatus
    var score: Double?
    var target: String
    var error: String?
    var scores: Int
    var aggregation: JSON?
  }

  private func outcomes(_ project: EvalProject, _ directory: String) throws -> [TestIdentity:
    Outcome]
  {
    try project.effective(directory).mapValues {
      Outcome(
        status: $0.executionStatus, score: $0.score, target: $0.target, error: $0.error,
        scores: $0.scores.count, aggregation: $0.extra["aggregation"])
    }
  }

  @Test(arguments: seeds)
  func `a stopped and resumed run equals an uninterrupted one`(_ seed: UInt64) async throws {
    var random = SeededGenerator(state: seed)
    let project = try EvalProject()
    let example = Case(&random)
    try write(example, to: project)
    let launch = ["eval", "evals"] + example.options
    let whole = try await project.finish(
      try await RunningAgentv(launch + ["--output", "whole"], in: project.path))

    var isFirst = true
    var announced: [TestIdentity: [UInt8]] = [:]
    for _ in 0..<20 {
      let arguments =
        isFirst ? launch + ["--output", "parts"] : ["eval", "--output", "parts", "--resume"]
      isFirst = false
      let running = try await RunningAgentv(arguments, in: project.path)
      let rows = Int.random(in: 0...3, using: &random)
      let signal = [SIGINT, SIGTERM, SIGHUP, SIGKILL].randomElement(using: &random) ?? SIGINT
      // When the first test starts, or when the n-th row is told.
      if await running.says(rows == 0 ? "🔄" : "\n\(rows)/") { await running.signal(signal) }
      let part = try await project.finish(running)
      let contents = try project.contents("parts")
      #expect(contents.badLines == 0 || signal == SIGKILL)
      // A row that was there stays there byte for byte.
      for (identity, line) in announced {
        #expect(contents.rows.contains { $0.identity == identity && $0.line == line })
      }
      for row in contents.rows { announced[row.identity] = row.line }
      #expect(contents.plannedTestCount == example.planned)
      #expect(project.processes().isEmpty || signal == SIGKILL)
      if ![129, 130, 143, 137].contains(part.code) { break }
    }
    // Execution errors run again at each resume, so the last one is allowed to end everything.
    let last = try await project.run("eval", "--output", "parts", "--resume")
    #expect(last.code == whole.code)
    let wanted = try outcomes(project, "whole")
    #expect(wanted.count == example.planned)
    #expect(try outcomes(project, "parts") == wanted)
    let contents = try project.contents("parts")
    #expect(contents.record?.completion == .completed)
    #expect(contents.plannedTestCount == example.planned)
    let errors = wanted.values.count { $0.status == .executionError }
    #expect(contents.rows.count { $0.executionStatus != .executionError } == wanted.count - errors)
    try compareSummaries(project)
  }

  /// benchmark.json of both runs, as far as it does not depend on times.
  private func compareSummaries(_ project: EvalProject) throws {
    let summaries = try ["whole", "parts"].map { name in
      try #require(
        RunDirectory(path: project.scratch.file(name), project: project.path)
          .json(RunFile.benchmark))
    }
    for member in ["targets", "tests_run", "planned_test_count", "eval_file", "experiment"] {
      #expect(summaries[0]["metadata"]?[member] == summaries[1]["metadata"]?[member])
    }
    let targets = summaries[0]["run_summary"]?.object?.names ?? []
    #expect(Set(targets) == Set(summaries[1]["run_summary"]?.object?.names ?? []))
    for target in targets {
      for member in ["pass_rate", "tokens", "cost_usd"] {
        #expect(
          summaries[0]["run_summary"]?[target]?[member]
            == summaries[1]["run_summary"]?[target]?[member])
      }
    }
    #expect(summaries[0]["notes"] == summaries[1]["notes"])
  }
}
