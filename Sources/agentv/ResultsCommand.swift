import ArgumentParser
import Core
import Reports
import RunArtifacts

/// `agentv results`: what a run amounts to.
struct ResultsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "results", abstract: "Look at a finished run, report on it, export it.",
    discussion: """
      RUN is a run directory, its index.jsonl, any other file of result rows or a run id; without \
      it the last run of the project. A test passes when its status is ok. Lines that are no rows \
      are skipped and counted on stderr.

      Examples:
        agentv results summary --format table
        agentv results report

      Exit codes: 0 done; 1 no such run, or a file that cannot be read or written.
      """,
    subcommands: [
      ResultsSummary.self, ResultsFailures.self, ResultsShow.self, ResultsExport.self,
      ResultsReport.self, ResultsValidate.self,
    ])
}

/// `agentv results summary`.
struct ResultsSummary: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "summary", abstract: "Totals of a run as JSON, or as a table.",
    discussion: """
      Prints JSON unless --format table is given.

      Examples:
        agentv results summary
        agentv results summary RUN --format table

      Exit codes: 0 done; 1 no such run, or a file that cannot be read or written.
      """)

  @Argument(help: "Run directory, index.jsonl or run id (default: the last run).")
  var run: String?
  @OptionGroup var form: FormOptions
  @OptionGroup var project: ProjectOptions

  func run() async {
    await CommandEnd.perform {
      let source = try ResultSource.find(run, project: project.project)
      let summary = try RunSummaryDocument(source)
      CommandEnd.complain(source.warning(badLines: summary.badLines))
      switch form.form(otherwise: .json) {
      case .json: CommandEnd.say(summary.json)
      case .table: CommandEnd.say(summary.text(CommandEnd.style))
      }
      return 0
    }
  }
}

/// `agentv results failures`.
struct ResultsFailures: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "failures", abstract: "The tests that are not ok, with what failed.",
    discussion: """
      Prints JSON unless --format table is given.

      Examples:
        agentv results failures
        agentv results failures RUN --format table

      Exit codes: 0 done; 1 no such run, or a file that cannot be read or written.
      """)

  @Argument(help: "Run directory, index.jsonl or run id (default: the last run).")
  var run: String?
  @OptionGroup var form: FormOptions
  @OptionGroup var project: ProjectOptions

  func run() async {
    await CommandEnd.perform {
      let source = try ResultSource.find(run, project: project.project)
      let scan = try source.digests()
      CommandEnd.complain(source.warning(badLines: scan.badLines))
      let failed = scan.values.filter { !$0.isPassed }
      let text = ResultText(CommandEnd.style)
      let isJSON = form.form(otherwise: .json) == .json
      var list = JSONListWriter()
      try InspectSource(source).forEach(failed) { row, detail in
        if isJSON {
          list.add(Self.json(row, detail))
        } else {
          CommandEnd.say(text.lines(row, detail) + "\n")
        }
      }
      if isJSON {
        list.finish()
      } else {
        CommandEnd.say("\(failed.count) of \(scan.values.count) tests are not ok")
      }
      return 0
    }
  }

  private static func json(_ row: ResultRow, _ detail: ResultDetail) -> JSON {
    var object: JSONObject = [
      "test_id": .string(row.testID), "score": .optional(row.score),
      "assertions": detail.assertions ?? [], "target": .string(row.target),
      "execution_status": .string(row.executionStatus.rawValue),
    ]
    if let error = row.error { object["error"] = .string(error) }
    if let file = row.evalFile { object["eval_file"] = .string(file) }
    return .object(object)
  }
}

