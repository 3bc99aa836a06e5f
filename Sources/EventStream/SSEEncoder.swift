/// Writes server-sent events in the format of WHATWG HTML §9.2 ("Server-sent events").
public struct SSEEncoder: Sendable {
  /// The bytes written so far.
  public private(set) var bytes: [UInt8] = []

  /// Makes an encoder that has written nothing.
  public init() {}

  /// Writes one event.
  ///
  /// Every line end in `data` (LF, CR or CR LF) starts another `data:` line, which the reader joins
  /// by LF. Line ends and NUL in `id` or `event` would begin another field; they are left out.
  ///
  /// - Parameters:
  ///   - id: what a client sends back as `Last-Event-ID`; nil for an event without one.
  ///   - event: the type; empty means `message`.
  ///   - data: the data as UTF-8.
  public mutating func event(id: String?, event: String, data: [UInt8]) {
    bytes.reserveCapacity(bytes.count + data.count + event.utf8.count + 64)
    if let id { field("id: ", id) }
    if !event.isEmpty { field("event: ", event) }
    lines(data)
    bytes.append(Self.lineFeed)
  }

  /// Writes a comment, which readers skip: a sign of life.
  ///
  /// - Parameter text: one line.
  public mutating func comment(_ text: String) {
    field(": ", text)
    bytes.append(Self.lineFeed)
  }

  /// Writes how long a client waits before it comes back.
  ///
  /// - Parameter time: sent in whole milliseconds.
  public mutating func retry(_ time: Duration) {
    field("retry: ", String(Int(time / .milliseconds(1))))
    bytes.append(Self.lineFeed)
  }

  private mutating func field(_ name: String, _ value: String) {
    bytes.append(contentsOf: name.utf8)
    for byte in value.utf8 where byte != Self.lineFeed && byte != Self.carriageReturn && byte != 0 {
      bytes.append(byte)
    }
    bytes.append(Self.lineFeed)
  }

  private mutating func lines(_ data: [UInt8]) {
    bytes.append(contentsOf: "data: ".utf8)
    var start = 0
    for index in data.indices
    where data[index] == Self.lineFeed || data[index] == Self.carriageReturn {
      if index < start { continue }  // the LF of a CR LF
      bytes.append(contentsOf: data[start..<index])
      bytes.append(contentsOf: "\ndata: ".utf8)
      let isPair =
        data[index] == Self.carriageReturn && index + 1 < data.count
        && data[index + 1] == Self.lineFeed
      start = index + (isPair ? 2 : 1)
    }
    bytes.append(contentsOf: data[start...])
    bytes.append(Self.lineFeed)
  }

  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
}
