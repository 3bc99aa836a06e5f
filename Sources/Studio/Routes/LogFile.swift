// A run's whole log by byte ranges (RFC 9110 §14). Blocking.

import Core
import HTTPServer

enum LogFile {
  /// Sent in one answer; a client asks for the rest with `Range`.
  static let maximumBytes = 4 << 20

  /// The log or a part of it; a log that was not written yet is empty.
  static func response(_ path: String, range: String?) -> HTTPResponse {
    let size = FileIO.status(path)?.size ?? 0
    let asked = range.flatMap { parse($0, size: size) }
    if range != nil, asked == nil, size > 0, range?.hasPrefix("bytes=") == true {
      return .error(
        416, code: "range-not-satisfiable", message: "The log holds \(size) bytes",
        details: ["size": .int(size)])
    }
    var part = asked ?? 0..<size
    let isPartial = asked != nil || part.count > maximumBytes
    if part.count > maximumBytes { part = part.lowerBound..<(part.lowerBound + maximumBytes) }
    let bytes =
      part.isEmpty
      ? [] : (try? FileIO.read(path, offset: part.lowerBound, count: part.count)) ?? []
    var headers: [(name: String, value: String)] = [
      ("Content-Type", "text/plain; charset=utf-8"), ("Accept-Ranges", "bytes"),
      ("Cache-Control", "no-store"),
    ]
    guard isPartial, !bytes.isEmpty else {
      return HTTPResponse(status: 200, headers: headers, body: bytes)
    }
    let last = part.lowerBound + bytes.count - 1
    headers.append(("Content-Range", "bytes \(part.lowerBound)-\(last)/\(size)"))
    return HTTPResponse(status: 206, headers: headers, body: bytes)
  }

  /// One range of bytes; `nil` for several, for another unit and for one beyond the end.
  static func parse(_ header: String, size: Int) -> Range<Int>? {
    guard header.hasPrefix("bytes=") else { return nil }
    let parts = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    if parts[0].isEmpty {
      guard let count = Int(parts[1]), count > 0, size > 0 else { return nil }
      return max(0, size - count)..<size
    }
    guard let first = Int(parts[0]), first >= 0, first < size else { return nil }
    if parts[1].isEmpty { return first..<size }
    guard let last = Int(parts[1]), last >= first else { return nil }
    return first..<(min(last, size - 1) + 1)
  }
}
