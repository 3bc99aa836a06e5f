import Testing

@testable import Wizard

struct PromptTests {
  private let plain = PromptStyle(isPlain: true)

  private func prompt(_ kind: Prompt.Kind, _ labels: [String] = ["one", "two", "three"]) -> Prompt {
    Prompt("Which?", kind, labels.map { PromptItem($0) })
  }

  @Test func `the cursor goes round`() {
    var prompt = prompt(.one)
    #expect(prompt.handle(.up) == .open && prompt.current == 2)
    #expect(prompt.handle(.down) == .open && prompt.current == 0)
    _ = prompt.handle(.end)
    #expect(prompt.current == 2 && prompt.handle(.enter) == .done)
  }

  @Test func `typing searches, escape takes the search back and then goes back`() {
    var prompt = prompt(.one)
    for key in "T".map(Key.character) { _ = prompt.handle(key) }
    #expect(prompt.shown == [1, 2] && prompt.current == 1)
    _ = prompt.handle(.character("x"))
    #expect(prompt.shown.isEmpty && prompt.current == nil && prompt.handle(.enter) == .open)
    _ = prompt.handle(.backspace)
    #expect(prompt.shown == [1, 2])
    #expect(prompt.handle(.escape) == .open && prompt.filter.isEmpty)
    #expect(prompt.handle(.escape) == .back)
    #expect(prompt.handle(.interrupt) == .cancelled)
  }

  @Test func `of many at least one is ticked`() {
    var prompt = prompt(.many)
    #expect(prompt.handle(.enter) == .open)
    #expect(
      prompt.lines(columns: 80, lines: 24, style: plain).last?.contains("at least one") == true)
    _ = prompt.handle(.space)
    _ = prompt.handle(.character("h"))
    _ = prompt.handle(.right)
    #expect(prompt.ticked == [0, 2], "only the shown ones are ticked with the others")
    #expect(prompt.handle(.enter) == .done)
    _ = prompt.handle(.escape)
    _ = prompt.handle(.left)
    #expect(prompt.ticked.isEmpty)
  }

  @Test func `a form changes values and is answered at an item without`() {
    var prompt = Prompt(
      "Go?", .form, [PromptItem("Go"), PromptItem("Speed", values: ["1", "2", "3"], value: 1)])
    _ = prompt.handle(.down)
    #expect(prompt.handle(.right) == .open && prompt.items[1].value == 2)
    #expect(prompt.handle(.space) == .open && prompt.items[1].value == 0)
    #expect(prompt.handle(.left) == .open && prompt.items[1].value == 2)
    #expect(prompt.handle(.enter) == .open && prompt.items[1].value == 0)
    _ = prompt.handle(.character("x"))
    #expect(prompt.filter.isEmpty)
    _ = prompt.handle(.up)
    #expect(prompt.handle(.enter) == .done)
  }

  @Test(arguments: [(80, 24), (20, 5), (10, 3), (1, 1)])
  func `it fits the terminal, whatever the names hold`(_ columns: Int, _ lines: Int) {
    let long = String(repeating: "long ", count: 50) + "\u{1B}[31m"
    var prompt = prompt(.many, (0..<100).map { "\($0) \(long)" })
    for _ in 0..<60 { _ = prompt.handle(.down) }
    let shown = prompt.lines(columns: columns, lines: lines, style: plain)
    #expect(shown.count <= max(6, lines))
    #expect(shown.allSatisfy { $0.count <= max(columns, 2) }, "\(shown)")
    #expect(!shown.joined().unicodeScalars.contains("\u{1B}"))
    if columns > 20 { #expect(shown.contains { $0.hasPrefix("❯ ◯ 60") }) }
  }

  @Test func `an empty list asks nothing that can be answered`() {
    var prompt = prompt(.one, [])
    for key in [Key.up, .down, .pageDown, .end, .enter, .space, .left] {
      #expect(prompt.handle(key) == .open)
    }
    #expect(prompt.handle(.escape) == .open && prompt.handle(.escape) == .back)
  }
}
