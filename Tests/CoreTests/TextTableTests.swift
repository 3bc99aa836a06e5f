import Core
import Testing

@Suite struct TextTableTests {
  @Test func `texts are numbered in the order in which they came, each once`() {
    var table = TextTable()
    var numbers: [String: Int] = [:]
    // Enough for the table to grow many times; every third text comes again.
    for index in 0..<5_000 {
      let text = index % 3 == 0 ? "again-\(index % 100)" : "ü \(index)"
      let (place, isNew) = table.insert(text)
      #expect(isNew == (numbers[text] == nil))
      #expect(place == numbers[text] ?? numbers.count)
      numbers[text] = place
    }
    #expect(table.count == numbers.count)
    for (text, place) in numbers {
      #expect(table[place] == text)
      #expect(table.place(of: text) == place)
    }
    #expect(table.place(of: "nowhere") == nil)
    #expect(TextTable().place(of: "") == nil)
  }

  @Test func `an empty text is a text`() {
    var table = TextTable()
    table.insert("")
    #expect(table.insert("").isNew == false)
    #expect(table[0].isEmpty)
  }
}
