import HTTPServer
import Testing

@testable import Studio

@Suite(.timeLimit(.minutes(1))) struct KeptPagesTests {
  @Test func `answers are kept as far as there is room, refusals and large ones are not`() {
    var pages = KeptPages()
    pages.keep(.jsonBytes([1]), as: "a")
    pages.keep(.error(404, code: "x", message: "x"), as: "b")
    pages.keep(
      .jsonBytes([UInt8](repeating: 0, count: KeptPages.maximumBytes + 1)), as: "c")
    #expect(pages["a"]?.body == [1])
    #expect(pages["b"] == nil && pages["c"] == nil)
    for number in 0..<1000 {
      pages.keep(.jsonBytes([2]), as: "\(number)")
      #expect(pages["\(number)"]?.body == [2])
      #expect(pages.count <= KeptPages.maximumCount)
    }
  }
}
