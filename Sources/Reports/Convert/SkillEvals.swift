// Agent-Skills evals.json as an eval file (reference: cli 1, convert).

import Core

/// Reads `evals.json` of a skill.
public enum SkillEvals {
  /// The eval file for the cases of a skill.
  /// - Parameters:
  ///   - bytes: the content of evals.json.
  ///   - name: its file name, for messages.
  /// - Returns: YAML.
  /// - Throws: `ReportError` naming what is wrong.
  public static func evalFile(_ bytes: [UInt8], name: String) throws(ReportError) -> String {
    let json: JSON
    do {
      json = try JSON.parse(bytes)
    } catch {
      throw ReportError("\"\(name)\" is no JSON: \(error)")
    }
    guard let evals = json["evals"]?.array ?? json.array else {
      throw ReportError("\"\(name)\" has no \"evals\" list; it is no Agent-Skills evals.json")
    }
    guard !evals.isEmpty else { throw ReportError("\"\(name)\" has no cases in \"evals\"") }
    var tests: [JSON] = []
    for (index, eval) in evals.enumerated() {
      tests.append(try test(eval, number: index + 1, in: name))
    }
    var file: JSONObject = [:]
    if let skill = json["skill_name"]?.string {
      file["description"] = .string("Evals of the skill \(skill)")
    }
    file["tests"] = .array(tests)
    return YAMLEmitter.text(.object(file))
  }

  private static func test(
    _ eval: JSON, number: Int, in name: String
  ) throws(ReportError) -> JSON {
    guard let prompt = eval["prompt"]?.string, !prompt.isEmpty else {
      throw ReportError("\"\(name)\": case \(number) has no \"prompt\"")
    }
    let id = eval["id"].flatMap { $0.string ?? $0.int.map(String.init) } ?? String(number)
    var test: JSONObject = ["id": .string(id)]
    let expected = eval["expected_output"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    if let expected { test["criteria"] = .string(expected) }
    let files = (eval["files"]?.array ?? []).compactMap(\.string)
    if files.isEmpty {
      test["input"] = .string(prompt)
    } else {
      let blocks =
        files.map { file -> JSON in ["type": "file", "value": .string(file)] }
        + [["type": "text", "value": .string(prompt)]]
      test["input"] = [["role": "user", "content": .array(blocks)]]
    }
    if let expected { test["expected_output"] = .string(expected) }
    let assertions = (eval["assertions"] ?? eval["expectations"])?.array ?? []
    if !assertions.isEmpty {
      test["assertions"] = .array(
        assertions.enumerated().map { index, assertion in
          if let text = assertion.string {
            return [
              "name": .string("assertion-\(index + 1)"), "type": "llm-grader",
              "prompt": .string(text),
            ]
          }
          return assertion
        })
    }
    return .object(test)
  }
}
