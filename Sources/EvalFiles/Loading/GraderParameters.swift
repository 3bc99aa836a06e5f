// Parameters of graders that look at what a target did, and of those made of others.

import Core

/// Checks the parameters that a type of grader cannot do without.
struct GraderParameters {
  static let trajectoryModes: Set<String> = [
    "any_order", "in_order", "exact", "superset", "subset",
  ]
  static let aggregators: Set<String> = [
    "weighted_average", "threshold", "code-grader", "llm-grader",
  ]
  private static let fieldMatches: Set<String> = ["exact", "numeric_tolerance", "date"]
  private static let limits = [
    "token-usage": ["max_total", "max_input", "max_output"],
    "execution-metrics": [
      "max_tool_calls", "max_llm_calls", "max_tokens", "max_cost_usd", "max_duration_ms",
      "target_exploration_ratio",
    ],
  ]

  let problems: Problems

  /// Whether a grader can be used; what is wrong has been reported if not.
  func check(_ type: String, _ node: SourceNode, _ place: FieldPlace) -> Bool {
    switch type {
    case "latency": return number("threshold", type, "milliseconds", node, place)
    case "cost": return number("budget", type, "US dollars", node, place)
    case "token-usage", "execution-metrics": return limits(type, node, place)
    case "skill-trigger":
      guard let skill = node["skill"]?.string, !skill.trimmed.isEmpty else {
        return leaveOut("skill", "a \(type) grader needs the name of a skill", node, place)
      }
      return true
    case "tool-trajectory": return trajectory(node, place)
    case "field-accuracy": return fields(node, place)
    case "composite": return aggregator(node, place)
    default: return true
    }
  }

  private func leaveOut(
    _ field: String, _ expected: String, _ node: SourceNode, _ place: FieldPlace
  ) -> Bool {
    let found = node[field].map(\.found) ?? "none"
    problems.note(
      place.member(field).warning(
        "left out: \(expected), found \(found)", node[field] ?? node))
    return false
  }

  private func number(
    _ field: String, _ type: String, _ unit: String, _ node: SourceNode, _ place: FieldPlace
  ) -> Bool {
    guard let number = node[field]?.number, number >= 0 else {
      return leaveOut(field, "a \(type) grader needs a number of \(unit), 0 or more", node, place)
    }
    return true
  }

  private func limits(_ type: String, _ node: SourceNode, _ place: FieldPlace) -> Bool {
    let names = Self.limits[type] ?? []
    var usable = 0
    for name in names {
      guard let value = node.present(name) else { continue }
      if let number = value.number, number >= 0 {
        usable += 1
      } else {
        problems.note(
          place.member(name).warning(
            "ignored: expected a number of 0 or more, found \(value.found)", value))
      }
    }
    guard usable == 0 else { return true }
    problems.note(
      place.warning(
        "left out: a \(type) grader needs at least one of \(names.joined(separator: ", "))", node))
    return false
  }

  private func trajectory(_ node: SourceNode, _ place: FieldPlace) -> Bool {
    guard let mode = node["mode"]?.string, Self.trajectoryModes.contains(mode) else {
      return leaveOut(
        "mode",
        "a tool-trajectory grader needs one of "
          + Self.trajectoryModes.sorted().joined(separator: ", "),
        node, place)
    }
    if mode == "any_order" {
      guard let minimums = node["minimums"]?.mapping, !minimums.isEmpty,
        minimums.allSatisfy({ ($0.value.json.int ?? -1) >= 0 })
      else {
        return leaveOut(
          "minimums", "mode any_order needs a mapping from tools to numbers of calls", node, place)
      }
      return true
    }
    guard let expected = node["expected"]?.sequence,
      expected.allSatisfy({ $0["tool"]?.string?.isEmpty == false })
    else {
      return leaveOut(
        "expected", "mode \(mode) needs a list of calls, each with the name of a tool", node, place)
    }
    return true
  }

  private func fields(_ node: SourceNode, _ place: FieldPlace) -> Bool {
    guard let fields = node["fields"]?.sequence, !fields.isEmpty else {
      return leaveOut(
        "fields", "a field-accuracy grader needs a list of fields that is not empty", node, place)
    }
    var usable = 0
    for (index, field) in fields.enumerated() {
      let here = place.member("fields").element(index)
      if field["path"]?.string?.isEmpty ?? true {
        problems.note(
          here.member("path").warning(
            "left out: a field needs a path, found \(field["path"]?.found ?? "none")", field))
      } else if let match = field["match"]?.string, Self.fieldMatches.contains(match) {
        usable += 1
      } else {
        problems.note(
          here.member("match").warning(
            "left out: expected one of \(Self.fieldMatches.sorted().joined(separator: ", ")), "
              + "found \(field["match"]?.found ?? "none")", field))
      }
    }
    if let aggregation = node.present("aggregation"),
      !["weighted_average", "all_or_nothing"].contains(aggregation.string ?? "")
    {
      problems.note(
        place.member("aggregation").warning(
          "ignored: expected weighted_average or all_or_nothing, found \(aggregation.found)",
          aggregation))
    }
    guard usable == 0 else { return true }
    problems.note(
      place.member("fields").warning("left out: none of its fields can be used", node))
    return false
  }

  private func aggregator(_ node: SourceNode, _ place: FieldPlace) -> Bool {
    let here = place.member("aggregator")
    guard let aggregator = node["aggregator"],
      let type = aggregator["type"]?.string ?? aggregator.string,
      Self.aggregators.contains(type) || Self.aggregators.contains(type.replacing("_", with: "-"))
    else {
      let known = Self.aggregators.sorted().joined(separator: ", ")
      return leaveOut(
        "aggregator", "a composite needs an aggregator with one of the types \(known)", node, place)
    }
    switch type {
    case "threshold":
      guard let level = aggregator["threshold"]?.number, (0...1).contains(level) else {
        problems.note(
          here.member("threshold").warning(
            "left out: expected a number from 0 to 1, found "
              + (aggregator["threshold"]?.found ?? "none"), aggregator))
        return false
      }
    case "code-grader", "code_grader":
      guard aggregator["path"]?.string?.trimmed.isEmpty == false else {
        problems.note(
          here.member("path").warning(
            "left out: expected a shell command, found \(aggregator["path"]?.found ?? "none")",
            aggregator))
        return false
      }
    default: break
    }
    return true
  }
}
