// `agentv create`: first versions of things that people write themselves.

import Core
import EvalFiles

/// A file that is to be created.
public struct Skeleton: Sendable, Hashable {
  /// What can be created.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case eval, assertion, grader, provider
  }

  /// Path relative to the project.
  public var path: String
  /// Content.
  public var text: String

  /// Names of the variants of a kind, the usual one first.
  public static func templates(_ kind: Kind) -> [String] {
    switch kind {
    case .eval: ["default", "rubric"]
    case .assertion, .grader: ["default", "score"]
    case .provider: ["default"]
    }
  }

  /// The files of a skeleton.
  /// - Parameters:
  ///   - kind: what it is.
  ///   - name: letters, digits, `.`, `_`, `-`.
  ///   - template: a variant.
  /// - Returns: the files and what to do with them.
  /// - Throws: `ReportError` for a name or a variant that does not do.
  public static func make(
    _ kind: Kind, name: String, template: String?
  ) throws(ReportError) -> (files: [Skeleton], hint: String) {
    try checkName(name)
    let variants = templates(kind)
    let template = template ?? variants[0]
    guard variants.contains(template) else {
      throw ReportError(
        "Unknown template \"\(template)\". Available: \(variants.joined(separator: ", "))")
    }
    switch kind {
    case .eval:
      let file = Skeleton(
        path: "evals/\(name).eval.yaml",
        text: template == "rubric" ? rubricEval(name) : defaultEval(name))
      return (
        [file, Skeleton(path: "evals/\(name).cases.jsonl", text: cases)],
        "Run with:\n  agentv eval \(file.path)"
      )
    case .assertion, .grader:
      let directory = kind == .assertion ? "assertions" : "graders"
      let file = Skeleton(
        path: ".agentv/\(directory)/\(name).ts",
        text: template == "score" ? scoreScript : checkScript)
      return ([file], "Use in an eval file:\n  assertions:\n    - type: \(name)")
    case .provider:
      let file = Skeleton(path: ".agentv/providers/\(name).ts", text: providerScript)
      let command = "bun run \(file.path) {PROMPT_FILE} {OUTPUT_FILE}"
      return (
        [file],
        """
        Configure in .agentv/targets.yaml:
          targets:
            - name: \(name)
              provider: cli
              cwd: .
              command: \(command)
        """
      )
    }
  }

  static func checkName(_ name: String) throws(ReportError) {
    let isValid =
      !name.isEmpty && !name.hasPrefix(".") && !name.hasPrefix("-") && name.utf8.count <= 100
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
          UInt8(ascii: "-"):
          true
        default: false
        }
      }
    guard isValid else {
      throw ReportError(
        "\"\(name)\" is no name for a file: use at most 100 letters, digits, \".\", \"_\" and "
          + "\"-\", beginning with none of \".\" and \"-\"")
    }
  }

  private static func defaultEval(_ name: String) -> String {
    """
    name: \(name)
    description: What \(name) is expected to do
    execution:
      target: default

    tests:
      - id: greeting
        criteria: The agent answers politely
        input: "Hello, how are you?"
        expected_output: "I'm doing well"
        assertions:
          - type: contains
            value: well

      # Further tests, one JSON object on each line.
      - file://\(name).cases.jsonl

    """
  }

  private static func rubricEval(_ name: String) -> String {
    """
    name: \(name)
    description: What \(name) is expected to do
    execution:
      target: default

    tests:
      - id: greeting
        criteria: The agent answers politely and completely
        input: "Hello, how are you?"
        expected_output: "I'm doing well, thank you for asking!"
        assertions:
          - type: rubrics
            criteria:
              - id: accuracy
                weight: 0.6
                outcome: The answer is a fitting reply to the question
              - id: completeness
                weight: 0.4
                outcome: The answer addresses every part of the question

      # Further tests, one JSON object on each line.
      - file://\(name).cases.jsonl

    """
  }

  private static let cases = """
    {"id":"thanks","criteria":"The agent thanks","input":"How is it going?","expected_output":"I'm \
    doing well, thank you.","assertions":[{"type":"icontains","value":"thank"}]}

    """

  private static let scriptHead = """
    // Gets the result as JSON on standard input and writes its judgement as JSON on standard output.
    import { readFileSync } from "node:fs";

    const result = JSON.parse(readFileSync(0, "utf8"));

    /** The text of the agent's last message. */
    function answer(messages) {
      const last = (messages ?? []).filter((message) => message.role === "assistant").at(-1);
      const content = last?.content ?? "";
      if (typeof content === "string") return content;
      return content.map((block) => block.text ?? block.value ?? "").join("\\n");
    }

    const text = answer(result.output);

    """

  private static let checkScript =
    scriptHead + """

      // Every assertion that holds counts; the score is their share.
      console.log(
        JSON.stringify({
          assertions: [
            { text: "The answer is not empty", passed: text.trim().length > 0 },
            { text: "The answer has at most 2,000 characters", passed: text.length <= 2000 },
          ],
        }),
      );

      """

  private static let scoreScript =
    scriptHead + """

      // A score from 0 to 1 of your own making, and what it is made of.
      const words = text.split(/\\s+/).filter(Boolean).length;
      const score = Math.min(1, words / 50);

      console.log(
        JSON.stringify({
          score,
          assertions: [{ text: `The answer has ${words} words of 50`, passed: score >= 0.8 }],
        }),
      );

      """

  private static let providerScript = """
    // A target of your own: reads the prompt from the first file, writes the answer to the second.
    import { readFileSync, writeFileSync } from "node:fs";

    const [promptFile, outputFile] = process.argv.slice(2);
    if (!promptFile || !outputFile) {
      console.error("usage: provider.ts PROMPT_FILE OUTPUT_FILE");
      process.exit(64);
    }

    const prompt = readFileSync(promptFile, "utf8");

    // Ask your agent or model here; `token_usage` and `cost_usd` may be left out.
    const text = `You said: ${prompt}`;

    writeFileSync(outputFile, JSON.stringify({ text }));

    """
}

