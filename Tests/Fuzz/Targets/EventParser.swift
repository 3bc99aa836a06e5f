// A reader of server-sent events exactly as WHATWG HTML §9.2.6 writes it, to compare ours with.

/// One event as a browser dispatches it.
struct DispatchedEvent: Equatable {
  var type: [UInt8]
  var data: [UInt8]
  var lastEventID: [UInt8]
}

/// Interprets a whole stream.
struct EventParser {
  private(set) var events: [DispatchedEvent] = []
  private var type: [UInt8] = []
  private var data: [UInt8] = []
  private var lastEventID: [UInt8] = []

  init(_ stream: [UInt8]) {
    var rest = stream[...]
    if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
    // A block without an empty line after it is dropped, a line without an end is none.
    while let end = rest.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) {
      take(rest[..<end])
      let isPair = rest[end] == 0x0D && end + 1 < rest.endIndex && rest[end + 1] == 0x0A
      rest = rest[(end + (isPair ? 2 : 1))...]
    }
  }

  private mutating func take(_ line: ArraySlice<UInt8>) {
    if line.isEmpty { return dispatch() }
    let colon = line.firstIndex(of: UInt8(ascii: ":"))
    if colon == line.startIndex { return }
    let field = line[..<(colon ?? line.endIndex)]
    var value = colon.map { line[($0 + 1)...] } ?? []
    if value.first == 0x20 { value = value.dropFirst() }
    switch String(decoding: field, as: UTF8.self) {
    case "event": type = Array(value)
    case "data": data += value + [0x0A]
    case "id": if !value.contains(0) { lastEventID = Array(value) }
    default: break
    }
  }

  private mutating func dispatch() {
    defer {
      data = []
      type = []
    }
    if data.isEmpty { return }
    events.append(
      DispatchedEvent(
        type: type.isEmpty ? Array("message".utf8) : type, data: data.dropLast(),
        lastEventID: lastEventID))
  }
}
