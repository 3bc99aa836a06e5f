// The types of graders that eval files may name.

/// Names of the built-in graders.
public enum GraderTypes {
  /// Compare the answer with one text, `value`.
  public static let textValue: Set<String> = [
    "contains", "icontains", "starts-with", "ends-with", "equals", "regex",
  ]
  /// Compare the answer with a list of texts, `value`.
  public static let listValue: Set<String> = [
    "contains-any", "contains-all", "icontains-any", "icontains-all",
  ]
  /// Ask a model.
  public static let model: Set<String> = ["llm-grader", "rubrics"]
  /// Look at what the target did and used, not at its answer.
  public static let trace: Set<String> = [
    "tool-trajectory", "latency", "cost", "token-usage", "execution-metrics", "skill-trigger",
  ]
  /// Run by this version: all of them.
  public static let available: Set<String> =
    textValue.union(listValue).union(model).union(trace)
    .union(["is-json", "code-grader", "composite", "field-accuracy"])
  /// All of them.
  public static let all: Set<String> = available

  /// Endings of files that define a grader type of a project's own and are run by `bun` or `node`.
  public static let scriptExtensions = ["ts", "js", "mts", "mjs", "cts", "cjs"]
}
