// One HTTP call of a model: the request, the answer as it streams in.

import Core
import EvalFiles
import HTTPClient

/// A call that can be made several times.
struct ModelCall: Sendable {
  let api: any ModelAPI
  let body: [UInt8]
  let network: HTTPClientNetwork
  let failures: ModelFailures

  /// Makes the call.
  /// - Parameters:
  ///   - limit: how long it may take.
  ///   - onTaken: runs when the service has taken the call, before the answer is complete.
  /// - Returns: the answer.
  /// - Throws: `ModelFailure`.
  func make(
    _ limit: ModelTimeLimit, onTaken: @Sendable () async -> Void
  ) async throws(ModelFailure) -> ProviderResponse {
    var request = HTTPClientRequest(
      "POST", api.url,
      headers: [
        HTTPClientField("Content-Type", "application/json"),
        HTTPClientField("Accept", "text/event-stream, application/json"),
        HTTPClientField("User-Agent", "agentv"),
      ] + api.headers, body: body, network: network)
    if let remaining = limit.remaining {
      request.timeouts.total = max(remaining, .milliseconds(1))
    }
    let began = Timestamp.now()
    let start = ContinuousClock.now
    let outcome = await exchange(request, onTaken: onTaken)
    switch outcome {
    case .failed(let error): throw failures.failure(error, timeLimit: limit.text)
    case .refused(let head, let body): throw failures.failure(head, body)
    case .faulty(let fault): throw failures.failure(fault)
    case .answered(let answer):
      let (seconds, attoseconds) = start.duration(to: .now).components
      return ProviderResponse(
        output: [Message(role: "assistant", text: answer.text)],
        metrics: TargetMetrics(
          tokenUsage: answer.usage, costUSD: answer.costUSD,
          durationMS: Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000),
          startTime: began.description, endTime: Timestamp.now().description),
        warnings: answer.warnings)
    }
  }

  private enum Outcome: Sendable {
    case answered(ModelAnswer)
    /// A status that is none of success, and what there is of its body.
    case refused(HTTPClientHead, [UInt8])
    case faulty(ModelFault)
    case failed(HTTPClientError)
  }

  private func exchange(
    _ request: HTTPClientRequest, onTaken: @Sendable () async -> Void
  ) async -> Outcome {
    let stream: HTTPClientStream
    do throws(HTTPClientError) {
      stream = try await HTTPClient.shared.open(request)
    } catch {
      return .failed(error)
    }
    defer { stream.close() }
    guard (200..<300).contains(stream.head.status) else {
      return .refused(stream.head, await beginning(of: stream))
    }
    await onTaken()
    let isStream =
      stream.head.header("content-type")?.lowercased().contains("event-stream") == true
    return isStream ? await events(stream) : await whole(stream)
  }

  /// What an answer that tells an error begins with; a connection that breaks meanwhile changes
  /// nothing about its status.
  private func beginning(of stream: HTTPClientStream) async -> [UInt8] {
    var body: [UInt8] = []
    while body.count < ModelFailures.bodyLimitBytes, let bytes = try? await stream.next() {
      body += bytes
    }
    return Array(body.prefix(ModelFailures.bodyLimitBytes))
  }

  // MARK: Answers

  private func events(_ stream: HTTPClientStream) async -> Outcome {
    var reader = api.reader()
    var events = StreamedEvents()
    do throws(HTTPClientError) {
      while let bytes = try await stream.next() {
        if let fault = Self.feed(&reader, events.take(bytes)) { return .faulty(fault) }
        if reader.isComplete {
          stream.drain()
          return Self.answer(reader)
        }
      }
    } catch {
      return .failed(error)
    }
    if let last = events.finish(), let fault = Self.feed(&reader, [last]) { return .faulty(fault) }
    return Self.answer(reader)
  }

  private func whole(_ stream: HTTPClientStream) async -> Outcome {
    var body: [UInt8] = []
    do throws(HTTPClientError) {
      while let bytes = try await stream.next() { body += bytes }
    } catch {
      return .failed(error)
    }
    var reader = api.reader()
    do throws(JSONParseError) {
      let json = try JSON.parse(body)
      do throws(ModelFault) {
        try reader.take(whole: json)
      } catch {
        return .faulty(error)
      }
    } catch {
      // Events under another media type.
      var events = StreamedEvents()
      var all = events.take(body)
      if let last = events.finish() { all.append(last) }
      guard !all.isEmpty else { return .faulty(Self.unreadable(stream.head, body)) }
      if let fault = Self.feed(&reader, all) { return .faulty(fault) }
    }
    return Self.answer(reader)
  }

  private static func feed(
    _ reader: inout any ModelAnswerReader, _ events: [[UInt8]]
  ) -> ModelFault? {
    for event in events where !event.isEmpty {
      let json: JSON
      if event == Array("[DONE]".utf8) {
        json = "[DONE]"
      } else if let parsed = try? JSON.parse(event) {
        json = parsed
      } else {
        return ModelFault(
          .unreadable,
          "an event of the answer is no JSON: \(String(decoding: event.prefix(200), as: UTF8.self))"
        )
      }
      do throws(ModelFault) {
        try reader.take(json)
      } catch {
        return error
      }
    }
    return nil
  }

  private static func answer(_ reader: any ModelAnswerReader) -> Outcome {
    do throws(ModelFault) {
      return .answered(try reader.answer())
    } catch {
      return .faulty(error)
    }
  }

  private static func unreadable(_ head: HTTPClientHead, _ body: [UInt8]) -> ModelFault {
    let type = head.header("content-type") ?? "no media type"
    let text = APIErrorText(Array(body.prefix(2000))).message.prefix(300)
    return ModelFault(
      .unreadable, "HTTP \(head.status) with \(type) instead of JSON: \(text)")
  }
}
