/// Checks of patterns before anything runs.
public enum RegexCheck {
  /// What is wrong with a pattern of a `regex` grader; `nil` when it can be used.
  public static func problem(_ pattern: String, flags: String) -> String? {
    do throws(GraderError) {
      _ = try RegexSearch(pattern, flags: flags)
      return nil
    } catch {
      return error.description
    }
  }
}
