// Which fields there are, and what is said about all others.

import Core

/// The fields of eval files.
enum KnownFields {
  static let suite: Set<String> = [
    "$schema", "name", "description", "category", "version", "author", "tags", "license",
    "requires", "input", "input_files", "tests", "target", "execution", "assertions",
    "evaluators", "preprocessors", "workspace", "metadata", "governance",
  ]
  static let suiteDeprecated = [
    "eval_cases": "tests", "evalcases": "tests", "evaluator": "assertions",
    "assert": "assertions",
  ]
  static let test: Set<String> = [
    "id", "criteria", "input", "input_files", "expected_output", "assertions", "evaluators",
    "rubrics", "execution", "workspace", "metadata", "conversation_id", "suite", "depends_on",
    "on_dependency_failure", "mode", "turns", "aggregation", "on_turn_failure", "window_size",
  ]
  static let testDeprecated = [
    "evaluator": "assertions", "assert": "assertions", "expected_outcome": "criteria",
  ]

  /// Warns about deprecated and unknown fields of a mapping.
  static func check(
    _ members: [SourceNode.Member], known: Set<String>, deprecated: [String: String],
    _ place: FieldPlace, _ problems: Problems
  ) {
    for member in members where !known.contains(member.key) {
      let node = SourceNode(member.value.value, member.position)
      if let successor = deprecated[member.key] {
        problems.note(
          place.member(member.key).warning(
            "'\(member.key)' is deprecated. Use '\(successor)' instead.", node))
      } else {
        let hint = nearest(member.key, in: known).map { " Did you mean '\($0)'?" } ?? ""
        problems.note(
          place.member(member.key).warning(
            "Unknown field '\(member.key)'. This field will be ignored.\(hint)", node))
      }
    }
  }

  /// The known name that differs from a word in at most two letters and in no more than a third of
  /// them, if there is one.
  static func nearest(_ word: String, in names: some Sequence<String>) -> String? {
    names.map { ($0, distance(word, $0)) }
      .filter { $0.1 <= 2 && $0.1 * 3 <= word.utf8.count }
      .min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
  }

  /// Levenshtein distance.
  private static func distance(_ left: String, _ right: String) -> Int {
    let target = Array(right.utf8)
    var row = Array(0...target.count)
    for (index, byte) in left.utf8.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in target.indices {
        let above = row[column + 1]
        let changed = diagonal + (target[column] == byte ? 0 : 1)
        row[column + 1] = min(changed, above + 1, row[column] + 1)
        diagonal = above
      }
    }
    return row[target.count]
  }
}
