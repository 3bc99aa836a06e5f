import ArgumentParser
import Core
import Graders
import Reports
import RunArtifacts

/// `agentv inspect`: browse runs, results and traces.
struct InspectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Browse runs, results and traces.",
    discussion: """
      RUN is a run directory, its index.jsonl, any other file of result rows, a run id or a file \
      that agentv eval --otel-file wrote; without it the last run of the project.

      Examples:
        agentv inspect list
        agentv inspect show RUN --test-id greets --tree

      Exit codes: 0 done; 1 no such run, or a file that cannot be read or written.
      """,
    subcommands: [
      InspectList.self, InspectShow.self, InspectStats.self, InspectFilter.self,
      InspectSearch.self, InspectScore.self,
    ])
}

/// `agentv inspect list`.
struct InspectList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The runs of the project, the newest first.",
    discussion: """
      Examples:
        agentv inspect list -n 10
        agentv inspect list --format json

      Exit codes: 0 done; 1 no such run, or a file that cannot be read or written.
      """)

  @Option(
    name: [.customShort("n"), .long], parsing: .unconditional,
    help: "At most so many (default: all).")
  var limit: Int?
  @OptionGroup var form: FormOptions
  @OptionGroup var project: ProjectOptions

  func run() async {
    await CommandEnd.perform {
      if let limit, limit < 1 { throw ReportError("--limit must be 1 or more, got: \(limit)") }
      var listing = RunListing(project: project.project)
      let runs = Array(listing.scan().prefix(limit ?? .max))
      switch form.form() {
      case .json: CommandEnd.say(.array(runs.map(\.json)))
      case .table: CommandEnd.say(RunTable.text(runs, CommandEnd.style))
      }
      return 0
    }
  }
}

/// `agentv inspect show`.
struct InspectShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "The results of a run with assertions, scores and traces.",
    discussion: """
      Examples:
        agentv inspect show
        agentv inspect show RUN --test-id greets --tree

      Exit codes: 0 done; 1 no such run, or a file that cannot be read or written.
      """)

  @Argument(help: "Run directory, index.jsonl, run id or OTLP JSON file (default: the last run).")
  var run: String?
  @Option(name: .customLong("test-id"), help: "Only this test.")
  var testID: String?
  @Flag(help: "What the target did, as a tree.")
  var tree = false
  @OptionGroup var form: FormOptions
  @OptionGroup var project: ProjectOptions

  func run() async {
    await CommandEnd.perform {
      let source = try InspectSource(run, project: project.project)
      let scan = try source.digests()
      CommandEnd.complain(source.warning(badLines: scan.badLines))
      let found = scan.values.filter { testID == nil || $0.testID == testID }
      if found.isEmpty, let testID {
        let ids = Set(scan.values.map(\.testID)).sorted()
        throw ReportError(
          "no test \"\(testID)\" in \"\(source.path)\"; available: "
            + ids.prefix(50).joined(separator: ", ") + (ids.count > 50 ? ", …" : ""))
      }
      if form.form() == .json {
        var list = JSONListWriter()
        try source.forEach(found) { list.add(ResultRecord.json($0, $1)) }
        list.finish()
        return 0
      }
      let style = CommandEnd.style
      let text = ResultText(style)
      CommandEnd.say("\nResults: \(source.path)\n\(found.count) result(s)\n")
      try source.forEach(found) { row, detail in
        CommandEnd.say((tree ? text.tree(row, detail) : text.lines(row, detail)) + "\n")
      }
      return 0
    }
  }
}

/// `agentv inspect stats`.
struct InspectStats: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Percentiles of score, time, cost, tokens and calls.",
    discussion: """
      Examples:
        agentv inspect stats
        agentv inspect stats RUN --group-by target

      Exit codes: 0 done; 1 no such run, or a file that cannot be read or written.
      """)

  @Argument(help: "Run directory, index.jsonl, run id or OTLP JSON file (default: the last run).")
  var run: String?
  @Option(
    name: [.customShort("g"), .customLong("group-by")],
    help: "target, suite (also called eval-set) or test-id.")
  var grouping: GroupArgument?
  @OptionGroup var form: FormOptions
  @OptionGroup var project: ProjectOptions

  func run() async {
    await CommandEnd.perform {
      let source = try InspectSource(run, project: project.project)
      let scan = try source.digests()
      CommandEnd.complain(source.warning(badLines: scan.badLines))
      guard !scan.values.isEmpty else { throw ReportError("\"\(source.path)\" has no results yet") }
      let statistics = ResultStatistics(scan.values, path: source.path, by: grouping?.grouping)
      switch form.form() {
      case .json: CommandEnd.say(statistics.json)
      case .table: CommandEnd.say(statistics.text(CommandEnd.style))
      }
      return 0
    }
  }
}

