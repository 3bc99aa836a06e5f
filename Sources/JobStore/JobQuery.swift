// A page of the jobs: filters, order and place as SQL.

/// What a list of jobs asks for.
public struct JobQuery: Sendable, Hashable {
  /// What a list can be sorted by; all of it is text.
  public enum Sort: String, Sendable, Hashable, CaseIterable {
    /// When it was asked for.
    case startedAt = "started_at"
    /// When it ended.
    case finishedAt = "finished_at"
    /// Job id.
    case id
    /// Status word.
    case status
    /// The targets asked for.
    case target
  }

  /// A place in a list.
  public struct Place: Sendable, Hashable {
    /// What the list is sorted by, of the element there; `nil` when it has none.
    public var key: String?
    /// Its id.
    public var id: String

    /// A place.
    public init(key: String?, id: String) {
      self.key = key
      self.id = id
    }
  }

  /// Only those of this project.
  public var project: String?
  /// Only those with one of these status words.
  public var statuses: Set<String>?
  /// Only those with one of these targets.
  public var targets: Set<String>?
  /// Only those with this in their text, lower case.
  public var text: String?
  /// The order; equal ones by id.
  ///
  /// What is missing comes last, whichever the direction.
  public var sort = Sort.startedAt
  /// Whether the order is descending.
  public var isDescending = true
  /// Elements behind this one only.
  public var after: Place?
  /// Most elements.
  public var limit = 100

  /// All jobs, newest first.
  public init() {}

  /// The condition that filters, with its parameters.
  var filter: (sql: String, parameters: [SQLValue]) {
    var terms: [String] = []
    var parameters: [SQLValue] = []
    if let project {
      terms.append("project = ?")
      parameters.append(.text(project))
    }
    if let statuses {
      terms.append("status IN (\(statuses.map { _ in "?" }.joined(separator: ", ")))")
      parameters += statuses.sorted().map(SQLValue.text)
    }
    if let targets {
      let each = targets.map { _ in "instr(',' || target || ',', ?) > 0" }
      terms.append("(\(each.joined(separator: " OR ")))")
      parameters += targets.sorted().map { .text(",\($0),") }
    }
    if let text {
      terms.append("instr(text, ?) > 0")
      parameters.append(.text(text))
    }
    return (terms.isEmpty ? "1" : terms.joined(separator: " AND "), parameters)
  }

  /// The condition that passes over what comes before the page.
  private var place: (sql: String, parameters: [SQLValue]) {
    guard let after else { return ("1", []) }
    let column = sort.rawValue
    let beyond = isDescending ? "<" : ">"
    guard let key = after.key else {
      return ("(\(column) IS NULL AND id \(beyond) ?)", [.text(after.id)])
    }
    return (
      "(\(column) IS NULL OR \(column) \(beyond) ? OR (\(column) = ? AND id \(beyond) ?))",
      [.text(key), .text(key), .text(after.id)]
    )
  }

  /// The statement of the page; one element more tells whether there is another page.
  var select: (sql: String, parameters: [SQLValue]) {
    let (filter, place) = (filter, place)
    let direction = isDescending ? "DESC" : "ASC"
    let column = sort.rawValue
    // Dates that are never missing come straight from the index.
    let missing = sort == .startedAt || sort == .id ? "" : "\(column) IS NULL, "
    return (
      "SELECT id, \(column), object FROM job WHERE \(filter.sql) AND \(place.sql) "
        + "ORDER BY \(missing)\(column) \(direction), id \(direction) LIMIT ?",
      filter.parameters + place.parameters + [.integer(limit + 1)]
    )
  }
}

/// A page of the jobs.
public struct JobPage: Sendable {
  /// Job ids and their objects of the API, in order.
  public var jobs: [(id: String, object: [UInt8])]
  /// Jobs that pass the filters, on all pages.
  public var total: Int
  /// The last place of this page when there is another one.
  public var next: JobQuery.Place?
}
