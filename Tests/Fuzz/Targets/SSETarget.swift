// Server-sent events, both ways: what we write reads as what was meant, and our reader of models'
// streams sees what the standard's sees.

import EventStream

@testable import Providers

@Sendable func fuzzSSE(_ bytes: [UInt8]) {
  var input = Input(bytes)
  if input.byte() == UInt8(ascii: "r") {
    fuzzReading(input.remainder)
  } else {
    fuzzWriting(&input)
  }
}

/// Events separated by 0x1E, their id, type and data by 0x1F.
private func fuzzWriting(_ input: inout Input) {
  var encoder = SSEEncoder()
  var expected: [DispatchedEvent] = []
  var id: [UInt8] = []
  while !input.isEmpty {
    var parts = Input(input.part(until: 0x1E))
    let ownID = String(decoding: parts.part(until: 0x1F), as: UTF8.self)
    let type = String(decoding: parts.part(until: 0x1F), as: UTF8.self)
    let data = parts.remainder
    if ownID.utf8.first == UInt8(ascii: "!") {
      encoder.comment(ownID)
      encoder.retry(.milliseconds(data.count))
      continue
    }
    encoder.event(id: ownID, event: type, data: data)
    id = Array(oneLine(ownID))
    let word = Array(oneLine(type))
    expected.append(
      DispatchedEvent(
        type: word.isEmpty ? Array("message".utf8) : word, data: normalised(data), lastEventID: id))
  }
  check(EventParser(encoder.bytes).events == expected, "an event reads as it was written")
}

private func oneLine(_ text: String) -> [UInt8] {
  text.utf8.filter { $0 != 0x0A && $0 != 0x0D && $0 != 0 }
}

/// Line ends as a reader joins lines.
private func normalised(_ data: [UInt8]) -> [UInt8] {
  var result: [UInt8] = []
  for (index, byte) in data.enumerated() {
    if byte == 0x0A, index > 0, data[index - 1] == 0x0D { continue }
    result.append(byte == 0x0D ? 0x0A : byte)
  }
  return result
}

private func fuzzReading(_ bytes: [UInt8]) {
  let stream = bytes + [0x0A, 0x0A]
  let expected = EventParser(stream).events.map(\.data)
  var reader = StreamedEvents()
  check(reader.take(stream) == expected, "a model's stream is read as the standard says")
  var slow = StreamedEvents()
  check(
    stream.flatMap { slow.take([$0]) } == expected,
    "events do not depend on the pieces in which they arrive")
}
