// Criteria of rubrics graders: from what was written to typed items.

import Core

/// Reads lists of criteria.
struct RubricReader {
  /// The scale of score ranges.
  static let scale = 0...10

  let problems: Problems

  /// Reads a list of criteria: texts and mappings.
  /// - Throws: `Diagnostic` for score ranges that make no scale, which makes the test unusable.
  func items(_ node: SourceNode, _ place: FieldPlace) throws(Diagnostic) -> [RubricItem] {
    guard let entries = node.sequence else {
      problems.note(
        place.warning("ignored: expected a list of criteria, found \(node.found)", node))
      return []
    }
    var items: [RubricItem] = []
    for (index, entry) in entries.enumerated() {
      let here = place.element(index)
      if let text = entry.string, !text.trimmed.isEmpty {
        items.append(
          RubricItem(id: "rubric-\(index + 1)", outcome: text.trimmed, required: true))
      } else if entry.mapping != nil {
        if let item = try item(entry, index, here) { items.append(item) }
      } else {
        problems.note(
          here.warning(
            "left out: expected a text or a mapping with an outcome, found \(entry.found)", entry))
      }
    }
    var seen: Set<String> = []
    for (index, item) in items.enumerated() where !seen.insert(item.id).inserted {
      problems.note(
        place.warning(
          "two criteria have the id '\(item.id)'; give criterion \(index + 1) another", node))
    }
    return items
  }

  private func item(
    _ node: SourceNode, _ index: Int, _ place: FieldPlace
  ) throws(Diagnostic) -> RubricItem? {
    let id = node["id"].flatMap { $0.string ?? ($0.number == nil ? nil : $0.json.text) }?.trimmed
    var item = RubricItem(
      id: id.flatMap { $0.isEmpty ? nil : $0 } ?? "rubric-\(index + 1)",
      outcome: (node["outcome"] ?? node["description"])?.string?.trimmed ?? "")
    if let ranges = node.present("score_ranges") {
      item.scoreRanges = try self.ranges(ranges, place.member("score_ranges"))
    }
    guard !item.outcome.isEmpty || !item.scoreRanges.isEmpty else {
      problems.note(
        place.member("outcome").warning(
          "left out: a criterion needs an outcome, found "
            + (node["outcome"]?.found ?? "none"), node))
      return nil
    }
    if let weight = node.present("weight") {
      if let number = weight.number, number >= 0, number.isFinite {
        item.weight = number
      } else {
        problems.note(
          place.member("weight").warning(
            "ignored: expected a number of 0 or more, found \(weight.found)", weight))
      }
    }
    readGate(node, place, into: &item)
    return item
  }

  private func readGate(_ node: SourceNode, _ place: FieldPlace, into item: inout RubricItem) {
    if let level = node.present("min_score") {
      item.minScore = self.level(level, of: 1, place.member("min_score"))
    } else if let old = node.present("required_min_score") {
      let here = place.member("required_min_score")
      item.minScore = level(old, of: 10, here)
      if let level = item.minScore {
        problems.note(
          here.warning(
            "'required_min_score' (0-10) is deprecated. Use 'min_score: \(JSON.double(level).text)' "
              + "(0-1) instead.", old))
      }
    }
    guard let required = node.present("required") else { return }
    if let flag = required.bool {
      item.required = flag
    } else if let number = required.number, number > 0, number <= 1 {
      problems.note(
        place.member("required").warning(
          "'required: \(required.json.text)' is deprecated. Use 'required: true' + 'min_score: "
            + "\(required.json.text)' instead.", required))
      item.required = true
      item.minScore = item.minScore ?? number
    } else {
      problems.note(
        place.member("required").warning(
          "ignored: expected true or false, found \(required.found)", required))
    }
  }

  private func level(_ node: SourceNode, of most: Double, _ place: FieldPlace) -> Double? {
    if let number = node.number, number > 0, number <= most { return number / most }
    problems.note(
      place.warning(
        "ignored: expected a number above 0 and up to \(Int(most)), found \(node.found)", node))
    return nil
  }

  /// A list of `{score_range: [a, b], outcome}`, or a mapping from lower bounds to outcomes.
  private func ranges(
    _ node: SourceNode, _ place: FieldPlace
  ) throws(Diagnostic) -> [RubricItem.ScoreRange] {
    var ranges: [RubricItem.ScoreRange] = []
    switch node.value {
    case .sequence(let items):
      for (index, item) in items.enumerated() {
        ranges.append(try range(item, place.element(index)))
      }
    case .mapping(let members): ranges = try bounds(members, node, place)
    default:
      throw place.error(
        "expected a list of {score_range: [low, high], outcome} or a mapping from scores to "
          + "outcomes, found \(node.found)", node)
    }
    ranges.sort { ($0.low, $0.high) < ($1.low, $1.high) }
    var next = Self.scale.lowerBound
    for range in ranges {
      guard range.low == next else {
        let fault = range.low < next ? "overlap at \(range.low)" : "leave out \(next)"
        throw place.error(
          "score_ranges must cover 0 to 10 without gaps or overlaps; these \(fault)", node)
      }
      next = range.high + 1
    }
    guard next == Self.scale.upperBound + 1 else {
      throw place.error(
        "score_ranges must cover 0 to 10 without gaps or overlaps; these "
          + (ranges.isEmpty ? "are empty" : "end at \(next - 1)"), node)
    }
    return ranges
  }

  private func range(
    _ node: SourceNode, _ place: FieldPlace
  ) throws(Diagnostic) -> RubricItem.ScoreRange {
    let ends = node["score_range"]?.sequence?.compactMap(\.json.int) ?? []
    guard ends.count == 2, node["score_range"]?.sequence?.count == 2, ends[0] <= ends[1],
      Self.scale.contains(ends[0]), Self.scale.contains(ends[1])
    else {
      throw place.member("score_range").error(
        "expected two whole numbers from 0 to 10, the lower one first, found "
          + (node["score_range"].map(\.json.text) ?? "none"), node)
    }
    return RubricItem.ScoreRange(
      low: ends[0], high: ends[1], outcome: try outcome(node["outcome"], node, place))
  }

  private func bounds(
    _ members: [SourceNode.Member], _ node: SourceNode, _ place: FieldPlace
  ) throws(Diagnostic) -> [RubricItem.ScoreRange] {
    var lows: [(low: Int, outcome: String)] = []
    for member in members {
      guard let low = Int(member.key), Self.scale.contains(low) else {
        throw place.member(member.key).error(
          "expected a whole number from 0 to 10 as the lower bound, found \"\(member.key)\"",
          SourceNode(member.value.value, member.position))
      }
      lows.append((low, try outcome(member.value, node, place.member(member.key))))
    }
    lows.sort { $0.low < $1.low }
    return lows.indices.map { index in
      let high = index + 1 < lows.count ? lows[index + 1].low - 1 : Self.scale.upperBound
      return RubricItem.ScoreRange(
        low: lows[index].low, high: high, outcome: lows[index].outcome)
    }
  }

  private func outcome(
    _ value: SourceNode?, _ node: SourceNode, _ place: FieldPlace
  ) throws(Diagnostic) -> String {
    guard let text = value?.string?.trimmed, !text.isEmpty else {
      throw place.member("outcome").error(
        "expected what an answer in this range is like, found \(value?.found ?? "none")",
        value ?? node)
    }
    return text
  }
}
