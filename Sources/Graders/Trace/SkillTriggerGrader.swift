// `skill-trigger`: whether the target used a skill, seen by its tool calls.

import Core
import EvalFiles

/// Looks for a skill in the tool calls of the target.
struct SkillTriggerGrader: Grader {
  func judge(_ spec: GraderSpec, _ input: GraderInput) async throws(GraderError) -> Judgement {
    guard let skill = spec.config["skill"]?.string, !skill.isEmpty else {
      throw GraderError("it needs the name of a `skill`")
    }
    let isWanted = spec.config["should_trigger"]?.bool ?? true
    let calls = input.output.flatMap(\.toolCalls)
    let evidence = calls.lazy.compactMap { Self.evidence($0, skill) }.first
    switch (evidence, isWanted) {
    case (let evidence?, _): return .check(isWanted, evidence)
    case (nil, false): return .check(true, "Skill \"\(skill)\" correctly did not trigger")
    case (nil, true):
      return .check(
        false,
        calls.isEmpty
          ? "No tool calls recorded" : "Skill \"\(skill)\" not found in \(calls.count) tool call(s)"
      )
    }
  }

  private static func evidence(_ call: ToolCall, _ skill: String) -> String? {
    let folder = "skills/\(skill)/"
    if call.tool == "Skill" {
      let argument = text(call.input?["skill"])
      if argument.contains(skill) { return "Skill tool invoked with skill=\"\(argument)\"" }
    } else if call.tool == "Read" {
      let path = text(call.input?["file_path"])
      if path.contains(folder) { return "Read tool loaded skill file: \(path)" }
    }
    if let output = call.output, !output.isNull, text(output).contains(folder) {
      return "Tool \"\(call.tool)\" output referenced skill file for \"\(skill)\""
    }
    return nil
  }

  private static func text(_ json: JSON?) -> String {
    switch json {
    case nil, .null: ""
    case .string(let text): text
    case .some(let value): value.text
    }
  }
}
