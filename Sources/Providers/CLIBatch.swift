// `provider_batching: true`: one command for all tests of a file (reference: eval-files 15).

import Core
import EvalFiles
import Supervisor

extension CLIProvider: BatchProvider {
  var wantsBatches: Bool { configuration.wantsBatches }

  /// Runs the command once.
  ///
  /// `{EVAL_ID}` is `batch`, `{PROMPT}` is empty, `{PROMPT_FILE}` holds one
  /// JSON object for each test, `{OUTPUT_FILE}` (else stdout) is to get one for each, with its id.
  func invokeBatch(
    _ requests: [ProviderRequest]
  ) async throws(ProviderError) -> [String: Result<ProviderResponse, ProviderError>] {
    guard var batch = requests.first else { return [:] }
    try await passHealthCheck(batch)
    batch.test.id = "batch"
    batch.prompt = ""
    let files = try TemporaryFiles(batch, areKept: configuration.keepsTemporaryFiles)
    defer { files.remove() }
    var inputs: [String] = []
    for path in requests.flatMap(\.test.inputFiles) where !inputs.contains(path) {
      inputs.append(path)
    }
    let command = try render(configuration.command, batch, files, inputFiles: inputs)
    if configuration.command.contains("{PROMPT_FILE}") {
      do {
        try FileIO.write(
          files.prompt, requests.flatMap { Self.line($0).serialized() + [0x0A] })
      } catch {
        throw ProviderError(.failed, error.description)
      }
    }
    let answersInFile = CLITemplate.placeholders(in: configuration.command).contains("OUTPUT_FILE")
    let limit = limit(batch)
    let result = try await run(
      command, batch, directory: directory(batch), timeout: limit?.duration,
      outputLimit: answersInFile ? Self.outputLimitBytes : Self.answerLimitBytes)
    if result.timedOut {
      throw ProviderError(
        .timedOut,
        "CLI provider timed out after \(Self.seconds(limit?.duration)) s\(limit?.source ?? "")")
    }
    if result.stopped || Task.isCancelled { throw .cancelled }
    guard result.exit.isSuccess else { throw Self.error(result) }
    let bytes = try answersInFile ? answer(files.output) : Self.answer(result.stdout)
    let share = Self.milliseconds(result.duration) / max(1, requests.count)
    return try Self.answers(bytes, durationMS: share)
  }

  private static func line(_ request: ProviderRequest) -> JSON {
    [
      "id": .string(request.test.id), "prompt": .string(request.prompt),
      "input_files": .array(request.test.inputFiles.map(JSON.string)),
    ]
  }

  /// The answers in JSON lines, each with the id of its test.
  private static func answers(
    _ bytes: [UInt8], durationMS: Int
  ) throws(ProviderError) -> [String: Result<ProviderResponse, ProviderError>] {
    var answers: [String: Result<ProviderResponse, ProviderError>] = [:]
    for (index, line) in bytes.split(separator: 0x0A).enumerated() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
      guard let object = try? JSON.parse(line), let id = object["id"].flatMap(Self.id) else {
        throw ProviderError(
          .badAnswer,
          "line \(index + 1) of the batch's answer is no JSON object with an 'id': "
            + String(decoding: line.prefix(80), as: UTF8.self))
      }
      if let error = object["error"]?.string, object["output"] == nil, object["text"] == nil {
        answers[id] = .failure(ProviderError(.failed, error))
        continue
      }
      var response = CLIAnswer.parse(Array(line))
      if response.metrics.durationMS == nil { response.metrics.durationMS = durationMS }
      answers[id] = .success(response)
    }
    return answers
  }

  private static func id(_ value: JSON) -> String? {
    value.string ?? value.int.map(String.init)
  }
}
