// `limit`, `cursor`, `q`, `sort` and filters of the lists. Without any of them a list is given whole,
// as upstream gives it.

import Core
import HTTPServer
import JobStore

/// What a list is sorted by.
enum SortKey: Sendable, Hashable {
  case number(Double)
  case text(String)
  case missing

  init(_ json: JSON?) {
    switch json {
    case .int(let value): self = .number(Double(value))
    case .double(let value): self = .number(value)
    case .string(let text): self = .text(text)
    case .bool(let flag): self = .number(flag ? 1 : 0)
    default: self = .missing
    }
  }

  var json: JSON {
    switch self {
    case .number(let value): .double(value)
    case .text(let text): .string(text)
    case .missing: .null
    }
  }

  /// Numbers before texts; what is missing comes last, whichever the direction.
  func precedes(_ other: SortKey, descending: Bool) -> Bool? {
    if self == other { return nil }
    switch (self, other) {
    case (.missing, _): return false
    case (_, .missing): return true
    case (.number(let left), .number(let right)): return descending ? left > right : left < right
    case (.text(let left), .text(let right)): return descending ? left > right : left < right
    case (.number, _): return !descending
    default: return descending
    }
  }
}

/// The query of a list.
struct ListQuery: Sendable {
  /// Most elements of one page.
  static let maximumLimit = 1000
  static let defaultLimit = 100

  /// What a list can be asked.
  struct Fields: Sendable {
    /// Names to sort by; the first one is the default.
    var sorts: [String]
    /// Whether the default is descending.
    var isDescending: Bool
    /// Names of the filters; a value may list several, separated by commas.
    var filters: [String] = []
    /// Closed words of some filters.
    var words: [String: [String]] = [:]
  }

  private(set) var limit: Int
  /// Lower case.
  private(set) var text: String?
  private(set) var sort: String
  private(set) var isDescending: Bool
  private(set) var filters: [String: Set<String>] = [:]
  private var after: (key: SortKey, id: String)?
  /// Whether anything but filters was asked for: then the answer tells the total and the next page.
  private(set) var isPaged = false
  /// Whether all elements pass.
  var isUnfiltered: Bool { filters.isEmpty && text == nil }
  /// Whether nothing was asked for.
  var isPlain: Bool { !isPaged && filters.isEmpty && text == nil }

  init(_ request: HTTPRequest, _ fields: Fields) throws(RequestError) {
    limit = Self.maximumLimit
    sort = fields.sorts[0]
    isDescending = fields.isDescending
    for (name, value) in request.query where !value.isEmpty {
      switch name {
      case "limit":
        guard let number = Int(value), (1...Self.maximumLimit).contains(number) else {
          throw .invalid("limit", "must be a whole number from 1 to \(Self.maximumLimit)")
        }
        limit = number
        isPaged = true
      case "q":
        text = trim(value).lowercased()
      case "sort":
        let isReversed = value.hasPrefix("-")
        let field = isReversed ? String(value.dropFirst()) : value
        guard fields.sorts.contains(field) else {
          throw .invalid(
            "sort",
            "must be one of \(fields.sorts.joined(separator: ", ")), perhaps with - in front")
        }
        sort = field
        isDescending = isReversed
        isPaged = true
      case "cursor": continue
      default:
        guard fields.filters.contains(name) else { continue }
        let values = value.split(separator: ",").map { trim($0) }.filter { !$0.isEmpty }
        if let words = fields.words[name], let wrong = values.first(where: { !words.contains($0) })
        {
          throw .invalid(
            name, "must be one of \(words.joined(separator: ", ")); it is \"\(wrong)\"")
        }
        if !values.isEmpty { filters[name] = Set(values) }
      }
    }
    if let cursor = request.query("cursor"), !cursor.isEmpty {
      guard let decoded = Self.decode(cursor), decoded.sort == sort else {
        throw .invalid("cursor", "must be the next_cursor of a page with the same sort")
      }
      after = (decoded.key, decoded.id)
      isPaged = true
    }
  }

  /// Whether an element passes a filter; one that was not asked for lets all pass.
  func passes(_ name: String, _ values: [String?]) -> Bool {
    guard let wanted = filters[name] else { return true }
    return values.contains { $0.map(wanted.contains) ?? false }
  }

  /// Whether an element holds the text that is searched for.
  func matches(_ values: [String?]) -> Bool {
    guard let text else { return true }
    return values.contains { $0?.lowercased().contains(text) ?? false }
  }

  /// Whether an element holds the text that is searched for, in text that is lower case already.
  ///
  /// Plain texts are compared byte by byte: one character after the other takes a hundred times as
  /// long, and ten thousand runs are searched for each letter that somebody types.
  func matches(lowercased searched: String) -> Bool {
    guard let text else { return true }
    let bytes = text.utf8
    guard bytes.allSatisfy({ $0 < 0x80 }), let first = bytes.first else {
      return searched.contains(text)
    }
    var rest = searched.utf8[...]
    while let start = rest.firstIndex(of: first) {
      rest = rest[start...]
      if rest.starts(with: bytes) { return true }
      rest = rest.dropFirst()
    }
    return false
  }

