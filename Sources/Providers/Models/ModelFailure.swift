// From what went wrong in a call of a model to the error people see.

import Core
import HTTPClient

/// A failed call, and whether it may go better.
struct ModelFailure: Error, Sendable {
  var error: ProviderError
  /// Whether the call may be made again at once or after a pause.
  var mayPass: Bool
}

/// Words for failures of one target.
struct ModelFailures: Sendable {
  /// Longest message of a service that is shown, in characters.
  static let messageLimit = 1000
  /// Most that is read of an answer that tells an error, in bytes.
  static let bodyLimitBytes = 64 << 10

  let settings: ModelSettings
  /// What must not be seen.
  let secret: String

  private var subject: String { "\(settings.provider) \(settings.model)" }

  /// A failure of the connection.
  func failure(_ error: HTTPClientError, timeLimit: String?) -> ModelFailure {
    let text = "\(subject): \(error.description)"
    switch error.code {
    case .cancelled: return ModelFailure(error: .cancelled, mayPass: false)
    case .libraryMissing: return fail(.unavailable, text)
    case .badRequest, .untrusted: return fail(.configuration, text)
    case .timedOut:
      if let timeLimit { return fail(.timedOut, "\(subject) timed out after \(timeLimit)") }
      return fail(.timedOut, text, mayPass: true)
    case .tooLarge, .garbage: return fail(.badAnswer, text)
    case .unresolved, .unreachable, .proxy, .broken, .system:
      return fail(.transport, text, mayPass: true)
    }
  }

  /// A fault in the body of an answer.
  func failure(_ fault: ModelFault) -> ModelFailure {
    switch fault.kind {
    case .refused: fail(.refused, "\(subject) declined: \(shown(fault.message))")
    case .unreadable: fail(.badAnswer, "\(subject): \(shown(fault.message))")
    case .incomplete: fail(.transport, "\(subject): \(shown(fault.message))", mayPass: true)
    case .status(let status): failure(status: status, message: fault.message, code: nil)
    }
  }

  /// An answer with a status that is none of success.
  func failure(_ head: HTTPClientHead, _ body: [UInt8]) -> ModelFailure {
    if (300..<400).contains(head.status) {
      let target = head.header("location").map { " to \(ModelURL.host($0))" } ?? ""
      return fail(
        .badRequest,
        "\(subject): HTTP \(head.status), a redirection\(target), which is not followed with a key; "
          + "check 'base_url' of target '\(settings.targetName)'", status: head.status)
    }
    let report = APIErrorText(body)
    var failure = failure(status: head.status, message: report.message, code: report.code)
    failure.error.retryAfter = RetryAfter.parse(
      seconds: head.header("retry-after"), milliseconds: head.header("retry-after-ms"))
    return failure
  }

  private func failure(status: Int, message: String, code: String?) -> ModelFailure {
    let kind = code.map { $0.isEmpty ? "" : " (\($0))" } ?? ""
    var text = "\(subject): HTTP \(status)"
    if !message.isEmpty { text += ": \(shown(message))" }
    text += kind
    switch status {
    case 401, 403:
      return fail(
        .authentication, text + "; check 'api_key' of target '\(settings.targetName)'",
        status: status)
    case 429 where code != "insufficient_quota":
      return fail(
        .rateLimited, text, status: status, mayPass: settings.retry.covers(status))
    case 408, 500...:
      return fail(
        .serverError, text, status: status, mayPass: settings.retry.covers(status))
    case 404:
      return fail(
        .badRequest,
        text + "; check 'model' and 'base_url' of target '\(settings.targetName)'",
        status: status, mayPass: settings.retry.covers(status))
    default:
      return fail(
        .badRequest, text, status: status,
        mayPass: status != 429 && settings.retry.covers(status))
    }
  }

  private func fail(
    _ code: ProviderError.Code, _ text: String, status: Int? = nil, mayPass: Bool = false
  ) -> ModelFailure {
    ModelFailure(
      error: ProviderError(code, hidden(text), httpStatus: status), mayPass: mayPass)
  }

  /// A service's own words: without the key, on one line, bounded.
  private func shown(_ text: String) -> String {
    let line = hidden(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let clean = String(line.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F })
    return clean.count <= Self.messageLimit
      ? clean : "\(clean.prefix(Self.messageLimit))… (\(clean.count) characters)"
  }

  private func hidden(_ text: String) -> String {
    secret.count < 4 ? text : text.replacing(secret, with: "[key]")
  }
}

/// What a service says about its error, in one of the forms in use.
struct APIErrorText: Sendable, Hashable {
  var message: String
  /// Its word for the error.
  var code: String?

  init(_ body: [UInt8]) {
    guard let parsed = try? JSON.parse(body) else {
      // A page of a gateway: its text is worth more than nothing.
      message = String(decoding: body, as: UTF8.self).trimmedOfTags
      return
    }
    let json = parsed.array?.first ?? parsed
    let error = json["error"] ?? json
    let detail = json["detail"]
    message =
      error["message"]?.string ?? json["message"]?.string ?? error.string ?? detail?.string
      ?? (json.object?.isEmpty == true ? "" : json.text)
    // Some repeat the status as the code, which says nothing.
    code = [error["code"], error["type"], error["status"]].lazy.compactMap { $0?.string }
      .first { Int($0) == nil }
  }
}

extension String {
  /// The text of an HTML page, roughly: without tags.
  fileprivate var trimmedOfTags: String {
    guard contains("<") else { return self }
    var result = ""
    var isInTag = false
    for character in self.prefix(20_000) {
      switch character {
      case "<": isInTag = true
      case ">" where isInTag:
        isInTag = false
        result.append(" ")
      default: if !isInTag { result.append(character) }
      }
    }
    return result
  }
}
