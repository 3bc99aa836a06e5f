// Answers kept for the next run (reference: eval-files 5.4), one file each.

import Core
import EvalFiles
import Providers

/// A directory of answers.
struct ResponseCache: Sendable {
  /// Directory when a suite names none, relative to the working directory.
  static let defaultPath = ".agentv/cache"
  /// Largest kept answer that is read, bytes.
  private static let limitBytes = 64 << 20
  private static let schema = 1

  /// The directory, absolute.
  let directory: String

  /// Whether answers of a target may stand for later ones: not when they are meant to vary.
  static func serves(_ target: ResolvedTarget) -> Bool {
    let value = target.settings["temperature"]
    return (value?.double ?? value?.string.flatMap { Double($0) } ?? 0) <= 0
  }

  /// What a request has in common with another one that gets the same answer: everything that is
  /// sent, and all settings of the target but its keys.
  static func key(_ request: ProviderRequest, _ target: ResolvedTarget) -> String {
    let settings = target.settings.filter { $0.name != "api_key" && $0.name != "github_token" }
      .sorted { $0.name < $1.name }.map { ($0.name, $0.value) }
    let key: JSON = [
      "schema": .int(schema), "provider": .string(target.provider),
      "target": .string(target.name), "settings": .object(JSONObject(settings)),
      "test_id": .string(request.test.id), "prompt": .string(request.prompt),
      "system_prompt": .optional(request.systemPrompt),
      "chat": .array(request.chat.map(\.json)), "temperature": .optional(request.temperature),
      "max_output_tokens": .optional(request.maxOutputTokens),
    ]
    return SHA256.hex(key.serialized())
  }

  /// The kept answer; `nil` when there is none that can be read.
  func answer(_ key: String) -> ProviderResponse? {
    guard let bytes = try? FileIO.read(path(key), limitBytes: Self.limitBytes),
      let json = try? JSON.parse(bytes), json["schema"]?.int == Self.schema,
      let items = json["output"]?.array, !items.isEmpty
    else { return nil }
    let output = items.compactMap { Message(json: $0, anyRole: true) }
    guard output.count == items.count else { return nil }
    let metrics = TargetMetrics(
      tokenUsage: json["token_usage"].flatMap(TokenUsage.init(json:)),
      costUSD: json["cost_usd"]?.double, durationMS: json["duration_ms"]?.int,
      startTime: json["start_time"]?.string, endTime: json["end_time"]?.string)
    return ProviderResponse(output: output, metrics: metrics)
  }

  /// Keeps an answer, unless it tells of an error or of changed files.
  ///
  /// A copy would not change the files again. A directory that cannot be written to costs the copy
  /// only.
  func keep(_ response: ProviderResponse, _ key: String) {
    guard response.rawError == nil, response.fileChanges == nil, !response.output.isEmpty else {
      return
    }
    var object: JSONObject = [
      "schema": .int(Self.schema), "output": .array(response.output.map(\.json)),
    ]
    object["token_usage"] = response.metrics.tokenUsage?.json
    object["cost_usd"] = response.metrics.costUSD.map(JSON.double)
    object["duration_ms"] = response.metrics.durationMS.map(JSON.int)
    object["start_time"] = response.metrics.startTime.map(JSON.string)
    object["end_time"] = response.metrics.endTime.map(JSON.string)
    let path = path(key)
    do throws(FileError) {
      try FileIO.createDirectories(Path.directory(path))
      try FileIO.replace(path, JSON.object(object).pretty() + [0x0A], isDurable: false)
    } catch {}
  }

  private func path(_ key: String) -> String { "\(directory)/\(key.prefix(2))/\(key).json" }
}
