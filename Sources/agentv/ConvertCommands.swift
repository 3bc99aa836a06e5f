import ArgumentParser
import Core
import Reports
import RunArtifacts

/// `agentv convert`.
struct ConvertCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Turn result rows or Agent-Skills evals into other files.",
    discussion: """
      Result rows (.jsonl, a run directory) become what the extension of --out says: .yaml, .yml, \
      .html, .htm, .json, .jsonl or .xml (JUnit). An evals.json of Agent Skills becomes an eval \
      file in YAML.

      Examples:
        agentv convert RUN --out report.html
        agentv convert evals.json --out evals/skills.eval.yaml

      Exit codes: 0 done; 1 a file that cannot be read or written.
      """)

  @Argument(help: "A .jsonl file of rows, a run, or an evals.json.")
  var input: String
  @Option(
    name: [.short, .long],
    help: "The file (default: the input's name with .yaml; standard output for evals.json).")
  var out: String?

  func run() async {
    await CommandEnd.perform {
      let here = FileIO.workingDirectory
      let path = Path.absolute(input, in: here)
      if let out, FileIO.isDirectory(Path.absolute(out, in: here)) {
        throw ReportError("cannot write \"\(out)\": it is a directory; name a file")
      }
      if input.lowercased().hasSuffix(".json") {
        let text = try SkillEvals.evalFile(
          try FileIO.read(path, limitBytes: 64 << 20), name: input)
        guard let out else {
          StandardStream.output.write(text)
          return 0
        }
        var file = try OutputFile(Path.absolute(out, in: here))
        try file.write(text)
        try file.finish()
        CommandEnd.say("Converted to \(Path.absolute(out, in: here))")
        return 0
      }
      guard input.lowercased().hasSuffix(".jsonl") || FileIO.isDirectory(path) else {
        if FileIO.exists(path) {
          throw ReportError(
            "Unsupported input \"\(input)\". Supported: .jsonl, a run directory, evals.json")
        }
        throw ReportError("\"\(input)\" does not exist")
      }
      let source = try ResultSource.find(input, project: here)
      let file = out ?? String(source.path.dropLast(".jsonl".count)) + ".yaml"
      let format = try ExportFormat(path: file)
      let scan = try source.digests()
      CommandEnd.complain(source.warning(badLines: scan.badLines))
      try Exporter.write(source, scan, as: format, to: Path.absolute(file, in: here))
      CommandEnd.say("Converted \(scan.values.count) records to \(Path.absolute(file, in: here))")
      return 0
    }
  }
}

/// `agentv trim`.
struct TrimCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trim", abstract: "Take off result rows what a baseline does not need.",
    discussion: """
      Scores, assertions, statuses and metadata stay; answers, traces, times, tokens, costs and \
      paths go. Only the last row of each test is kept. Writes to standard output without --out.

      Examples:
        agentv trim RUN --out baseline.jsonl
        agentv trim RUN > baseline.jsonl

      Exit codes: 0 done; 1 a file that cannot be read or written.
      """)

  @Argument(help: "A .jsonl file of rows, a run directory or a run id.")
  var input: String
  @Option(name: [.short, .long], help: "The file (default: standard output).")
  var out: String?

  func run() async {
    await CommandEnd.perform {
      let here = FileIO.workingDirectory
      let source = try ResultSource.find(input, project: here)
      let scan = try source.scan { $1 }
      CommandEnd.complain(source.warning(badLines: scan.badLines))
      var file =
        try out.map { try OutputFile(Path.absolute($0, in: here)) }
        ?? OutputFile(standardOutput: ())
      for span in scan.values {
        let bytes = try FileIO.read(source.path, offset: span.offset, count: span.count)
        guard let object = try JSON.parse(bytes).object else { continue }
        try file.write(JSON.object(ResultTrimmer.trimmed(object)).serialized() + [0x0A])
      }
      try file.finish()
      if let out { CommandEnd.complain("Trimmed \(scan.values.count) record(s) → \(out)") }
      return 0
    }
  }
}
