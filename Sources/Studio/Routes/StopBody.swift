// The body of a stop: how, why, and for several jobs which.

import Core
import HTTPServer

struct StopBody: Sendable, Hashable {
  /// Longest reason kept, characters.
  static let maximumReason = 500
  /// Most jobs of one request.
  static let maximumIDs = 1000
  /// Largest body.
  static let maximumBytes = 128 * 1024

  var mode = StopMode.now
  var reason: String?
  /// Jobs to stop; only of the request for several.
  var ids: [String]?
  var all = false

  init(body: [UInt8]) throws(RequestError) {
    if body.isEmpty { return }
    // It is read on the loop, so that a stop waits for nothing.
    guard body.count <= Self.maximumBytes else {
      throw RequestError(
        status: 413, code: "body-too-large",
        message: "the body of a stop has at most \(Self.maximumBytes) bytes")
    }
    let object = try RequestError.object(body)
    if let value = object["mode"], !value.isNull {
      guard let mode = value.string.flatMap(StopMode.init) else {
        throw .invalid(
          "mode",
          "must be one of \(StopMode.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      self.mode = mode
    }
    if let value = object["force"], !value.isNull {
      guard let flag = value.bool else {
        throw .invalid("force", "must be true or false, not \(value.kind)")
      }
      if flag { mode = .force }
    }
    if let value = object["reason"], !value.isNull {
      guard let text = value.string else {
        throw .invalid("reason", "must be a string, not \(value.kind)")
      }
      guard text.count <= Self.maximumReason else {
        throw .invalid("reason", "must not be longer than \(Self.maximumReason) characters")
      }
      reason = trim(text).isEmpty ? nil : trim(text)
    }
    if let value = object["ids"], !value.isNull {
      guard let array = value.array, array.count <= Self.maximumIDs,
        case let ids = array.compactMap(\.string), ids.count == array.count
      else {
        throw .invalid("ids", "must be an array of at most \(Self.maximumIDs) strings")
      }
      self.ids = ids
    }
    if let value = object["all"], !value.isNull {
      guard let flag = value.bool else {
        throw .invalid("all", "must be true or false, not \(value.kind)")
      }
      all = flag
    }
  }

  /// The request, with who asks as far as the HTTP request tells.
  func request(from request: HTTPRequest) -> StopRequest {
    let isBrowser = request.header("origin") != nil || request.header("sec-fetch-site") != nil
    return StopRequest(
      reason: reason, actor: isBrowser ? "browser" : "api", mode: mode, requestedAt: .now())
  }
}
