// Traces of a run on their way to a collector. They tell about results that are on the disk, so a
// failure is told and costs nothing else; what was not sent goes with the next start of the run.

import Core
import HTTPClient
import Reports
import RunArtifacts

/// Sends the traces of a run.
struct TracePush: Sendable {
  /// Tries of one request.
  static let tries = 3
  /// Longest time of one try.
  static let timeout = Duration.seconds(10)
  /// Longest time of all requests together: a collector must not keep a run that has ended.
  static let totalTime = Duration.seconds(60)
  /// Longest pause that a collector may ask for.
  static let longestPause = Duration.seconds(10)
  /// Kept of what a collector says about a failure, characters.
  static let saidCharacters = 200
  /// Statuses that may pass (OTLP/HTTP, "Retryable response codes").
  static let retryable: Set<Int> = [429, 502, 503, 504]

  let endpoint: TraceEndpoint
  let directory: RunDirectory
  let capturesContent: Bool
  let groupsTurns: Bool
  /// Waits between tries; a test's own clock.
  var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

  /// What became of the traces.
  struct Outcome: Sendable, Hashable {
    /// Tests whose traces were taken.
    var sent = 0
    /// What went wrong.
    var warnings: [String] = []
  }

  /// Sends what has not been sent yet.
  func run() async -> Outcome {
    var outcome = Outcome()
    do {
      var batches = try TraceBatches(
        ResultSource(directory), from: sentBytes, capturesContent: capturesContent,
        groupsTurns: groupsTurns)
      let total = batches.testsLeft
      let deadline = ContinuousClock.now + Self.totalTime
      while let batch = try batches.next() {
        if let failure = await send(batch.body, until: deadline, &outcome) {
          outcome.warnings.append(
            "traces of \(total - outcome.sent) of \(total) test(s) were not sent: "
              + endpoint.withoutSecrets(failure)
              + "; they go with the next --resume, or use --otel-file")
          return outcome
        }
        outcome.sent += batch.tests
        note(sent: batch.endOffset)
      }
    } catch {
      outcome.warnings.append("traces were not sent: \(error)")
    }
    return outcome
  }

  /// Sends one request until it is taken or there is no hope.
  /// - Returns: why it was not taken; `nil` when it was.
  private func send(
    _ body: [UInt8], until deadline: ContinuousClock.Instant, _ outcome: inout Outcome
  ) async -> String? {
    var failure = "no time was left"
    for attempt in 1...Self.tries {
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero else { return "\(failure) (the time for traces, 60 s, is over)" }
      var pause: Duration?
      do throws(HTTPClientError) {
        var request = HTTPClientRequest(
          "POST", endpoint.url,
          headers: endpoint.headers + [HTTPClientField("Content-Type", "application/json")],
          body: body,
          timeouts: HTTPClientTimeouts(
            connect: min(left, Self.timeout), idle: Self.timeout, total: min(left, Self.timeout)))
        request.responseLimitBytes = 1 << 20
        let response = try await HTTPClient.shared.send(request)
        if (200..<300).contains(response.status) {
          if let rejected = Self.rejected(response.body) { outcome.warnings.append(rejected) }
          return nil
        }
        let text = String(decoding: response.body.prefix(4 * Self.saidCharacters), as: UTF8.self)
        let said = text.prefix(Self.saidCharacters).split(whereSeparator: \.isNewline)
        failure = "the collector answered HTTP \(response.status) \(said.joined(separator: " "))"
        guard Self.retryable.contains(response.status) else { return failure }
        pause = response.head.header("Retry-After").flatMap { Int($0) }.map { .seconds($0) }
      } catch {
        if error.code == .cancelled { return "the run was stopped" }
        failure = error.description
        guard [.unresolved, .unreachable, .timedOut, .broken].contains(error.code) else {
          return failure
        }
      }
      if let pause, pause > Self.longestPause { return "\(failure); it asks for \(pause)" }
      guard attempt < Self.tries else { break }
      do {
        try await sleep(pause ?? .milliseconds(500 << (attempt - 1)))
      } catch {
        return "the run was stopped"
      }
    }
    return "\(failure) (tried \(Self.tries) times)"
  }

  /// What a collector that took a request did not take of it (`partialSuccess`).
  private static func rejected(_ body: [UInt8]) -> String? {
    guard let partial = (try? JSON.parse(body))?["partialSuccess"] else { return nil }
    let rejected = partial["rejectedSpans"]
    guard let count = rejected?.int ?? rejected?.string.flatMap({ Int($0) }), count > 0 else {
      return nil
    }
    let said = partial["errorMessage"]?.string ?? "no reason given"
    let reason = said.prefix(saidCharacters)
    return "the collector refused \(count) span(s): \(reason)"
  }

  // MARK: - What was sent before

  private var file: String { directory.file(RunFile.traces) }

  private var sentBytes: Int {
    guard let bytes = try? FileIO.read(file, limitBytes: 4096) else { return 0 }
    let json = try? JSON.parse(bytes)
    // A run that was overwritten begins anew.
    let size = FileIO.status(directory.file(RunFile.index))?.size ?? 0
    let sent = json?["sent_bytes"]?.int ?? 0
    return sent <= size ? sent : 0
  }

  private func note(sent offset: Int) {
    try? FileIO.replace(file, JSON.object(["sent_bytes": .int(offset)]).pretty() + [0x0A])
  }
}
