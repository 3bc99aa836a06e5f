import Core
import Testing

@Suite struct JSONTests {
  @Test func `members keep their order through parsing and writing`() throws {
    let text = #"{"z":1,"a":[true,null,"x"],"m":{"k":1.5}}"#
    #expect(try JSON.parse(text).text == text)
  }

  @Test func `whole doubles are written as integers and non-finite ones as null`() {
    #expect(JSON.double(1).text == "1")
    #expect(JSON.double(0.1).text == "0.1")
    #expect(JSON.double(.nan).text == "null")
  }

  @Test(arguments: [
    (#""a\u00e9\n\ud83d\ude00""#, "aé\n😀"), (#""\ud83d""#, "\u{FFFD}"), (#""\/\"""#, "/\""),
  ])
  func `escapes are decoded`(text: String, expected: String) throws {
    #expect(try JSON.parse(text) == .string(expected))
  }

  @Test func `control characters, quotes and backslashes are escaped`() throws {
    let value = JSON.string("a\"b\\c\n\u{1}\u{7f}é")
    #expect(value.text == #""a\"b\\c\n\u0001"# + "\u{7f}é\"")
    #expect(try JSON.parse(value.text) == value)
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":}", "tru", "01", "1.", "1e", "\"", "\"\u{1}\"", "[1] 2", "-", "+1",
    "{'a':1}", "NaN", "1e999",
  ])
  func `what is not JSON is refused`(text: String) {
    #expect(throws: JSONParseError.self) { try JSON.parse(text) }
  }

  @Test func `the error names the byte`() {
    let error = #expect(throws: JSONParseError.self) { try JSON.parse(#"{"a": 1  "b": 2}"#) }
    #expect(error?.description == "expected ',' or '}' in an object at byte 9")
  }

  @Test func `nesting is bounded`() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: JSONParseError.self) { try JSON.parse(deep) }
  }

  @Test func `a repeated member keeps the last value`() throws {
    #expect(try JSON.parse(#"{"a":1,"a":2}"#).text == #"{"a":2}"#)
  }

  @Test func `pretty form is indented by two and empty containers stay short`() throws {
    let value = try JSON.parse(#"{"a":[1,{"b":[]}],"c":{}}"#)
    #expect(
      value.prettyText == """
        {
          "a": [
            1,
            {
              "b": []
            }
          ],
          "c": {}
        }
        """)
  }

  @Test func `every truncation of a text is an error or the text itself`() throws {
    let bytes = Array(#"{"a":[1,2.5e3,"x\u00e9"],"b":{"c":null}}"#.utf8)
    for length in 0..<bytes.count {
      #expect(throws: JSONParseError.self) { try JSON.parse(bytes[..<length]) }
    }
    _ = try JSON.parse(bytes)
  }

  @Test func `numbers keep 64 bits and large ones become doubles`() throws {
    #expect(try JSON.parse("9223372036854775807") == .int(.max))
    #expect(try JSON.parse("9223372036854775808").double == 9.223372036854775808e18)
    #expect(JSON.double(3).int == 3 && JSON.double(3.5).int == nil)
  }

  @Test(.timeLimit(.minutes(5)))
  func `an object of very many names is read in the time of its length`() throws {
    let names = (0..<20_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
    let object = try #require(try JSON.parse(Array("{\(names)}".utf8)).object)
    #expect(object.count == 20_000 && object["k19999"] == .int(19_999))
  }

  @Test(arguments: [3, 31, 32, 33, 200])
  func `a name that comes again keeps its first place and its last value`(_ count: Int) throws {
    let names = (0..<count).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
    let text = "{\(names),\"k1\":true,\"new\":1,\"k\(count - 1)\":false,\"new\":2}"
    let object = try #require(try JSON.parse(Array(text.utf8)).object)
    #expect(object.names == (0..<count).map { "k\($0)" } + ["new"])
    #expect(object["k1"] == .bool(true) && object["k\(count - 1)"] == .bool(false))
    #expect(object["new"] == .int(2))
  }
}
