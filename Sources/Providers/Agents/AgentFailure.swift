// From what an agent says about a failed model call to the reason that decides over another try.

import Core

extension ProviderError.Code {
  /// The reason behind an HTTP status that an agent reported.
  ///
  /// The agents try passing errors again by themselves, several times.
  init(agentStatus status: Int) {
    switch status {
    case 401, 403: self = .authentication
    case 408: self = .timedOut
    case 429: self = .rateLimited
    case 400..<500: self = .badRequest
    case 500..<600: self = .serverError
    default: self = .failed
    }
  }
}

enum AgentFailure {
  /// An HTTP status in a message such as `unexpected status 401 Unauthorized`.
  static func status(in text: String) -> Int? {
    let words = text.split { !($0.isLetter || $0.isNumber) }
    for (index, word) in words.enumerated().dropFirst()
    where word.count == 3 && word.allSatisfy({ $0.isASCII && $0.isNumber }) {
      let before = words[index - 1].lowercased()
      if before == "status" || before == "error" || before == "code" || before == "http" {
        return Int(word)
      }
    }
    return nil
  }

  /// The error for a message, with the reason that its status or its words tell.
  static func error(_ name: String, _ message: String, status: Int? = nil) -> ProviderError {
    let status = status ?? self.status(in: message)
    let text = message.lowercased()
    let code: ProviderError.Code =
      if let status {
        ProviderError.Code(agentStatus: status)
      } else if ["stream disconnected", "connection", "econn", "network"].contains(
        where: text.contains)
      {
        .transport
      } else if ["not logged in", "please run /login", "authentication", "no api key"].contains(
        where: text.contains)
      {
        .authentication
      } else {
        .failed
      }
    return ProviderError(code, "\(name): \(message)", httpStatus: status)
  }
}