/// `agentv results show`.
struct ResultsShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "One test of a run: prompt, answer, assertions, numbers.",
    discussion: """
      Prints one JSON object, or a list of them when the test ran on several targets; --target \
      picks one.

      Examples:
        agentv results show --test-id greets
        agentv results show RUN --test-id greets --target gpt-5

      Exit codes: 0 done; 1 no such run, or a file that cannot be read or written.
      """)

  @Argument(help: "Run directory, index.jsonl or run id (default: the last run).")
  var run: String?
  @Option(name: [.short, .customLong("test-id")], help: "The test.")
  var testID: String
  @Option(help: "The target, when the test ran on several.")
  var target: String?
  @OptionGroup var form: FormOptions
  @OptionGroup var project: ProjectOptions

  func run() async {
    await CommandEnd.perform {
      let source = try ResultSource.find(run, project: project.project)
      let scan = try source.digests()
      CommandEnd.complain(source.warning(badLines: scan.badLines))
      let found = scan.values.filter { digest in
        digest.testID == testID
          && (target.map { $0 == digest.target || $0 == digest.requestedTarget } ?? true)
      }
      guard !found.isEmpty else {
        let ids = Set(scan.values.map(\.testID)).sorted()
        let shown = ids.prefix(50).joined(separator: ", ")
        throw ReportError(
          "no test \"\(testID)\"\(target.map { " on target \"\($0)\"" } ?? "") in "
            + "\"\(source.path)\"; available: \(shown)\(ids.count > 50 ? ", …" : "")")
      }
      var objects: [JSON] = []
      let text = ResultText(CommandEnd.style)
      let isJSON = form.form(otherwise: .json) == .json
      try InspectSource(source).forEach(found) { row, detail in
        if isJSON {
          objects.append(Self.json(row, detail))
        } else {
          CommandEnd.say(text.lines(row, detail) + "\n")
        }
      }
      if isJSON { CommandEnd.say(objects.count == 1 ? objects[0] : .array(objects)) }
      return 0
    }
  }

  private static func json(_ row: ResultRow, _ detail: ResultDetail) -> JSON {
    var object: JSONObject = [
      "test_id": .string(row.testID), "score": .optional(row.score),
      "duration_ms": .optional(detail.durationMS),
      "total_tokens": .optional(detail.tokenUsage?.total), "input": detail.input ?? [],
      "assertions": detail.assertions ?? [],
      "response": .string(MessageText.answer(detail.output)),
      "target": .string(row.target),
      "execution_status": .string(row.executionStatus.rawValue),
      "scores": detail.scores ?? [], "output": detail.output ?? [],
    ]
    object["cost_usd"] = row.costUSD.map(JSON.double)
    object["error"] = row.error.map(JSON.string)
    object["suite"] = row.suite.map(JSON.string)
    object["eval_file"] = row.evalFile.map(JSON.string)
    object["requested_target"] = row.requestedTarget.map(JSON.string)
    return .object(object)
  }
}

/// `agentv results export`.
struct ResultsExport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a run as another document, or as a directory anew.",
    discussion: """
      --output FILE chooses the document by its extension: .jsonl, .json, .xml (JUnit), .yaml, \
      .yml, .html, .htm. --output DIRECTORY writes a run directory made of the rows that count.

      Examples:
        agentv results export --output results.xml
        agentv results export RUN --output copy

      Exit codes: 0 done; 1 no such run, or a file that cannot be read or written.
      """)

  @Argument(help: "Run directory, index.jsonl or run id (default: the last run).")
  var run: String?
  @Option(
    name: [.short, .customLong("output")],
    help: "File or directory; repeatable (default: .agentv/results/export/<experiment>/<run>).")
  var outputs: [String] = []
  @Option(help: "Also write OpenTelemetry traces (OTLP JSON) to this file.")
  var otelFile: String?
  @Flag(help: "Put prompts and answers into the traces.")
  var otelCaptureContent = false
  @Option(name: .customLong("benchmark-json"), help: "Also write the Agent-Skills summary here.")
  var benchmarkJSON: String?
  @OptionGroup var project: ProjectOptions

  func run() async {
    await CommandEnd.perform {
      let source = try ResultSource.find(run, project: project.project)
      let here = FileIO.workingDirectory
      let files = outputs.filter { (try? ExportFormat(path: $0)) != nil && !$0.hasSuffix("/") }
      var directories = outputs.filter { !files.contains($0) }
      // A name that ends like a file's is meant as one: "x.csv" is a mistake, not a directory.
      for name in directories where Path.name(name).contains(".") && !name.hasSuffix("/") {
        let isRunName = Timestamp(Path.name(name)) != nil
        if !FileIO.isDirectory(Path.absolute(name, in: here)), !isRunName {
          _ = try ExportFormat(path: name)
        }
      }
      let plan = ExportPlan(
        exports: files, benchmarkJSON: benchmarkJSON, otelFile: otelFile,
        capturesContent: otelCaptureContent)
      try plan.check(in: here)
      if outputs.isEmpty, plan.isEmpty {
        directories = [
          Path.join(
            project.project,
            ".agentv/results/export/\(source.experiment)/\(Path.name(source.directory.path))")
        ]
      }
      for name in directories {
        let path = Path.absolute(name, in: here)
        let written = try RunExport.write(source, to: path, project: project.project)
        CommandEnd.complain(source.warning(badLines: written.badLines))
        CommandEnd.say("Exported \(written.tests) test(s) to \(path)")
      }
      if !plan.isEmpty {
        let bad = try plan.write(source, in: here)
        CommandEnd.complain(source.warning(badLines: bad))
        CommandEnd.say("Export file(s) written: \(plan.paths.joined(separator: ", "))")
      }
      return 0
    }
  }
}

