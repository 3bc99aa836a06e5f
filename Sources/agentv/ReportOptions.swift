// What the commands around a finished run share: where the project is, in which form to answer, and
// how to end.

import ArgumentParser
import Core
import EvalRunner
import Reports

/// In which form a command answers.
enum OutputForm: String, ExpressibleByArgument, CaseIterable {
  case table, json
}

/// `-f/--format` and `--json`.
struct FormOptions: ParsableArguments {
  @Option(name: [.short, .long], help: "table or json (default: table).")
  var format: OutputForm?

  @Flag(help: "The same as --format json.")
  var json = false

  /// What was asked for, else the command's own way.
  func form(otherwise usual: OutputForm = .table) -> OutputForm {
    json ? .json : format ?? usual
  }
}

/// `-d/--dir`.
struct ProjectOptions: ParsableArguments {
  @Option(name: [.short, .customLong("dir")], help: "The project's directory (default: here).")
  var directory: String?

  /// The project, absolute.
  var project: String {
    directory.map { Path.absolute($0, in: FileIO.workingDirectory) } ?? FileIO.workingDirectory
  }
}

/// Documents that `agentv eval` writes at the end.
struct ExportOptions: ParsableArguments {
  @Option(
    name: .customLong("export"),
    help: """
      Also write the results to this file at the end: .jsonl, .json, .xml (JUnit), .yaml, .yml, \
      .html, .htm; repeatable.
      """)
  var exports: [String] = []

  @Option(
    name: .customLong("benchmark-json"), help: "Also write the Agent-Skills summary to this file.")
  var benchmarkJSON: String?

  @Option(
    name: .customLong("otel-file"),
    help: "Also write OpenTelemetry traces (OTLP JSON) to this file.")
  var otelFile: String?

  @Flag(
    name: .customLong("otel-capture-content"), help: "Put prompts and answers into the traces.")
  var otelCaptureContent = false

  @Flag(
    name: .customLong("otel-group-turns"), help: "Give each turn a span of its own in the traces.")
  var otelGroupTurns = false

  @Flag(
    name: .customLong("export-otel"),
    help: """
      Send OpenTelemetry traces of the results to a collector (OTLP/HTTP): --otel-backend, else \
      OTEL_EXPORTER_OTLP_ENDPOINT.
      """)
  var exportOtel = false

  @Option(
    name: .customLong("otel-backend"),
    help: ArgumentHelp(
      "langfuse, braintrust or confident; their keys come from the environment.",
      valueName: "name"),
    transform: { name in
      guard let backend = TraceBackend(rawValue: name) else {
        throw ValidationError("expected langfuse, braintrust or confident, found '\(name)'")
      }
      return backend
    })
  var otelBackend: TraceBackend?

  /// Where traces are sent; `nil` for nowhere.
  var push: TracePushPlan? {
    exportOtel ? TracePushPlan(backend: otelBackend) : nil
  }

  /// What was asked for.
  var plan: ExportPlan {
    let isOn = ProcessEnvironment.current()["AGENTV_OTEL_CAPTURE_CONTENT"].map {
      !["", "0", "false"].contains($0)
    }
    var plan = ExportPlan(
      exports: exports, benchmarkJSON: benchmarkJSON, otelFile: otelFile,
      capturesContent: otelCaptureContent || isOn ?? false)
    plan.groupsTurns = otelGroupTurns
    return plan
  }
}

/// The end of a command.
enum CommandEnd {
  /// Runs a command; an error it throws becomes a line on stderr and exit code 1.
  static func perform(_ body: () async throws -> Int32) async -> Never {
    do {
      ProcessEnvironment.exitNow(try await body())
    } catch let error as ExitCode {
      ProcessEnvironment.exitNow(error.rawValue)
    } catch {
      complain("Error: \(error)")
      ProcessEnvironment.exitNow(1)
    }
  }

  /// Writes a text for people or scripts.
  static func say(_ text: String) {
    StandardStream.output.write(text.hasSuffix("\n") ? text : text + "\n")
  }

  /// Writes a document.
  static func say(_ json: JSON) { say(json.prettyText) }

  /// Writes a line on stderr.
  static func complain(_ text: String?) {
    if let text { StandardStream.error.write(text + "\n") }
  }

  /// Colours only on a terminal that has them and nobody forbade them.
  static var style: TextStyle {
    let environment = ProcessEnvironment.current()
    let isForbidden =
      environment["NO_COLOR"].map { !$0.isEmpty } ?? false || environment["TERM"] == "dumb"
    return TextStyle(hasColor: StandardStream.output.isTerminal && !isForbidden)
  }
}