/// What `--group-by` takes.
enum GroupArgument: String, ExpressibleByArgument, CaseIterable {
  case target, suite
  case evalSet = "eval-set"
  case testID = "test-id"

  var grouping: ResultStatistics.Grouping {
    switch self {
    case .target: .target
    case .suite, .evalSet: .suite
    case .testID: .testID
    }
  }
}

/// `agentv inspect filter`.
struct InspectFilter: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "filter", abstract: "Results of all runs that meet conditions.",
    discussion: """
      Examples:
        agentv inspect filter --target gpt-5
        agentv inspect filter RUN --experiment nightly

      Exit codes: 0 done; 1 no such run, or a file that cannot be read or written.
      """)

  @Argument(help: "A run, or a directory with runs (default: all runs of the project).")
  var path: String?
  @Option(help: "Only this target.")
  var target: String?
  @Option(help: "Only this experiment.")
  var experiment: String?
  @Option(parsing: .unconditional, help: "Only scores below this.")
  var scoreBelow: Double?
  @Option(parsing: .unconditional, help: "Only scores above this.")
  var scoreAbove: Double?
  @Option(help: "Only pass, fail or error; or a status as rows write it.")
  var status: String?
  @Option(help: "Only results that called a tool with this in its name.")
  var hasTool: String?
  @OptionGroup var form: FormOptions
  @OptionGroup var project: ProjectOptions

  func run() async {
    await CommandEnd.perform {
      var filter = ResultFilter()
      filter.target = target
      filter.experiment = experiment
      filter.scoreBelow = scoreBelow
      filter.scoreAbove = scoreAbove
      filter.status = try status.map(ResultFilter.status)
      filter.tool = hasTool
      let sources = try FoundResult.sources(path, project: project.project)
      let found = try FoundResult.all(in: sources, filter) { CommandEnd.complain($0) }
      switch form.form() {
      case .json:
        var list = JSONListWriter()
        for result in found { list.add(result.json) }
        list.finish()
      case .table: CommandEnd.say(FoundResult.text(found, CommandEnd.style))
      }
      return 0
    }
  }
}

/// `agentv inspect search`.
struct InspectSearch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search", abstract: "Look for a regular expression in results and transcripts.",
    discussion: """
      Rows, prompts, answers and gradings are searched; case does not matter.

      Examples:
        agentv inspect search --pattern 'refund.*30 days'
        agentv inspect search RUN -p timeout --target gpt-5

      Exit codes: 0 done; 1 no such run, or a file that cannot be read or written.
      """)

  @Argument(help: "File or directory (default: all runs and .agentv/transcripts).")
  var path: String?
  @Option(name: [.short, .long], help: "The regular expression.")
  var pattern: String
  @Option(help: "Only rows of this target.")
  var target: String?
  @Option(help: "Only rows of this experiment.")
  var experiment: String?
  @OptionGroup var form: FormOptions
  @OptionGroup var project: ProjectOptions

  func run() async {
    await CommandEnd.perform {
      let search = try ResultSearch(pattern) { text in
        let search = try PatternSearch(text)
        return { text in
          switch search.first(in: text) {
          case .match(let range): .range(range)
          case .noMatch: .none
          case .tooSlow: .tooSlow
          }
        }
      }
      var matches: [ResultSearch.Match] = []
      for file in try ResultSearch.files(path, project: project.project) {
        matches += try search.matches(in: file, target: target, experiment: experiment)
      }
      switch form.form() {
      case .json: CommandEnd.say(.array(matches.map(\.json)))
      case .table:
        CommandEnd.say(ResultSearch.text(matches, pattern: pattern, CommandEnd.style))
      }
      return 0
    }
  }
}
