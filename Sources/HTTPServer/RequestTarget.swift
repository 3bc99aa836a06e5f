/// The parts of a request target in origin form, `/path?query` (RFC 9112 §3.2.1).
struct RequestTarget: Equatable {
  let target: String
  let path: String
  let query: String
  let segments: [String]

  /// Takes a target apart.
  ///
  /// Nil when it does not begin with `/`, when an escape is not two hexadecimal digits, when one
  /// stands for NUL, or when a segment is not UTF-8 after decoding: no two readers may see two
  /// different paths in it.
  init?(_ target: String) {
    var target = target
    let parsed = target.withUTF8 { bytes -> (path: Int, segments: [String])? in
      guard bytes.first == UInt8(ascii: "/") else { return nil }
      var segments: [String] = []
      var start = 1
      var escaped = false
      var index = 1
      while true {
        let byte = index < bytes.count ? bytes[index] : UInt8(ascii: "?")
        switch byte {
        case UInt8(ascii: "/"), UInt8(ascii: "?"):
          let segment = UnsafeBufferPointer(rebasing: bytes[start..<index])
          guard
            let text = escaped ? Self.decoded(segment) : String(validating: segment, as: UTF8.self)
          else { return nil }
          segments.append(text)
          if byte == UInt8(ascii: "?") { return (index, segments) }
          start = index + 1
          escaped = false
        case UInt8(ascii: "%"): escaped = true
        case 0...0x20, 0x7F, UInt8(ascii: "#"): return nil
        default: break
        }
        index += 1
      }
    }
    guard let parsed else { return nil }
    self.target = target
    segments = parsed.segments
    if parsed.path == target.utf8.count {
      path = target
      query = ""
    } else {
      let end = target.utf8.index(target.startIndex, offsetBy: parsed.path)
      path = String(target[..<end])
      query = String(target[target.utf8.index(after: end)...])
    }
  }

  /// Percent-decodes; nil for a bad escape, NUL, or text that is not UTF-8.
  static func decoded(_ bytes: some Collection<UInt8>, plusIsSpace: Bool = false) -> String? {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var rest = bytes.makeIterator()
    while let byte = rest.next() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = rest.next().flatMap(ASCII.hexValue),
          let low = rest.next().flatMap(ASCII.hexValue), high | low != 0
        else { return nil }
        result.append(high << 4 | low)
      case UInt8(ascii: "+") where plusIsSpace: result.append(UInt8(ascii: " "))
      default: result.append(byte)
      }
    }
    return String(validating: result, as: UTF8.self)
  }
}

extension HTTPRequest {
  /// The parameters of a query as a form encodes them; what cannot be decoded stays as sent.
  static func parseQuery(_ query: String) -> [(name: String, value: String)] {
    query.utf8.split(separator: UInt8(ascii: "&")).map { pair in
      let split = pair.firstIndex(of: UInt8(ascii: "="))
      let name = split.map { pair[..<$0] } ?? pair
      let value = split.map { pair[pair.index(after: $0)...] } ?? pair[pair.endIndex...]
      let text = { (part: Substring.UTF8View) in
        RequestTarget.decoded(part, plusIsSpace: true) ?? String(Substring(part))
      }
      return (text(name), text(value))
    }
  }
}

/// The byte-wise comparisons of HTTP: only ASCII letters have a case.
enum ASCII {
  static func equalIgnoringCase(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count
      && zip(left.utf8, right.utf8).allSatisfy { lowercased($0) == lowercased($1) }
  }

  static func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }

  static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
