import ArgumentParser
import Core
import EvalRunner

/// `agentv eval assert NAME`.
struct EvalAssertCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assert",
    abstract: "Run one script of .agentv/graders by itself on an answer.",
    discussion: """
      Prints the script's judgement as JSON. Exit codes: 0 from a score of 0.5 on, else 1.

      Examples:
        agentv eval assert says-42 --agent-output 42
        agentv eval assert polite --file answer.json

      Exit codes: 0 from a score of 0.5 on; 1 less, no such script, or nothing to judge.
      """)

  @Argument(help: "Name of the script, with or without its ending.")
  var name: String

  @Option(
    name: .customLong("agent-output"), parsing: .unconditional, help: "The answer to judge.")
  var agentOutput: String?

  @Option(
    name: .customLong("agent-input"), parsing: .unconditional, help: "The question it answers.")
  var agentInput: String?

  @Option(help: "A JSON file {output, input} in place of both.")
  var file: String?

  func run() async {
    var assertion = ScriptAssertion(name: name)
    assertion.output = agentOutput
    assertion.input = agentInput
    assertion.file = file
    ProcessEnvironment.exitNow(
      await assertion.run(
        workingDirectory: FileIO.workingDirectory, environment: ProcessEnvironment.current()))
  }
}
