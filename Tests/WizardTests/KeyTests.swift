import Testing

@testable import Wizard

struct KeyTests {
  @Test(arguments: [
    ("\u{1B}[A", [Key.up]), ("\u{1B}OB", [.down]), ("\u{1B}[1;5C", [.right]), ("\u{1B}[D", [.left]),
    ("\u{1B}[H\u{1B}[F", [.home, .end]), ("\u{1B}[5~\u{1B}[6~", [.pageUp, .pageDown]),
    ("\r", [.enter]), ("\n", [.enter]), (" ", [.space]), ("\u{7F}\u{8}", [.backspace, .backspace]),
    ("\u{3}", [.interrupt]), ("a€😀", [.character("a"), .character("€"), .character("😀")]),
    ("\u{1B}\u{1B}", [.escape]), ("\u{1B}x", [.escape, .character("x")]), ("\u{1B}[15~", []),
    ("\u{10}\u{E}", [.up, .down]), ("\u{0}\u{1}", []),
  ])
  func `bytes of a terminal are keys`(_ text: String, _ keys: [Key]) {
    var decoder = KeyDecoder()
    #expect(decoder.decode(Array(text.utf8)) == keys)
  }

  @Test func `a key that comes in pieces is one key`() {
    var decoder = KeyDecoder()
    var keys: [Key] = []
    for byte in Array("\u{1B}[A€".utf8) { keys += decoder.decode([byte]) }
    #expect(keys == [.up, .character("€")] && !decoder.isWaiting)
  }

  @Test func `a lone escape is a key once nothing follows`() {
    var decoder = KeyDecoder()
    #expect(decoder.decode([0x1B]).isEmpty && decoder.isWaiting)
    #expect(decoder.finish() == [.escape] && !decoder.isWaiting)
    #expect(decoder.decode([0xE2, 0x82]).isEmpty)
    #expect(decoder.finish().isEmpty, "half a character is nothing")
  }

  @Test func `nonsense is passed over`() {
    var decoder = KeyDecoder()
    #expect(decoder.decode([0xFF, 0x80, UInt8(ascii: "a")]) == [.character("a")])
    let long = Array("\u{1B}[".utf8) + Array(repeating: UInt8(ascii: "1"), count: 40)
    #expect(decoder.decode(long).isEmpty && !decoder.isWaiting)
  }
}
