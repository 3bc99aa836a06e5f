// Resolution of targets: use_target chains, environment references.

import Core

/// The targets of one file.
public struct TargetSet: Sendable {
  /// Links of a `use_target` chain that are followed.
  static let maximumLinks = 10

  /// The file, absolute.
  public let file: String
  /// Its name in messages.
  let display: String
  /// What is odd in the file.
  public let warnings: [Diagnostic]
  let entries: [TargetEntry]

  /// Names in the order of the file, each once.
  public var names: [String] {
    var names: [String] = []
    for entry in entries where !names.contains(entry.name) { names.append(entry.name) }
    return names
  }

  /// Resolves a target by name: follows `use_target`, replaces environment references.
  /// - Parameters:
  ///   - requested: the name; also the name that identifies results.
  ///   - useTarget: another entry to start from, as an `execution.targets` entry may say.
  ///   - environment: the variables.
  /// - Returns: the target.
  /// - Throws: `EvalFileError` with `.targetUnresolved`, naming the target, the file and the names
  ///   there are, or the variable that is missing.
  public func resolve(
    _ requested: String, useTarget: String? = nil, environment: [String: String]
  ) throws(EvalFileError) -> ResolvedTarget {
    let chain = try chain(requested, useTarget, environment)
    guard let entry = chain.entry else {
      throw failure(requested, chain.problem ?? "the chain of use_target leads nowhere")
    }
    let written = try provider(entry, requested, environment)
    if let field = SecretRule.literalField(in: entry.settings) {
      throw failure(
        requested, "target '\(entry.name)' (line \(entry.position.line)): \(SecretRule.text(field))"
      )
    }
    var target = ResolvedTarget(
      requested: requested, name: entry.name, provider: ProviderNames.canonical(written),
      writtenProvider: written, file: file)
    for (key, value) in entry.settings where !TargetEntry.structural.contains(key) {
      switch Self.replaced(value, environment) {
      case .value(let value): target.settings[key] = value
      case .unset(let variable): target.unsetVariables[key] = variable
      case .partlyUnset(let variable):
        throw failure(
          requested,
          "'\(key)' of target '\(entry.name)' needs the environment variable \(variable), which is "
            + "not set; export it or put it into a .env file")
      }
    }
    target.workers = try workers(target, requested)
    return target
  }

  /// The mock that stands for a target in a dry run; variables may be missing then.
  /// - Parameters:
  ///   - requested: the name; also the name that identifies results.
  ///   - useTarget: another entry to start from.
  ///   - environment: the variables.
  /// - Returns: the mock, named after the entry at the end of the chain.
  /// - Throws: `EvalFileError` with `.targetUnresolved` when there is no such target.
  public func dryRun(
    _ requested: String, useTarget: String? = nil, environment: [String: String]
  ) throws(EvalFileError) -> ResolvedTarget {
    let chain = try chain(requested, useTarget, environment)
    var target = ResolvedTarget.dryRun(requested: requested, name: chain.last)
    target.workers = (chain.entry ?? entry(chain.last))?.settings["workers"]?.int
    target.file = file
    return target
  }

  private func entry(_ name: String) -> TargetEntry? { entries.first { $0.name == name } }

  /// Follows `use_target` to its end.
  /// - Returns: the last entry, or the name of the last one and why it is not the end.
  private func chain(
    _ requested: String, _ useTarget: String?, _ environment: [String: String]
  ) throws(EvalFileError) -> (entry: TargetEntry?, last: String, problem: String?) {
    var name = requested
    var trail: [String] = []
    if let useTarget {
      if let variable = Interpolation.wholeReference(useTarget) {
        guard let value = environment[variable]?.trimmed, !value.isEmpty else {
          return (nil, requested, Self.unset("use_target", requested, variable))
        }
        name = value
      } else {
        name = useTarget.trimmed
        if name.isEmpty {
          return (
            nil, requested,
            "its use_target in the eval file is empty; set the environment variable that it names"
          )
        }
      }
    }
    while true {
      guard let entry = entry(name) else { throw notFound(name, trail, requested) }
      guard !trail.contains(name) else {
        throw failure(
          requested,
          "Circular use_target reference detected: \((trail + [name]).joined(separator: " -> "))")
      }
      trail.append(name)
      guard let next = entry.settings["use_target"]?.string?.trimmed, !next.isEmpty else {
        return (entry, name, nil)
      }
      guard trail.count <= Self.maximumLinks else {
        throw failure(
          requested,
          "use_target goes further than \(Self.maximumLinks) links: "
            + trail.joined(separator: " -> "))
      }
      if let variable = Interpolation.wholeReference(next) {
        guard let value = environment[variable]?.trimmed, !value.isEmpty else {
          // An entry with a provider of its own stands for itself then.
          if entry.settings["provider"]?.string != nil { return (entry, name, nil) }
          return (nil, name, Self.unset("use_target", name, variable))
        }
        name = value
      } else {
        name = next
      }
    }
  }

