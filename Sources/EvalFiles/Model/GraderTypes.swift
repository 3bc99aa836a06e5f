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
  /// Known to eval files but not run by this version; a test with one of them cannot be judged.
  public static let unavailable: Set<String> = [
    "llm-grader", "rubrics", "composite", "tool-trajectory", "field-accuracy", "latency", "cost",
    "token-usage", "execution-metrics", "skill-trigger",
  ]
  /// Run by this version.
  public static let available: Set<String> =
    textValue.union(listValue).union(["is-json", "code-grader"])
  /// All of them.
  public static let all: Set<String> = available.union(unavailable)

  /// Endings of files that define a grader type of a project's own.
  public static let scriptExtensions = ["ts", "js", "mts", "mjs", "cts", "cjs"]
}
