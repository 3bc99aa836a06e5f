// What `execution` says about how much is run: trials, budget, the end after an error, kept answers
// (reference: eval-files 5).

import Core

/// Reads trials, budget, `fail_on_error` and the cache settings of a suite.
struct RunLimitsReader {
  let node: SourceNode?
  let place: FieldPlace
  let problems: Problems

  /// Puts what was written into the settings.
  func read(into settings: inout ExecutionSettings) {
    settings.trials = trials()
    settings.budgetUSD = amount("budget_usd", "budgetUsd", in: node, place)
    settings.failOnError = flag("fail_on_error", "failOnError") ?? false
    settings.cache = flag("cache")
    if let (value, here) = present("cache_path", "cachePath", in: node, place) {
      if let path = value.string?.trimmed, !path.isEmpty {
        settings.cachePath = path
      } else {
        problems.note(here.warning("ignored: expected a directory, found \(value.found)", value))
      }
    }
  }

  private func trials() -> Trials? {
    guard let (value, here) = present("trials", in: node, place) else { return nil }
    guard value.mapping != nil else {
      problems.note(
        here.warning(
          "ignored: expected a mapping such as {count: 3, strategy: mean}, found \(value.found)",
          value))
      return nil
    }
    guard let count = value["count"]?.json.int, count >= 1 else {
      problems.note(
        here.member("count").warning(
          "trials are off: expected a whole number from 1 on, "
            + "found \(value["count"]?.found ?? "none")", value["count"] ?? value))
      return nil
    }
    let strategy = EnumReader(problems: problems).word(
      "strategy", value, here, Trials.Strategy.self)
    let limit = amount("cost_limit_usd", "costLimitUsd", in: value, here)
    return count == 1
      ? nil : Trials(count: count, strategy: strategy ?? .passAtK, costLimitUSD: limit)
  }

  private func amount(
    _ names: String..., in node: SourceNode?, _ place: FieldPlace
  ) -> Double? {
    guard let (value, here) = present(names, in: node, place) else { return nil }
    if let number = value.number, number > 0, number.isFinite { return number }
    problems.note(
      here.warning("ignored: expected a number above 0, found \(value.found)", value))
    return nil
  }

  private func flag(_ names: String...) -> Bool? {
    guard let (value, here) = present(names, in: node, place) else { return nil }
    if let flag = value.bool { return flag }
    problems.note(here.warning("ignored: expected true or false, found \(value.found)", value))
    return nil
  }

  private func present(
    _ names: String..., in node: SourceNode?, _ place: FieldPlace
  ) -> (SourceNode, FieldPlace)? { present(names, in: node, place) }

  private func present(
    _ names: [String], in node: SourceNode?, _ place: FieldPlace
  ) -> (SourceNode, FieldPlace)? {
    for name in names {
      if let value = node?.present(name) { return (value, place.member(name)) }
    }
    return nil
  }
}
