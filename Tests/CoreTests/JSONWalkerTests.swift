import Core
import Testing

@Suite struct JSONWalkerTests {
  private func walk(_ text: String) -> (isObject: Bool, members: [(name: String, value: String)]) {
    walk(Array(text.utf8))
  }

  private func walk(
    _ bytes: [UInt8]
  ) -> (isObject: Bool, members: [(name: String, value: String)]) {
    var walker = JSONWalker(bytes)
    var members: [(name: String, value: String)] = []
    let isObject = walker.object(in: 0..<bytes.count) { name, value in
      members.append(
        (
          String(decoding: bytes[name], as: UTF8.self),
          String(decoding: bytes[value], as: UTF8.self)
        ))
    }
    return (isObject, members)
  }

  @Test func `members are given as they are written`() {
    let found = walk(#" {"a" : 1.5e3, "b\n":[1,{"c":"}"}] ,"d":"x\"y", "e":null,"a":2} "#)
    #expect(found.isObject)
    #expect(found.members.map(\.name) == ["a", #"b\n"#, "d", "e", "a"])
    #expect(found.members.map(\.value) == ["1.5e3", #"[1,{"c":"}"}]"#, #""x\"y""#, "null", "2"])
  }

  @Test(arguments: [
    "{}", #"{"a":[]}"#, #"{"a":-0.1}"#, #"{"a":0}"#, #"{"ä":"€😀"}"#, #"{"a":"\u00e9\\"}"#,
    #"{"a":[1,[2,[3]],{"b":{}}]}"#, #"{"a":true,"b":false}"#,
    "", "{", "[]", "1", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":01}"#, #"{"a":1.}"#,
    #"{"a":.5}"#, #"{"a":1e}"#, #"{"a":+1}"#, #"{"a":"\x"}"#, #"{"a":"\u12g4"}"#,
    "{\"a\":\"\u{01}\"}", #"{"a":"b}"#, #"{"a":[1,2}"#, #"{"a":tru}"#, #"{a:1}"#, #"{"a":1}}"#,
    #"{"a":1e999}"#, #"{"a":1} x"#, #"{"a":[1 2]}"#, #"{"a":"b""c":1}"#,
  ])
  func `it accepts what the parser accepts`(_ text: String) {
    let isObject = (try? JSON.parse(text))?.object != nil
    #expect(walk(text).isObject == isObject)
  }

  @Test func `what is not UTF-8 is left to the parser, which replaces it`() {
    let bytes = Array(#"{"a":""#.utf8) + [0xFF] + Array(#""}"#.utf8)
    #expect(!walk(bytes).isObject)
    #expect((try? JSON.parse(bytes)) != nil)
  }

  @Test func `nesting deeper than the limit is refused and not followed`() {
    let deep = #"{"a":"# + String(repeating: "[", count: 100_000)
    #expect(!walk(deep).isObject)
  }
}
