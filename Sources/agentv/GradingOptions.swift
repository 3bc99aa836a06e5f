import ArgumentParser
import EvalRunner

/// Who grades.
struct GradingOptions: ParsableArguments {
  @Option(
    name: .customLong("grader-target"),
    help: "Target that grades for all, instead of grader_target; agentv: the built-in grader.")
  var graderTarget: String?

  @Option(help: "Model of --grader-target agentv, as provider:model.")
  var model: String?

  func apply(to options: inout EvalOptions) {
    options.graderTarget = graderTarget
    options.model = model
  }
}
