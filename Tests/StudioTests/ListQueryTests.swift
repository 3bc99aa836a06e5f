import Core
import HTTPServer
import Testing

@testable import Studio

@Suite struct ListQueryTests {
  private static let fields = ListQuery.Fields(
    sorts: ["n", "name"], isDescending: true, filters: ["color"],
    words: ["color": ["red", "blue"]])

  private func query(_ text: String) throws -> ListQuery {
    let request = try #require(HTTPRequest(method: .get, target: "/x?\(text)"))
    return try ListQuery(request, Self.fields)
  }

  private static let items: [JSON] = (0..<7).map {
    ["name": .string("item-\($0)"), "n": $0 == 3 ? .null : .int($0 / 2)]
  }

  @Test func `without parameters a list comes whole and in its own order`() throws {
    let query = try query("foo=1&color=&limit=")
    #expect(query.isPlain)
    let page = query.apply(to: Self.items, id: "name", searched: ["name"])
    #expect(page.elements == Self.items && page.next == nil)
    #expect(query.members(of: page).isEmpty)
  }

  @Test(arguments: ["n", "-n", "name", "-name", ""], [1, 2, 3, 100])
  func `the pages together are the sorted list, each element once`(
    _ sort: String, _ limit: Int
  ) throws {
    let whole = try query("limit=1000&sort=\(sort)")
      .apply(to: Self.items, id: "name", searched: []).elements
    #expect(Set(whole) == Set(Self.items))
    var cursor: String?
    var seen: [JSON] = []
    repeat {
      let page = try query("limit=\(limit)&sort=\(sort)\(cursor.map { "&cursor=\($0)" } ?? "")")
        .apply(to: Self.items, id: "name", searched: [])
      #expect(page.total == 7 && page.elements.count <= limit)
      seen += page.elements
      cursor = page.next
    } while cursor != nil
    #expect(seen == whole)
    // What has no value comes last, either way.
    if sort.hasSuffix("n") { #expect(whole.last?["n"]?.isNull == true) }
  }

  @Test func `a page keeps its place when the element before it vanishes`() throws {
    let first = try query("limit=2&sort=name").apply(to: Self.items, id: "name", searched: [])
    let left = Self.items.filter { $0["name"] != "item-1" }
    let second = try query("limit=2&sort=name&cursor=\(first.next ?? "")")
      .apply(to: left, id: "name", searched: [])
    #expect(second.elements.compactMap { $0["name"]?.string } == ["item-2", "item-3"])
  }

  @Test func `a search looks into the named members, whatever the case`() throws {
    let page = try query("q=ITEM-5").apply(to: Self.items, id: "name", searched: ["name"])
    #expect(page.elements.count == 1)
  }

  @Test(arguments: [
    ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=x", "limit"), ("sort=age", "sort"),
    ("cursor=zz", "cursor"), ("cursor=ab", "cursor"), ("color=green", "color"),
  ])
  func `a wrong value is refused and its parameter named`(
    _ text: String, _ field: String
  ) throws {
    let request = try #require(HTTPRequest(method: .get, target: "/x?\(text)"))
    do throws(RequestError) {
      _ = try ListQuery(request, Self.fields)
      Issue.record("accepted")
    } catch {
      #expect(error.status == 400 && error.code == "invalid-field" && error.field == field)
    }
  }

  @Test(arguments: [
    ("ab", "xxabxx", true), ("ab", "aab", true), ("ab", "a\nb", false), ("ab", "", false),
    ("AB", "cab", true), ("ä", "bär", true), ("abc", "ababc", true), ("abc", "abab", false),
  ])
  func `a text is found anywhere in what is searched`(
    _ text: String, _ searched: String, _ isFound: Bool
  ) throws {
    #expect(try query("q=\(text)").matches(lowercased: searched) == isFound)
  }

  @Test func `a filter takes several values`() throws {
    let query = try query("color=red,blue")
    #expect(query.passes("color", ["red"]) && query.passes("color", [nil, "blue"]))
    #expect(!query.passes("color", ["green"]) && query.passes("size", []))
  }
}
