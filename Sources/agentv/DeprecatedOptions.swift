import ArgumentParser
import Core
import EvalRunner

/// Options of earlier versions that scripts may still use; each says once what to use instead.
struct DeprecatedOptions: ParsableArguments {
  @Option(name: .customLong("artifacts"), help: "Old name of --output.")
  var artifacts: String?

  @Option(
    name: .customLong("output-format"), help: "Without effect; the ending of a file decides.")
  var outputFormat: String?

  @Option(name: .customLong("out"), help: "Old: copy the run's rows to this JSONL file at its end.")
  var out: String?

  func apply(to options: inout EvalOptions) {
    if let artifacts {
      warn("--artifacts is deprecated; use --output")
      options.output = options.output ?? artifacts
    }
    if outputFormat != nil { warn("--output-format is deprecated and has no effect") }
    if let out {
      warn("--out is deprecated; the rows are in index.jsonl of the run directory")
      options.rowsCopy = out
    }
  }

  private func warn(_ text: String) { StandardStream.error.write("Warning: \(text)\n") }
}
