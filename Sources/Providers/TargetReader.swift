// Reading of a target's settings, with messages that name target, setting and remedy.

import Core
import EvalFiles

/// Reads settings of a target.
struct TargetReader: Sendable {
  let target: ResolvedTarget

  init(_ target: ResolvedTarget) {
    self.target = target
  }

  /// The error of a setting.
  func problem(_ setting: String, _ text: String) -> ProviderError {
    let place = target.file.map { " (in \($0))" } ?? ""
    return ProviderError(
      .configuration, "target '\(target.name)': '\(setting)' \(text)\(place)")
  }

  /// A text under one of several names, trimmed; blank ones count as missing.
  func text(_ names: String...) throws(ProviderError) -> String? { try text(names) }

  /// A text under one of several names that must be there.
  func required(_ names: String..., hint: String) throws(ProviderError) -> String {
    if let text = try text(names) { return text }
    for name in names {
      guard let variable = target.unsetVariables[name] else { continue }
      throw problem(
        name,
        "is the environment variable \(variable), which is not set; export it or put it into a "
          + ".env file")
    }
    throw problem(names[0], "is missing; \(hint)")
  }

  private func text(_ names: [String]) throws(ProviderError) -> String? {
    for name in names {
      guard let value = target.settings[name], !value.isNull else { continue }
      guard let text = value.string else {
        throw problem(name, "must be a text, found \(value.kind)")
      }
      let trimmed = text.trimmed
      if !trimmed.isEmpty { return trimmed }
    }
    return nil
  }

  /// A number within bounds; a text that is one counts.
  func number(
    _ name: String, _ range: ClosedRange<Double>
  ) throws(ProviderError) -> Double? {
    guard let value = target.settings[name], !value.isNull else { return nil }
    if value.string?.trimmed.isEmpty == true { return nil }
    let number = value.double ?? value.string.flatMap { Double($0.trimmed) }
    guard let number, range.contains(number) else {
      throw problem(
        name,
        "must be a number from \(Self.short(range.lowerBound)) to \(Self.short(range.upperBound)), "
          + "found \(value.text)")
    }
    return number
  }

  /// A whole number within bounds.
  func whole(_ name: String, _ range: ClosedRange<Int>) throws(ProviderError) -> Int? {
    guard let value = target.settings[name], !value.isNull else { return nil }
    if value.string?.trimmed.isEmpty == true { return nil }
    guard let number = value.int ?? value.string.flatMap({ Int($0.trimmed) }),
      range.contains(number)
    else {
      throw problem(
        name,
        "must be a whole number from \(range.lowerBound) to \(range.upperBound), found "
          + value.text)
    }
    return number
  }

  /// Seconds above 0.
  func seconds(_ name: String) throws(ProviderError) -> Duration? {
    guard let value = target.settings[name], !value.isNull else { return nil }
    if value.string?.trimmed.isEmpty == true { return nil }
    let number = value.double ?? value.string.flatMap { Double($0.trimmed) }
    guard let number, number > 0, number < 1e9 else {
      throw problem(name, "must be a number of seconds above 0, found \(value.text)")
    }
    return .milliseconds(Int((number * 1000).rounded(.up)))
  }

  private static func short(_ number: Double) -> String { JSON.double(number).text }
}
