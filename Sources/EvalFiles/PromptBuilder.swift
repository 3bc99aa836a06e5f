// The text that a target is sent.

/// How a provider wants files to appear in the prompt.
public enum PromptStyle: Sendable, Hashable {
  /// `<file: path="ABSOLUTE">`: agents read the file themselves.
  case agent
  /// `<file path="DISPLAY">` around the file's text: models cannot read files.
  case llm
}

extension EvalTest {
  /// The text sent to a target.
  /// - Parameter style: how files appear in it.
  public func prompt(style: PromptStyle) -> String {
    ""
  }
}
