import EventStream
import Testing

struct SSEEncoderTests {
  private func text(_ write: (inout SSEEncoder) -> Void) -> String {
    var encoder = SSEEncoder()
    write(&encoder)
    return String(decoding: encoder.bytes, as: UTF8.self)
  }

  @Test(
    arguments: [
      ("", "data: \n\n"),
      ("a", "data: a\n\n"),
      ("a\nb", "data: a\ndata: b\n\n"),
      ("a\r\nb\rc", "data: a\ndata: b\ndata: c\n\n"),
      ("\n", "data: \ndata: \n\n"),
      ("\r\r\n", "data: \ndata: \ndata: \n\n"),
      ("id: 5", "data: id: 5\n\n"),
    ])
  func `every line end of the data starts another data line`(data: String, expected: String) {
    #expect(text { $0.event(id: nil, event: "", data: Array(data.utf8)) } == expected)
  }

  @Test func `an event has its id, type and data in this order`() {
    let event = text { $0.event(id: "e-7", event: "row", data: Array("{}".utf8)) }
    #expect(event == "id: e-7\nevent: row\ndata: {}\n\n")
  }

  @Test func `a line end in an id or type cannot begin another field`() {
    let event = text { $0.event(id: "1\ndata: x\0", event: "a\r\nevent: b", data: []) }
    #expect(event == "id: 1data: x\nevent: aevent: b\ndata: \n\n")
  }

  @Test func `comments and the retry time are fields of their own`() {
    #expect(text { $0.comment("hb") } == ": hb\n\n")
    #expect(text { $0.retry(.milliseconds(1500)) } == "retry: 1500\n\n")
  }
}

struct EventIDTests {
  @Test(arguments: [("a-1", "a", 1), ("a-b-0", "a-b", 0), ("x-18446744073709551615", "x", .max)])
  func `ids survive the round trip`(text: String, epoch: String, sequence: UInt64) throws {
    let id = try #require(EventID(text))
    #expect(id == EventID(epoch: epoch, sequence: sequence))
    #expect(id.description == text)
  }

  @Test(arguments: [
    "", "-", "-1", "a-", "a", "a--x", "a-1x", "a-+1", "a-18446744073709551616", "a- 1",
  ])
  func `other texts are no ids`(text: String) {
    #expect(EventID(text) == nil)
  }
}