  /// A page of a list.
  struct Page<Element: Sendable>: Sendable {
    var elements: [Element]
    /// Elements that pass the filters, on all pages.
    var total: Int
    /// Where the next page begins; `nil` on the last one.
    var next: String?
  }

  /// The page that is asked for, of elements that passed the filters.
  func page<Element: Sendable>(
    _ elements: [Element], id: (Element) -> String, key: (Element, String) -> SortKey
  ) -> Page<Element> {
    guard isPaged else { return Page(elements: elements, total: elements.count) }
    let keyed = elements.map { (key: key($0, sort), id: id($0), element: $0) }
    return page(ofSorted: keyed.sorted { precedes(($0.key, $0.id), ($1.key, $1.id)) })
  }

  /// The page that is asked for, of elements that are in the order of the query.
  func page<Element: Sendable>(
    ofSorted sorted: [(key: SortKey, id: String, element: Element)]
  ) -> Page<Element> {
    guard isPaged else { return Page(elements: sorted.map(\.element), total: sorted.count) }
    var start = 0
    if let after {
      var end = sorted.count
      while start < end {
        let middle = (start + end) / 2
        if precedes(after, (sorted[middle].key, sorted[middle].id)) {
          end = middle
        } else {
          start = middle + 1
        }
      }
    }
    let page = sorted[start...].prefix(limit)
    let isLast = page.endIndex == sorted.endIndex
    return Page(
      elements: page.map(\.element), total: sorted.count,
      next: isLast ? nil : page.last.map { encode($0.key, $0.id) })
  }

  /// The members that a page adds to its answer.
  func members<Element>(of page: Page<Element>) -> [(name: String, value: [UInt8])] {
    guard isPaged else { return [] }
    return [
      ("total", JSON.int(page.total).serialized()),
      ("next_cursor", JSON.optional(page.next).serialized()),
    ]
  }

  /// Whether one element stands before another, by key and id.
  func precedes(_ left: (SortKey, String), _ right: (SortKey, String)) -> Bool {
    left.0.precedes(right.0, descending: isDescending)
      ?? (isDescending ? left.1 > right.1 : left.1 < right.1)
  }

  private func encode(_ key: SortKey, _ id: String) -> String {
    let digits = Array("0123456789abcdef")
    let json: JSON = [.string(sort), key.json, .string(id)]
    return String(json.serialized().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  private static func decode(_ cursor: String) -> (sort: String, key: SortKey, id: String)? {
    let digits = cursor.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    guard digits.count == cursor.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
    let bytes = stride(from: 0, to: digits.count, by: 2).map {
      UInt8(digits[$0] << 4 | digits[$0 + 1])
    }
    guard let values = (try? JSON.parse(bytes))?.array, values.count == 3,
      let sort = values[0].string, let id = values[2].string
    else { return nil }
    return (sort, SortKey(values[1]), id)
  }

  /// A list of objects: searched in some members, sorted by the members of the same name.
  func apply(to objects: [JSON], id: String, searched: [String]) -> Page<JSON> {
    let found =
      text == nil
      ? objects
      : objects.filter { object in
        matches(searched.map { object[$0]?.string })
      }
    return page(found) {
      $0[id]?.string ?? ""
    } key: {
      SortKey($0[$1])
    }
  }

  /// The answer with a list of objects.
  ///
  /// `isComplete` is false when some of what is on disk has not been read yet.
  func response(_ name: String, _ page: Page<JSON>, isComplete: Bool = true) -> HTTPResponse {
    var members = [(name, JSON.array(page.elements).serialized())] + members(of: page)
    if !isComplete { members.append(("complete", Array("false".utf8))) }
    return .jsonBytes(RawJSON.object(members))
  }
}

extension ListQuery {
  /// The same question to the journal, whose lists are sorted by texts only.
  func jobQuery(project: String?) -> JobQuery {
    var query = JobQuery()
    query.project = project
    query.statuses = filters["status"]
    query.targets = filters["target"]
    query.text = text
    query.sort = JobQuery.Sort(rawValue: sort) ?? .startedAt
    query.isDescending = isDescending
    query.limit = limit
    query.after = after.map { after in
      if case .text(let key) = after.key { return JobQuery.Place(key: key, id: after.id) }
      return JobQuery.Place(key: nil, id: after.id)
    }
    return query
  }

  /// The answer with a page of the journal.
  func response(_ name: String, _ objects: [[UInt8]], _ page: JobPage) -> HTTPResponse {
    let next = page.next.map { encode($0.key.map(SortKey.text) ?? .missing, $0.id) }
    let members = members(of: Page(elements: objects, total: page.total, next: next))
    return .jsonBytes(RawJSON.object([(name, RawJSON.array(objects))] + members))
  }
}
