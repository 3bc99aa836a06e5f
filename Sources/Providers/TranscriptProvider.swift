// `transcript`: answers that were recorded earlier, from `--transcript FILE`.

import Core
public import EvalFiles

/// Replays recordings.
///
/// A recording belongs to the test whose id it has, whatever order tests run in, so that parallel,
/// partial and resumed runs get the same answers. A transcript in which no test of the suite is named,
/// such as one of imported sessions, belongs to its tests by their order.
struct TranscriptProvider: Provider {
  let promptStyle = PromptStyle.agent
  private let file: String
  private let recordings: [String: [Transcript.Recording]]

  /// Reads `file` of a target; `tests` are the ids of the suite's tests in their order.
  /// - Throws: `ProviderError` with `.configuration`.
  init(_ target: ResolvedTarget) throws(ProviderError) {
    guard let file = target.settings["file"]?.string, let tests = target.settings["tests"]?.array
    else {
      throw ProviderError(
        .unavailable,
        "the provider 'transcript' is no entry of a targets file; replay a transcript with "
          + "--transcript FILE")
    }
    try self.init(
      try Transcript(file: file), file: file, tests: tests.compactMap(\.string))
  }

  init(_ transcript: Transcript, file: String, tests: [String]) throws(ProviderError) {
    self.file = file
    let named = Dictionary(grouping: transcript.recordings, by: \.testID)
    if tests.contains(where: { named[$0] != nil }) {
      recordings = named
      return
    }
    guard transcript.recordings.count == tests.count else {
      throw ProviderError(
        .configuration,
        "the transcript \(file) names none of the suite's tests, so its \(transcript.recordings.count) "
          + "recordings belong to them by their order, but there are \(tests.count) tests")
    }
    recordings = Dictionary(
      zip(tests, transcript.recordings.map { [$0] }), uniquingKeysWith: { first, _ in first })
  }

  func invoke(_ request: ProviderRequest) async throws(ProviderError) -> ProviderResponse {
    if Task.isCancelled { throw .cancelled }
    guard let takes = recordings[request.test.id], let first = takes.first else {
      throw ProviderError(
        .configuration, "the transcript \(file) has no recording of test '\(request.test.id)'")
    }
    // Of several targets the first one is replayed, of its several attempts the one asked for.
    let own = takes.filter { $0.target == first.target }
    let recording = own[min(request.attempt, own.count - 1)]
    guard !recording.output.isEmpty else {
      throw ProviderError(
        .configuration,
        "the transcript \(file) has no message of the assistant for test '\(request.test.id)'")
    }
    var metrics = recording.metrics
    metrics.tokenUsage = metrics.tokenUsage ?? recording.messageTokens
    var warnings: [String] = []
    if own.count < takes.count {
      warnings.append(
        "the transcript has recordings of several targets for test '\(request.test.id)'; that of "
          + "'\(first.target ?? "")' is replayed")
    }
    return ProviderResponse(output: recording.output, metrics: metrics, warnings: warnings)
  }
}

extension ResolvedTarget {
  /// The target of `--transcript`.
  /// - Parameters:
  ///   - transcript: the file, absolute.
  ///   - tests: ids of the suite's tests, in order.
  /// - Returns: the target.
  public static func transcript(_ transcript: String, tests: [String]) -> ResolvedTarget {
    ResolvedTarget(
      requested: "transcript", name: "transcript", provider: "transcript",
      settings: [
        "file": .string(transcript), "tests": .array(tests.map(JSON.string)),
      ])
  }
}