/// Adds an entry to targets.yaml without touching the others.
public enum TargetSkeleton {
  /// Kinds of targets that there is a skeleton for.
  public static let providers = [
    "cli", "mock", "claude", "codex", "copilot", "openai", "azure", "anthropic", "gemini",
    "openrouter",
  ]

  /// The entry of a target as YAML.
  static func entry(_ name: String, provider: String, indent: String) -> String {
    var lines = ["- name: \(name)", "  provider: \(provider)"]
    switch provider {
    case "cli":
      lines.append("  command: ./\(name) --prompt-file {PROMPT_FILE} --output {OUTPUT_FILE}")
    case "mock": lines.append("  response: Hello")
    case "openai":
      lines += ["  api_key: ${{ OPENAI_API_KEY }}", "  model: ${{ OPENAI_MODEL }}"]
    case "azure":
      lines += [
        "  endpoint: ${{ AZURE_OPENAI_ENDPOINT }}", "  api_key: ${{ AZURE_OPENAI_API_KEY }}",
        "  model: ${{ AZURE_DEPLOYMENT_NAME }}",
      ]
    case "anthropic":
      lines += ["  api_key: ${{ ANTHROPIC_API_KEY }}", "  model: ${{ ANTHROPIC_MODEL }}"]
    case "gemini": lines.append("  api_key: ${{ GOOGLE_GENERATIVE_AI_API_KEY }}")
    case "openrouter":
      lines += ["  api_key: ${{ OPENROUTER_API_KEY }}", "  model: ${{ OPENROUTER_MODEL }}"]
    default: break
    }
    return lines.map { indent + $0 + "\n" }.joined()
  }

  /// Adds a target to a targets file, which is created when it is missing.
  ///
  /// The file is only replaced when it then reads as before with one entry more.
  /// - Parameters:
  ///   - name: name of the target.
  ///   - provider: one of `providers`.
  ///   - path: targets.yaml, absolute.
  /// - Throws: `ReportError` when the entry cannot be added; `FileError`.
  public static func add(_ name: String, provider: String, to path: String) throws {
    try Skeleton.checkName(name)
    guard providers.contains(provider) else {
      throw ReportError(
        "Unknown provider \"\(provider)\". Available: \(providers.joined(separator: ", "))")
    }
    guard FileIO.exists(path) else {
      try FileIO.createDirectories(Path.directory(path))
      let text = "$schema: agentv-targets-v2.2\n\ntargets:\n"
      try FileIO.replace(
        path, Array((text + entry(name, provider: provider, indent: "  ")).utf8))
      return
    }
    let limit = 4 << 20
    let old = names(YAMLFile.read(path, limitBytes: limit))
    guard let old else {
      throw ReportError("\"\(path)\" has no \"targets\" list that can be read; mend it first")
    }
    guard !old.contains(name) else {
      throw ReportError("\"\(path)\" has a target \"\(name)\" already; choose another name")
    }
    var text = String(decoding: try FileIO.read(path, limitBytes: limit), as: UTF8.self)
    if !text.hasSuffix("\n") { text += "\n" }
    let temporary = "\(path).new"
    defer { try? FileIO.remove(temporary) }
    for indent in ["  ", ""] {
      let candidate = text + "\n" + entry(name, provider: provider, indent: indent)
      try FileIO.write(temporary, Array(candidate.utf8))
      if names(YAMLFile.read(temporary, limitBytes: limit)) == old + [name] {
        try FileIO.replace(path, Array(candidate.utf8))
        return
      }
    }
    throw ReportError(
      "\"targets\" is not the last list of \"\(path)\"; add this to it yourself:\n"
        + entry(name, provider: provider, indent: "  "))
  }

  private static func names(_ file: JSON?) -> [String]? {
    file?["targets"]?.array?.map { $0["name"]?.string ?? "" }
  }
}
