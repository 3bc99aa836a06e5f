// Puts the header of an answer together, line by line.

/// Reads header lines; those of interim answers, redirections that are followed, and trailers are
/// passed over.
struct HeadReader {
  /// The head once it is complete.
  private(set) var head: HTTPClientHead?
  /// Whether the header went beyond its limit.
  private(set) var isTooLarge = false
  private let followsRedirects: Bool
  private var bytes = 0
  private var status = 0
  private var fields: [HTTPClientField] = []
  /// The last header that had an end; an answer may break off in the middle of one.
  private var whole: HTTPClientHead?

  init(followsRedirects: Bool) {
    self.followsRedirects = followsRedirects
  }

  /// Takes a line with its end; `false` when the header is too large.
  mutating func take(_ line: [UInt8]) -> Bool {
    bytes += line.count
    guard bytes <= HTTPClientLimits.headerBytes else {
      isTooLarge = true
      return false
    }
    guard head == nil else { return true }
    let text = String(decoding: line, as: UTF8.self).trimmed
    if text.isEmpty {
      guard status >= 200 else { return true }
      whole = HTTPClientHead(status: status, headers: fields)
      if !(followsRedirects && (300..<400).contains(status)) { finish() }
    } else if text.hasPrefix("HTTP/") {
      status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
      fields = []
      whole = nil
    } else if let colon = text.firstIndex(of: ":") {
      fields.append(
        HTTPClientField(
          String(text[..<colon]).trimmed, String(text[text.index(after: colon)...]).trimmed))
    }
    return true
  }

  /// What has been read is the head: the body has begun, or the answer ended.
  mutating func finish() {
    if head == nil { head = whole }
  }
}

extension String {
  /// Without white space at either end.
  var trimmed: String {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    var bytes = Array(utf8)[...]
    while let first = bytes.first, isSpace(first) { bytes.removeFirst() }
    while let last = bytes.last, isSpace(last) { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
