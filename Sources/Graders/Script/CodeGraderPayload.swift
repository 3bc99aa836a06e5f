// The JSON object that a script grader reads from stdin.

import Core
import EvalFiles

/// Builds the object; large parts go to files that live as long as the grader runs.
struct CodeGraderPayload {
  /// Longest output that stands in the object itself, in UTF-16 units; more goes to a file.
  static let inlineOutputLimit = 50_000
  /// Fields of the grader itself; the others are for the script.
  private static let ownKeys: Set<String> = [
    "name", "type", "command", "script", "cwd", "weight", "target", "preprocessors", "required",
    "negate",
  ]
  /// The same for a type of the project's own, which has no command to name.
  private static let customKeys: Set<String> = [
    "name", "type", "weight", "required", "min_score", "negate",
  ]

  private var directory: String?
  private var imageCount = 0

  /// The object of a script that judges, as bytes.
  mutating func bytes(_ spec: GraderSpec, _ input: GraderInput) throws(FileError) -> [UInt8] {
    let metrics = input.metrics
    var payload = try subject(input)
    payload.appendUnchecked("token_usage", metrics.tokenUsage?.json ?? .null)
    payload.appendUnchecked("cost_usd", .optional(metrics.costUSD))
    payload.appendUnchecked("duration_ms", .optional(metrics.durationMS))
    payload.appendUnchecked("start_time", .optional(metrics.startTime))
    payload.appendUnchecked("end_time", .optional(metrics.endTime))
    addSurroundings(to: &payload, input)
    payload.appendUnchecked("config", Self.config(spec))
    if input.hasPlainTexts { addTexts(to: &payload, input) }
    return Self.snakeCased(.object(payload)).pretty()
  }

  /// What scripts written for `agentv eval assert` of upstream read.
  private func addTexts(to payload: inout JSONObject, _ input: GraderInput) {
    func text(_ messages: [Message]) -> JSON { .string(messages.last?.text ?? "") }
    payload["question"] = text(input.test.input)
    payload["reference_answer"] = .string(input.test.referenceAnswer)
    payload["metadata"] = input.test.metadata ?? [:]
    payload["input_text"] = text(input.test.input)
    payload["output_text"] = text(input.output)
    payload["expected_output_text"] = .string(input.test.referenceAnswer)
  }

  /// The object of a script that writes a prompt: the same without metrics.
  mutating func promptBytes(
    config: JSONObject?, _ input: GraderInput
  ) throws(FileError) -> [UInt8] {
    var payload = try subject(input)
    addSurroundings(to: &payload, input)
    payload.appendUnchecked("config", config.map(JSON.object) ?? .null)
    return Self.snakeCased(.object(payload)).pretty()
  }

  private func addSurroundings(to payload: inout JSONObject, _ input: GraderInput) {
    payload.appendUnchecked("file_changes", .optional(input.fileChanges))
    payload.appendUnchecked("workspace_path", .optional(input.workspacePath))
  }

  /// What is judged.
  private mutating func subject(_ input: GraderInput) throws(FileError) -> JSONObject {
    let output: JSON
    var outputPath: JSON?
    if input.output.isEmpty {
      output = .array([])
    } else {
      let messages = JSON.array(try self.messages(input.output))
      let serialized = messages.serialized()
      if serialized.count > Self.inlineOutputLimit,
        String(decoding: serialized, as: UTF8.self).utf16.count > Self.inlineOutputLimit
      {
        let path = "\(try ownDirectory())/output.json"
        try FileIO.write(path, serialized)
        outputPath = .string(path)
        output = .null
      } else {
        output = messages
      }
    }
    var payload = JSONObject()
    payload.appendUnchecked("criteria", .string(input.test.criteria))
    payload.appendUnchecked(
      "expected_output", .array(try messages(input.test.expectedOutput)))
    payload.appendUnchecked("output", output)
    if let outputPath { payload.appendUnchecked("output_path", outputPath) }
    payload.appendUnchecked("input_files", .array(input.test.inputFiles.map(JSON.string)))
    payload.appendUnchecked("input", .array(try messages(input.test.input)))
    payload.appendUnchecked("trace", input.trace?.json ?? .null)
    return payload
  }

  /// Removes the files that the object refers to.
  mutating func removeFiles() {
    if let directory { try? FileIO.removeTree(directory) }
    directory = nil
  }

  /// What the grader was given beyond its own fields.
  ///
  /// Members of a field `config` stand beside the others as well as in a `config` of their own:
  /// scripts look for them in either place.
  private static func config(_ spec: GraderSpec) -> JSON {
    var config = JSONObject()
    let own = spec.type == "code-grader" ? ownKeys : customKeys
    for (key, value) in spec.config where !own.contains(key) {
      config.appendUnchecked(key, value)
    }
    for (key, value) in spec.config["config"]?.object ?? [:] where config[key] == nil {
      config[key] = value
    }
    return config.isEmpty ? .null : .object(config)
  }

  /// Messages with images as files instead of data URIs.
  private mutating func messages(_ messages: [Message]) throws(FileError) -> [JSON] {
    var result: [JSON] = []
    for message in messages {
      var message = message
      if case .blocks(let blocks)? = message.content,
        blocks.contains(where: { $0["type"] == "image" })
      {
        var replaced: [JSON] = []
        for block in blocks { replaced.append(try image(block)) }
        message.content = .blocks(replaced)
      }
      result.append(message.json)
    }
    return result
  }

  private mutating func image(_ block: JSON) throws(FileError) -> JSON {
    guard block["type"] == "image", let source = block["source"]?.string else { return block }
    var path = source
    if source.hasPrefix("data:"), let marker = source.firstRange(of: ";base64,"),
      let bytes = Base64Decoding.decode(source[marker.upperBound...])
    {
      let type = source[..<marker.lowerBound].split(separator: "/").last.map(String.init) ?? "bin"
      let ending = type == "jpeg" ? "jpg" : type == "svg+xml" ? "svg" : type
      path = "\(try ownDirectory())/img-\(imageCount).\(ending)"
      imageCount += 1
      try FileIO.write(path, bytes)
    }
    var object: JSONObject = ["type": "image"]
    object["media_type"] = block["media_type"]
    object["path"] = .string(path)
    return .object(object)
  }

  private mutating func ownDirectory() throws(FileError) -> String {
    if let directory { return directory }
    let name = String(UInt64.random(in: 0 ... .max), radix: 16)
    let created = Path.join(try ScratchDirectory.shared.path(), "grader-\(name)")
    try FileIO.createDirectories(created)
    directory = created
    return created
  }

  /// All member names in snake_case, as scripts written for upstream expect them, also those of the
  /// author's own data; names that begin with a capital are kept.
  static func snakeCased(_ json: JSON) -> JSON {
    switch json {
    case .array(let items): return .array(items.map(snakeCased))
    case .object(let object):
      var result = JSONObject()
      for (key, value) in object { result[snakeCased(key)] = snakeCased(value) }
      return .object(result)
    default: return json
    }
  }

  private static func snakeCased(_ name: String) -> String {
    guard name.utf8.contains(where: { (0x41...0x5A).contains($0) }),
      let first = name.utf8.first, !(0x41...0x5A).contains(first)
    else { return name }
    var result = ""
    for character in name {
      if character.isASCII, character.isUppercase {
        result += "_" + character.lowercased()
      } else {
        result.append(character)
      }
    }
    return result
  }
}
