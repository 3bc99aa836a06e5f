// `assertions`: from what was written to graders.

import Core

/// Reads lists of graders.
struct AssertionReader {
  /// Includes inside of includes that are followed.
  static let maximumIncludeDepth = 3

  let references: FileReferences
  let problems: Problems
  let environment: [String: String]
  let workingDirectory: String
  /// The suite's preprocessors, which graders that ask a model inherit.
  var preprocessors: [Preprocessor] = []

  /// Reads one list of graders.
  ///
  /// A grader that makes no sense is left out with a warning; plain texts become one rubrics
  /// grader in the place of the first.
  /// - Throws: `Diagnostic` for what makes the whole test unusable.
  func graders(_ node: SourceNode, _ place: FieldPlace) throws(Diagnostic) -> [GraderSpec] {
    guard let items = node.sequence else {
      problems.note(
        place.warning("left out: expected a list of assertions, found \(node.found)", node))
      return []
    }
    let entries = try expanded(items, place, roots: references.roots, chain: [])
    var specs: [GraderSpec?] = []
    var texts: [String] = []
    var textPlace: Int?
    for entry in entries {
      if let text = entry.node.string {
        if textPlace == nil {
          textPlace = specs.count
          specs.append(nil)
        }
        if text.trimmed.isEmpty {
          problems.note(
            entry.place.warning("Empty string assertion item will be ignored.", entry.node))
        } else {
          texts.append(text.trimmed)
        }
      } else if let spec = try grader(entry) {
        specs.append(spec)
      }
    }
    if let textPlace, !texts.isEmpty {
      specs[textPlace] = rubrics(texts)
    }
    return specs.compactMap(\.self)
  }

  /// The rubrics grader that plain texts make together.
  private func rubrics(_ texts: [String]) -> GraderSpec {
    var spec = GraderSpec(
      name: "rubrics", type: "rubrics", weight: Double(texts.count),
      config: ["type": "rubrics", "criteria": .array(texts.map(JSON.string))],
      searchRoots: references.roots)
    spec.rubrics = texts.enumerated().map {
      RubricItem(id: "rubric-\($0.offset + 1)", outcome: $0.element, required: true)
    }
    spec.preprocessors = preprocessors
    return spec
  }

  /// The rubrics grader of a test's old `rubrics` field.
  func rubrics(of node: SourceNode, _ place: FieldPlace) throws(Diagnostic) -> GraderSpec? {
    problems.note(
      place.warning(
        "'rubrics' is deprecated. Use 'assertions: [{type: rubrics, criteria: [...]}]' instead.",
        node))
    let items = try RubricReader(problems: problems).items(node, place)
    guard !items.isEmpty else { return nil }
    var spec = GraderSpec(
      name: "rubrics", type: "rubrics", config: ["type": "rubrics", "criteria": node.json],
      searchRoots: references.roots)
    spec.rubrics = items
    spec.preprocessors = preprocessors
    return spec
  }

  /// One entry of a list after includes were followed.
  private struct Entry {
    var node: SourceNode
    var place: FieldPlace
    var roots: [String]
  }

  private func expanded(
    _ items: [SourceNode], _ place: FieldPlace, roots: [String], chain: [String]
  ) throws(Diagnostic) -> [Entry] {
    var entries: [Entry] = []
    for (index, item) in items.enumerated() {
      let here = place.element(index)
      if let members = item.mapping, members.count == 1, members[0].key == "include",
        let name = members[0].value.string
      {
        entries += try included(name, item, here, roots: roots, chain: chain)
      } else {
        entries.append(Entry(node: item, place: here, roots: roots))
      }
    }
    return entries
  }

  private func included(
    _ name: String, _ node: SourceNode, _ place: FieldPlace, roots: [String], chain: [String]
  ) throws(Diagnostic) -> [Entry] {
    guard chain.count < Self.maximumIncludeDepth else {
      throw place.error(
        "includes go deeper than \(Self.maximumIncludeDepth): "
          + (chain + [name]).joined(separator: " -> "), node)
    }
    let isName = !name.hasPrefix(".") && !name.contains("/") && !name.contains("\\")
    let candidates =
      isName ? [".agentv/templates/\(name).yaml", ".agentv/templates/\(name).yml"] : [name]
    let finder = FileReferences(roots: roots)
    let found = candidates.map(finder.find)
    guard let path = found.lazy.compactMap(\.path).first else {
      let tried = found.flatMap(\.tried).map { "\n    \($0)" }.joined()
      throw place.error("Assertion template not found: \(candidates[0])\n  Tried:\(tried)", node)
    }
    guard !chain.contains(path) else {
      throw place.error(
        "Assertion template cycle detected: \((chain + [path]).joined(separator: " -> "))", node)
    }
    let file = SourceFile(path, workingDirectory: workingDirectory)
    let root = try YAMLReader.read(try file.read(), file: file, environment: environment)
    guard let items = root?["assertions"]?.sequence else {
      throw file.problem(
        "expected a mapping with a list `assertions`, as it is included by \(place.file.display)",
        at: root?.position, testID: place.testID, field: "assertions")
    }
    let directory = Path.directory(path)
    return try expanded(
      items, FieldPlace(file: file, testID: place.testID, field: "assertions"),
      roots: [directory] + roots.filter { $0 != directory }, chain: chain + [path])
  }

