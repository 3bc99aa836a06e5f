// Documents that `agentv eval` writes when a run has ended: --export, --benchmark-json,
// --otel-file.

import Core
import Reports
import RunArtifacts

/// What became of the documents.
struct ExportOutcome: Sendable {
  /// Why they could not be written.
  var failure: String?
  /// Line for the summary; empty when there is nothing to say.
  var line = ""
}

extension EvalSession {
  /// Writes the documents from everything that the run has on disk, so that those of a resumed run
  /// cover the whole of it.
  func writeExports(
    _ plan: ExportPlan, of directory: RunDirectory, in base: String
  ) -> ExportOutcome {
    guard !plan.isEmpty else { return ExportOutcome() }
    do {
      try plan.write(ResultSource(directory), in: base)
      return ExportOutcome(
        line: "\nExport file(s) written: \(plan.paths.joined(separator: ", "))")
    } catch {
      return ExportOutcome(
        failure: "\(error)\nThe results themselves are kept; write the document with:\n"
          + "  agentv results export \(shellQuoted(directory.path)) --output FILE")
    }
  }

  /// The exit code of a run that had nothing left to do; its documents are written all the same.
  func finishExports(
    _ plan: ExportPlan, of directory: RunDirectory, in base: String, code: Int32
  ) -> Int32 {
    let outcome = writeExports(plan, of: directory, in: base)
    if let failure = outcome.failure {
      console.complain("Error: \(failure)")
      return 1
    }
    if !outcome.line.isEmpty { console.say(String(outcome.line.dropFirst())) }
    return code
  }

  /// Says at the start which documents will be written.
  func announceExports(_ plan: ExportPlan, in base: String) {
    guard !plan.paths.isEmpty else { return }
    let lines = plan.paths.map { "\n  \(Path.absolute($0, in: base))" }
    console.say("Export files:" + lines.joined())
  }
}
