// `agentv init`: what a project needs before its first eval (reference: cli 8).

public import Core

/// Files of a new project.
public enum ProjectScaffold {
  /// What became of a file.
  public enum Outcome: String, Sendable, Hashable {
    case created, replaced, kept
  }

  /// The files, relative to the project.
  static let files: [(path: String, text: String)] = [
    (".env.example", environment), (".agentv/.gitignore", gitignore),
    (".agentv/config.yaml", config), (".agentv/targets.yaml", targets),
  ]

  /// Writes the files; one that is there is kept unless it is to be replaced.
  /// - Parameters:
  ///   - directory: the project, absolute; created when it is missing.
  ///   - replaces: whether files that are there are replaced.
  /// - Returns: what became of each file, in order.
  /// - Throws: `FileError`.
  public static func write(
    in directory: String, replaces: Bool
  ) throws(FileError) -> [(path: String, outcome: Outcome)] {
    var outcomes: [(path: String, outcome: Outcome)] = []
    for file in files {
      let path = Path.join(directory, file.path)
      let isThere = FileIO.linkStatus(path) != nil
      if isThere, !replaces {
        outcomes.append((file.path, .kept))
        continue
      }
      try FileIO.createDirectories(Path.directory(path))
      try FileIO.replace(path, Array(file.text.utf8))
      outcomes.append((file.path, isThere ? .replaced : .created))
    }
    return outcomes
  }

  private static let environment = """
    # Copy this file to .env and fill in what your targets use. Variables that are set already win.

    # OpenAI
    OPENAI_API_KEY=
    OPENAI_MODEL=

    # Azure OpenAI
    AZURE_OPENAI_ENDPOINT=
    AZURE_OPENAI_API_KEY=
    AZURE_DEPLOYMENT_NAME=

    # Anthropic
    ANTHROPIC_API_KEY=
    ANTHROPIC_MODEL=

    # Google Gemini
    GOOGLE_GENERATIVE_AI_API_KEY=

    """

  private static let gitignore = """
    # What runs leave behind
    results/
    logs/
    cache/
    cache.json
    studio.db*

    """

  private static let config = """
    $schema: agentv-config-v2

    # Which files `agentv studio` lists as evals.
    # eval_patterns:
    #   - "**/evals/**/*.eval.yaml"

    # Defaults for `agentv eval`; options on the command line win.
    # execution:
    #   verbose: false
    #   keep_workspaces: false

    """

  private static let targets = """
    $schema: agentv-targets-v2.2

    # What evals run against. ${{ NAME }} is read from the environment or a .env file; keys are
    # never written here.
    targets:
      # What runs when nobody names a target: change it to one of those below.
      - name: default
        use_target: mock

      # Answers at once, without a key: to try things out.
      - name: mock
        provider: mock
        response: "I'm doing well, thank you."

      # A program of your own. It reads the prompt and writes its answer to {OUTPUT_FILE}.
      # - name: my_agent
      #   provider: cli
      #   command: ./my-agent --prompt-file {PROMPT_FILE} --output {OUTPUT_FILE}
      #   grader_target: grader

      # Coding agents, as installed on this machine.
      # - name: claude
      #   provider: claude
      #   grader_target: grader
      # - name: codex
      #   provider: codex
      #   grader_target: grader
      # - name: copilot
      #   provider: copilot
      #   grader_target: grader

      # Models; one of them can grade.
      # - name: grader
      #   provider: openai
      #   api_key: ${{ OPENAI_API_KEY }}
      #   model: ${{ OPENAI_MODEL }}
      # - name: azure
      #   provider: azure
      #   endpoint: ${{ AZURE_OPENAI_ENDPOINT }}
      #   api_key: ${{ AZURE_OPENAI_API_KEY }}
      #   model: ${{ AZURE_DEPLOYMENT_NAME }}
      # - name: anthropic
      #   provider: anthropic
      #   api_key: ${{ ANTHROPIC_API_KEY }}
      #   model: ${{ ANTHROPIC_MODEL }}
      # - name: gemini
      #   provider: gemini
      #   api_key: ${{ GOOGLE_GENERATIVE_AI_API_KEY }}

    """
}