/// `agentv results report`.
struct ResultsReport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Write the HTML report of a run: one file, no request.",
    discussion: """
      Examples:
        agentv results report
        agentv results report RUN --output report.html

      Exit codes: 0 done; 1 no such run, or a file that cannot be read or written.
      """)

  @Argument(help: "Run directory, index.jsonl or run id (default: the last run).")
  var run: String?
  @Option(
    name: [.short, .customLong("output")], help: "The file (default: <run directory>/report.html).")
  var output: String?
  @OptionGroup var project: ProjectOptions

  func run() async {
    await CommandEnd.perform {
      let source = try ResultSource.find(run, project: project.project)
      let path =
        output.map { Path.absolute($0, in: FileIO.workingDirectory) }
        ?? source.directory.file("report.html")
      if FileIO.isDirectory(path) {
        throw ReportError("cannot write \"\(path)\": it is a directory; name a file")
      }
      let scan = try source.digests()
      guard !scan.values.isEmpty else {
        throw ReportError("\"\(source.path)\" has no results yet")
      }
      CommandEnd.complain(source.warning(badLines: scan.badLines))
      try Exporter.write(source, scan, as: .html, to: path)
      CommandEnd.say("Report of \(scan.values.count) test(s) written to \(path)")
      return 0
    }
  }
}

/// `agentv results validate`.
struct ResultsValidate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Check that a run directory is what readers expect.",
    discussion: """
      Exit code 1 when something is wrong; warnings alone do not matter.

      Examples:
        agentv results validate RUN
        agentv results validate RUN --format json

      Exit codes: 0 nothing is wrong; 1 something is, or there is no such run.
      """)

  @Argument(help: "The run directory.")
  var run: String
  @OptionGroup var form: FormOptions
  @OptionGroup var project: ProjectOptions

  func run() async {
    await CommandEnd.perform {
      var path = Path.absolute(run, in: project.project)
      if FileIO.isFile(path), Path.name(path) == RunFile.index { path = Path.directory(path) }
      if !FileIO.isDirectory(path) {
        path = try ResultSource.find(run, project: project.project).directory.path
      }
      let validation = RunValidation(path, project: project.project)
      switch form.form() {
      case .json: CommandEnd.say(validation.json)
      case .table: CommandEnd.say(validation.text)
      }
      return validation.errorCount == 0 ? 0 : 1
    }
  }
}

/// Writes a JSON list element by element, so that a long one is never in memory.
struct JSONListWriter {
  private var isFirst = true

  /// Adds an element.
  mutating func add(_ json: JSON) {
    let text = json.prettyText.replacing("\n", with: "\n  ")
    StandardStream.output.write((isFirst ? "[\n  " : ",\n  ") + text)
    isFirst = false
  }

  /// Ends the list.
  func finish() { StandardStream.output.write(isFirst ? "[]\n" : "\n]\n") }
}
