import CLibevent

/// Turns what evhttp has parsed into a request, and refuses what it lets through although two readers
/// could understand it differently (request smuggling) or it is over a limit.
struct RequestReader {
  enum Outcome {
    case request(HTTPRequest)
    /// `OPTIONS *`, which is about the server and no path (RFC 9110 §9.3.7).
    case anyTarget
    case refused(HTTPResponse)
  }

  private let request: UnsafeMutablePointer<evhttp_request>
  private let limits: HTTPLimits

  init(_ request: UnsafeMutablePointer<evhttp_request>, limits: HTTPLimits) {
    self.request = request
    self.limits = limits
  }

  /// Takes the version for ours, which answers are sent with: evhttp repeats whatever it was told,
  /// also `HTTP/0.9` and `HTTP/1.7` (RFC 9110 §6.2).
  /// - Returns: whether the request can be understood, as one of HTTP/1.
  func takeVersion() -> Bool {
    defer {
      request.pointee.minor = request.pointee.major == 1 ? min(request.pointee.minor, 1) : 1
      request.pointee.major = 1
    }
    return request.pointee.major == 1 && request.pointee.minor >= 0
  }

  func read(from address: String) -> Outcome {
    guard let uri = request.pointee.uri else { return bad("the request line has no target") }
    var fields = Fields()
    var element = request.pointee.input_headers.pointee.tqh_first
    while let field = element {
      fields.add(String(cString: field.pointee.key), String(cString: field.pointee.value))
      element = field.pointee.next.tqe_next
    }
    if fields.all.count > limits.headerFields {
      return .refused(
        .error(
          431, code: "header-too-large",
          message: "the request has more than \(limits.headerFields) header fields"))
    }
    guard let method = Self.method(evhttp_request_get_command(request)) else {
      return .refused(
        .error(501, code: "not-implemented", message: "the request method is not known here"))
    }
    let isOldVersion = request.pointee.major == 1 && request.pointee.minor == 0
    if let problem = fields.problem(method: method, isHTTP10: isOldVersion) { return bad(problem) }
    var target = String(cString: uri)
    if target.utf8.count > limits.targetBytes {
      return .refused(
        .error(
          414, code: "target-too-long",
          message: "the request target is longer than \(limits.targetBytes) bytes"))
    }
    if target == "*", method == .options { return .anyTarget }
    if !target.utf8.starts(with: "/".utf8) {
      guard let path = Self.pathOfAbsoluteForm(target, host: fields.host) else {
        return bad("the request target must be a path of this host")
      }
      target = path
    }
    guard let parts = RequestTarget(target) else {
      return bad("the path is not valid: bad percent-encoding, NUL or text that is not UTF-8")
    }
    return .request(
      HTTPRequest(
        method: method, parts: parts, headers: fields.all, body: body(), remoteAddress: address))
  }

  func bad(_ message: String) -> Outcome {
    .refused(.error(400, code: "bad-request", message: message))
  }

  private func body() -> [UInt8] {
    let input = evhttp_request_get_input_buffer(request)
    let count = evbuffer_get_length(input)
    guard count > 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: count) { bytes, used in
      used = max(evbuffer_copyout(input, bytes.baseAddress, count), 0)
    }
  }

  private static func method(_ command: evhttp_cmd_type) -> HTTPMethod? {
    switch command {
    case EVHTTP_REQ_GET: .get
    case EVHTTP_REQ_HEAD: .head
    case EVHTTP_REQ_POST: .post
    case EVHTTP_REQ_PUT: .put
    case EVHTTP_REQ_PATCH: .patch
    case EVHTTP_REQ_DELETE: .delete
    case EVHTTP_REQ_OPTIONS: .options
    default: nil
    }
  }

  /// `http://host/path` (or `https:`) must be understood (RFC 9112 §3.2.2); its host must be that of the header.
  static func pathOfAbsoluteForm(_ target: String, host: String?) -> String? {
    let scheme = ["http://", "https://"].first { scheme in
      target.utf8.count > scheme.utf8.count
        && ASCII.equalIgnoringCase(String(target.prefix(scheme.count)), scheme)
    }
    guard let scheme else { return nil }
    let rest = target.dropFirst(scheme.count)
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    guard let host, ASCII.equalIgnoringCase(String(rest[..<end]), host) else { return nil }
    let path = rest[end...]
    return path.hasPrefix("/") ? String(path) : "/" + path
  }

  /// The JSON that replaces one of evhttp's own error pages.
  static func answer(toError status: Int, requestBytes: Int, limits: HTTPLimits) -> HTTPResponse {
    switch status {
    case 400 where requestBytes > limits.headerBytes:
      .error(
        431, code: "header-too-large",
        message: "the request header is larger than \(limits.headerBytes) bytes")
    case 413:
      .error(
        413, code: "body-too-large",
        message: """
          the request body is larger than \(limits.bodyBytes) bytes, or its chunks are not valid
          """)
    case 417:
      .error(417, code: "expectation-failed", message: "only Expect: 100-continue is understood")
    case 400: .error(400, code: "bad-request", message: "the request is not valid HTTP/1.1")
    default: .error(status, code: "bad-request", message: ResponseText.reason(status))
    }
  }
}

/// The header fields of one request and what must hold among them (RFC 9112 §3.2, §6.3).
private struct Fields {
  var all: [(name: String, value: String)] = []
  var host: String?
  private var hosts = 0
  private var contentLengths: [String] = []
  private var transferEncodings: [String] = []
  private var hasBadName = false

  mutating func add(_ name: String, _ value: String) {
    all.append((name, value))
    switch name.utf8.count {
    case 4 where ASCII.equalIgnoringCase(name, "host"):
      hosts += 1
      host = value
    case 14 where ASCII.equalIgnoringCase(name, "content-length"): contentLengths.append(value)
    case 17 where ASCII.equalIgnoringCase(name, "transfer-encoding"):
      transferEncodings.append(value)
    default: break
    }
    // evhttp takes "Host :" for a field of another name.
    if name.isEmpty || name.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) { hasBadName = true }
  }

  func problem(method: HTTPMethod, isHTTP10: Bool) -> String? {
    if hasBadName { return "a header field has a space in its name" }
    if hosts > 1 { return "there is more than one Host header field" }
    if hosts == 0, !isHTTP10 { return "the Host header field is missing" }
    if contentLengths.count > 1 { return "there is more than one Content-Length header field" }
    if let length = contentLengths.first,
      length.isEmpty || !length.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    {
      return "Content-Length is not a number"
    }
    if transferEncodings.count > 1 || transferEncodings.contains(where: isNotChunked) {
      return "the only Transfer-Encoding understood is chunked"
    }
    if !transferEncodings.isEmpty, isHTTP10 || !contentLengths.isEmpty {
      return "Transfer-Encoding goes neither with Content-Length nor with HTTP/1.0"
    }
    // evhttp reads no body for HEAD and would take one for the next request.
    if method == .head, !transferEncodings.isEmpty || contentLengths.contains(where: { $0 != "0" })
    {
      return "HEAD has no body"
    }
    return nil
  }

  private func isNotChunked(_ value: String) -> Bool { !ASCII.equalIgnoringCase(value, "chunked") }
}
