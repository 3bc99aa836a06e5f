import ArgumentParser
import Core
import Reports

/// `agentv init`.
struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Write the first files of a project.",
    discussion: """
      Writes .env.example and, in .agentv/, config.yaml, targets.yaml and .gitignore. A file that \
      is there is kept, unless --force is given.

      Examples:
        agentv init
        agentv init --path my-project --force

      Exit codes: 0 done; 1 a file that cannot be written.
      """)

  @Option(help: "The project's directory (default: here).")
  var path: String?
  @Flag(help: "Replace files that are there.")
  var force = false
  @Flag(help: "Print JSON.")
  var json = false

  func run() async {
    await CommandEnd.perform {
      let directory = Path.absolute(path ?? ".", in: FileIO.workingDirectory)
      let outcomes = try ProjectScaffold.write(in: directory, replaces: force)
      if json {
        CommandEnd.say(
          .array(
            outcomes.map {
              ["path": .string($0.path), "outcome": .string($0.outcome.rawValue)]
            }))
        return 0
      }
      for (path, outcome) in outcomes {
        switch outcome {
        case .created: CommandEnd.say("Created \(path)")
        case .replaced: CommandEnd.say("Replaced \(path)")
        case .kept: CommandEnd.say("Kept \(path) (it is there; --force replaces it)")
        }
      }
      CommandEnd.say(
        """

        Next:
          1. Copy .env.example to .env and fill in the keys that you use
          2. Configure targets in .agentv/targets.yaml
          3. agentv create eval hello && agentv eval evals/hello.eval.yaml
        """)
      return 0
    }
  }
}

/// `agentv create`.
struct CreateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Write the first version of an eval, a grader, a target.",
    discussion: """
      A file that is there is refused, unless --force is given.

      Examples:
        agentv create eval greetings
        agentv create target gpt --provider openai

      Exit codes: 0 done; 1 the file is there, or cannot be written.
      """,
    subcommands: [
      CreateEval.self, CreateAssertion.self, CreateGrader.self, CreateProvider.self,
      CreateTarget.self,
    ])
}

/// What the skeletons have in common.
struct CreateOptions: ParsableArguments {
  @Argument(help: "Its name: letters, digits, '.', '_', '-'.")
  var name: String
  @Option(help: "Variant; an unknown one lists those there are.")
  var template: String?
  @Flag(help: "Replace files that are there.")
  var force = false

  func perform(_ kind: Skeleton.Kind) async {
    await CommandEnd.perform {
      let here = FileIO.workingDirectory
      let skeleton = try Skeleton.make(kind, name: name, template: template)
      for file in skeleton.files where !force && FileIO.exists(Path.join(here, file.path)) {
        throw ReportError("\"\(file.path)\" is there already; --force replaces it")
      }
      for file in skeleton.files {
        let path = Path.join(here, file.path)
        try FileIO.createDirectories(Path.directory(path))
        try FileIO.replace(path, Array(file.text.utf8))
        CommandEnd.say("Created \(file.path)")
      }
      CommandEnd.say("\n\(skeleton.hint)")
      return 0
    }
  }
}

/// `agentv create eval`.
struct CreateEval: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "evals/NAME.eval.yaml with two tests (templates: default, rubric).",
    discussion: """
      Examples:
        agentv create eval greetings
        agentv create eval refunds --template rubric

      Exit codes: 0 done; 1 the file is there, or cannot be written.
      """)
  @OptionGroup var options: CreateOptions
  func run() async { await options.perform(.eval) }
}

/// `agentv create assertion`.
struct CreateAssertion: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assertion",
    abstract: ".agentv/assertions/NAME.ts, a type for eval files (templates: default, score).",
    discussion: """
      Examples:
        agentv create assertion polite
        agentv create assertion tone --template score

      Exit codes: 0 done; 1 the file is there, or cannot be written.
      """)
  @OptionGroup var options: CreateOptions
  func run() async { await options.perform(.assertion) }
}

/// `agentv create grader`.
struct CreateGrader: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grader",
    abstract: ".agentv/graders/NAME.ts, also for agentv eval assert (templates: default, score).",
    discussion: """
      Examples:
        agentv create grader polite
        agentv create grader tone --template score

      Exit codes: 0 done; 1 the file is there, or cannot be written.
      """)
  @OptionGroup var options: CreateOptions
  func run() async { await options.perform(.grader) }
}

/// `agentv create provider`.
struct CreateProvider: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "provider", abstract: ".agentv/providers/NAME.ts, a target of your own.",
    discussion: """
      Examples:
        agentv create provider mine
        agentv create provider mine --force

      Exit codes: 0 done; 1 the file is there, or cannot be written.
      """)
  @OptionGroup var options: CreateOptions
  func run() async { await options.perform(.provider) }
}

/// `agentv create target`.
struct CreateTarget: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "target", abstract: "Add an entry to .agentv/targets.yaml.",
    discussion: """
      Providers: \(TargetSkeleton.providers.joined(separator: ", ")).

      Examples:
        agentv create target local
        agentv create target gpt --provider openai

      Exit codes: 0 done; 1 there is a target of that name, or the file cannot be written.
      """)

  @Argument(help: "Its name.")
  var name: String
  @Option(help: "Kind of target (default: cli).")
  var provider = "cli"

  func run() async {
    await CommandEnd.perform {
      let file = ".agentv/targets.yaml"
      try TargetSkeleton.add(
        name, provider: provider, to: Path.join(FileIO.workingDirectory, file))
      CommandEnd.say("Added target \"\(name)\" to \(file)")
      CommandEnd.say("\nRun with:\n  agentv eval … --target \(name)")
      return 0
    }
  }
}