  private func grader(_ entry: Entry) throws(Diagnostic) -> GraderSpec? {
    let (node, place) = (entry.node, entry.place)
    guard node.mapping != nil else {
      problems.note(
        place.warning(
          "left out: expected a text or a mapping with a type, found \(node.found)", node))
      return nil
    }
    guard let written = node["type"]?.string, !written.trimmed.isEmpty else {
      problems.note(
        place.member("type").warning(
          "left out: expected the name of a grader type, found "
            + (node["type"].map(\.found) ?? "none"), node["type"] ?? node))
      return nil
    }
    var type = written.replacing("_", with: "-")
    var config = node.object
    if type == "code-judge" || type == "llm-judge" {
      // Upstream leaves these out, and with them the whole point of the test.
      type = type.replacing("-judge", with: "-grader")
      config["type"] = .string(type)
      problems.note(
        place.member("type").warning(
          "'\(written)' is deprecated. Use '\(type)' instead.", node["type"] ?? node))
    }
    if type == "rubric" {
      type = "rubrics"
      if config["criteria"] == nil { config["criteria"] = config["rubrics"] }
    }
    guard checkParameters(type, &config, node, place),
      GraderParameters(problems: problems).check(type, node, place)
    else { return nil }
    if !GraderTypes.all.contains(type),
      GraderScript.find(type, above: references.roots.first ?? "") == nil
    {
      let hint =
        KnownFields.nearest(type, in: GraderTypes.all).map { "; did you mean '\($0)'?" } ?? ""
      problems.note(
        place.member("type").warning(
          "Unknown assertion type '\(type)'\(hint); there is no script "
            + ".agentv/assertions/\(type).ts either, so this grader will score 0", node))
    }
    let name = node["name"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? Self.name(type, config)
    let gate = self.gate(node, name, place)
    var spec = GraderSpec(
      name: name, type: type, weight: try weight(node, name, place), required: gate.required,
      minScore: gate.minScore, negate: node["negate"]?.bool == true, config: config,
      searchRoots: entry.roots)
    if type == "llm-grader" || type == "rubrics" { try readModelFields(entry, into: &spec) }
    if type == "composite" {
      guard try readMembers(entry, into: &spec) else { return nil }
    }
    return spec
  }

  /// Prompt, criteria and preprocessors of a grader that asks a model.
  private func readModelFields(
    _ entry: Entry, into spec: inout GraderSpec
  ) throws(Diagnostic) {
    let (node, place) = (entry.node, entry.place)
    let finder = entry.roots == references.roots ? references : FileReferences(roots: entry.roots)
    if let prompt = node.present("prompt"),
      let text = try PromptFiles(references: finder, problems: problems)
        .checked(prompt, place.member("prompt"))
    {
      spec.config["prompt"] = text
    }
    let keys = spec.type == "rubrics" ? ["criteria", "rubrics"] : ["rubrics"]
    if let key = keys.first(where: { node.present($0) != nil }), let list = node[key] {
      spec.rubrics = try RubricReader(problems: problems).items(list, place.member(key))
    }
    var own: [Preprocessor] = []
    if let list = node.present("preprocessors") {
      own = PreprocessorReader(references: finder, problems: problems)
        .preprocessors(list, place.member("preprocessors"))
    }
    spec.preprocessors =
      own.isEmpty ? preprocessors : PreprocessorReader.merged(suite: preprocessors, own: own)
  }

  /// The members of a composite; `false` when it has none, which has then been reported.
  private func readMembers(_ entry: Entry, into spec: inout GraderSpec) throws(Diagnostic) -> Bool {
    let (node, place) = (entry.node, entry.place)
    let keys = ["assertions", "assert", "evaluators"]
    guard let key = keys.first(where: { node.present($0) != nil }), let list = node[key],
      let items = list.sequence, !items.isEmpty
    else {
      problems.note(
        place.member("assertions").warning(
          "left out: a composite needs a list of assertions that is not empty, found "
            + (node["assertions"]?.found ?? "none"), node))
      return false
    }
    let here = place.member(key)
    for entry in try expanded(items, here, roots: entry.roots, chain: []) {
      if let text = entry.node.string?.trimmed, !text.isEmpty {
        spec.members.append(rubrics([text]))
      } else if var member = try grader(entry) {
        if spec.members.contains(where: { $0.name == member.name }) {
          let name = member.name
          member.name = "\(name)-\(spec.members.count + 1)"
          problems.note(
            entry.place.warning(
              "two members are called '\(name)'; this one counts as '\(member.name)'", entry.node))
        }
        spec.members.append(member)
      }
    }
    guard spec.members.isEmpty else { return true }
    problems.note(here.warning("left out: no member of this composite can be used", list))
    return false
  }

  /// Whether the parameters that a type needs are there; what is wrong has been reported if not.
  private func checkParameters(
    _ type: String, _ config: inout JSONObject, _ node: SourceNode, _ place: FieldPlace
  ) -> Bool {
    let value = node["value"]
    func leaveOut(_ field: String, _ expected: String) -> Bool {
      let found = node[field].map(\.found) ?? "none"
      problems.note(
        place.member(field).warning(
          "left out: a \(type) grader needs \(expected), found \(found)", node[field] ?? node))
      return false
    }
    if GraderTypes.textValue.contains(type) {
      guard let text = value?.string, !text.isEmpty else {
        return leaveOut("value", "a text that is not empty; numbers need quotes")
      }
      if type == "regex", let value,
        let problem = problems.patternProblem?(text, node["flags"]?.string ?? "")
      {
        problems.note(place.member("value").warning(problem, value))
      }
    } else if GraderTypes.listValue.contains(type) {
      guard let items = value?.sequence, !items.isEmpty, items.allSatisfy({ $0.string != nil })
      else {
        return leaveOut("value", "a list of texts that is not empty; numbers need quotes")
      }
    } else if type == "rubrics" {
      guard config["criteria"]?.array?.isEmpty == false else {
        return leaveOut("criteria", "a list of criteria that is not empty")
      }
    } else if type == "code-grader" {
      if node["command"] == nil, let script = node["script"] {
        problems.note(
          place.member("script").warning("'script' is deprecated. Use 'command' instead.", script))
        config["command"] = config["script"]
        config["script"] = nil
      }
      switch config["command"] {
      case .string(let text) where !text.trimmed.isEmpty: break
      case .array(let words)
      where !words.isEmpty && words.allSatisfy({ $0.string != nil })
        && words[0].string?.isEmpty == false:
        break
      default: return leaveOut("command", "a command: a text or a list of texts")
      }
    }
    return true
  }

  private func weight(
    _ node: SourceNode, _ name: String, _ place: FieldPlace
  ) throws(Diagnostic) -> Double {
    guard let weight = node["weight"] else { return 1 }
    guard let number = weight.number, number.isFinite, number >= 0 else {
      throw place.member("weight").error(
        "Invalid weight for grader '\(name)': expected a number of 0 or more, "
          + "found \(weight.found)", weight)
    }
    return number
  }

  private func gate(
    _ node: SourceNode, _ name: String, _ place: FieldPlace
  ) -> (required: RequiredGate?, minScore: Double?) {
    var minScore: Double?
    if let written = node.present("min_score") {
      if let number = written.number, number > 0, number <= 1 {
        minScore = number
      } else {
        problems.note(
          place.member("min_score").warning(
            "ignored: expected a number above 0 and up to 1, found \(written.found)", written))
      }
    }
    guard let required = node.present("required") else { return (nil, minScore) }
    if let flag = required.bool { return (flag ? .yes : nil, minScore) }
    if let number = required.number, number > 0, number <= 1 {
      problems.note(
        place.member("required").warning(
          "'required: \(required.json.text)' is deprecated. Use 'required: true' + "
            + "'min_score: \(required.json.text)' instead.", required))
      return (.level(number), minScore ?? number)
    }
    problems.note(
      place.member("required").warning(
        "ignored: expected true, false or a number above 0 and up to 1, found \(required.found)",
        required))
    return (nil, minScore)
  }

  /// The name of a grader that has none.
  static func name(_ type: String, _ config: JSONObject) -> String {
    if type == "skill-trigger" {
      return config["skill"]?.string.map { "\(type)-\($0)" } ?? type
    }
    if GraderTypes.listValue.contains(type) {
      return config["value"]?.array.map { "\(type)-\($0.count)" } ?? type
    }
    guard GraderTypes.textValue.contains(type), let value = config["value"]?.string else {
      return type
    }
    return "\(type)-\(type == "regex" ? String(value.prefix(30)) : value)"
  }
}