  private static func unset(_ field: String, _ name: String, _ variable: String) -> String {
    "\(field) of target '\(name)' is the environment variable \(variable), which is not set; "
      + "export it or put it into a .env file"
  }

  private func notFound(_ name: String, _ trail: [String], _ requested: String) -> EvalFileError {
    let available = names.isEmpty ? "none" : names.joined(separator: ", ")
    let hint = KnownFields.nearest(name, in: names).map { " Did you mean '\($0)'?" } ?? ""
    let subject =
      trail.isEmpty && name == requested
      ? "Target '\(name)'" : "Target '\(trail.last ?? requested)' use_target '\(name)'"
    return EvalFileError(
      .targetUnresolved,
      "\(subject) not found in \(file). Available targets: \(available).\(hint)")
  }

  private func failure(_ requested: String, _ reason: String) -> EvalFileError {
    EvalFileError(
      .targetUnresolved, "Failed to resolve target '\(requested)': \(reason) (in \(file))")
  }

  private func provider(
    _ entry: TargetEntry, _ requested: String, _ environment: [String: String]
  ) throws(EvalFileError) -> String {
    guard let written = entry.settings["provider"]?.string?.trimmed, !written.isEmpty else {
      throw failure(
        requested,
        "target '\(entry.name)' (line \(entry.position.line)) needs a 'provider', a text "
          + "such as cli or mock, or a 'use_target'")
    }
    guard let variable = Interpolation.wholeReference(written) else { return written.lowercased() }
    guard let value = environment[variable]?.trimmed, !value.isEmpty else {
      throw failure(requested, Self.unset("provider", entry.name, variable))
    }
    return value.lowercased()
  }

  private func workers(
    _ target: ResolvedTarget, _ requested: String
  ) throws(EvalFileError) -> Int? {
    guard let value = target.settings["workers"], !value.isNull else { return nil }
    if let count = value.int ?? value.string.flatMap({ Int($0.trimmed) }), count >= 1 {
      return count
    }
    throw failure(
      requested,
      "'workers' of target '\(target.name)' must be a whole number of 1 or more, found "
        + value.text)
  }

  private enum Replaced {
    case value(JSON)
    case unset(String)
    case partlyUnset(String)
  }

  /// Replaces references.
  ///
  /// A value that is one single reference may be unset, so that a default applies; a text with a
  /// reference inside, and an item of a list, may not.
  private static func replaced(_ json: JSON, _ environment: [String: String]) -> Replaced {
    switch json {
    case .string(let text):
      guard text.contains("${{") else { return .value(json) }
      if let variable = Interpolation.wholeReference(text) {
        guard let value = environment[variable], !value.trimmed.isEmpty else {
          return .unset(variable)
        }
        return .value(.string(value))
      }
      for name in Interpolation.references(text)
      where environment[name]?.trimmed.isEmpty ?? true {
        return .partlyUnset(name)
      }
      return .value(.string(Interpolation.replaced(text, environment)))
    case .array(let items):
      var result: [JSON] = []
      for item in items {
        switch replaced(item, environment) {
        case .value(let value): result.append(value)
        case .unset(let name), .partlyUnset(let name): return .partlyUnset(name)
        }
      }
      return .value(.array(result))
    case .object(let object):
      var result = JSONObject()
      for (key, item) in object {
        switch replaced(item, environment) {
        case .value(let value): result[key] = value
        case .unset: break
        case .partlyUnset(let name): return .partlyUnset(name)
        }
      }
      return .value(.object(result))
    default: return .value(json)
    }
  }
}
