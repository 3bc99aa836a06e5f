// The runs in the orders in which pages were asked for: a page of ten thousand runs is cut from one of
// them. Pure.

import Core

/// Sorted lists of runs, brought up to date by what changed since they were used last.
struct RunOrders: Sendable {
  /// Most orders that are kept, about half a megabyte each for ten thousand runs.
  static let maximumCount = 6

  typealias Entry = (key: SortKey, id: String, element: ListedRun)

  private struct Name: Hashable {
    var sort: String
    var isDescending: Bool
  }

  private struct Order {
    /// The list's version that it is of.
    var version: Int
    var entries: [Entry]
    /// When it was used last, in steps of `clock`.
    var used: Int
  }

  private var orders: [Name: Order] = [:]
  private var clock = 0
  /// Counts the orders that were sorted as a whole, for tests.
  private(set) var sortCount = 0

  /// The page that is asked for.
  mutating func page(_ list: RunIndex.List, _ query: ListQuery) -> ListQuery.Page<ListedRun> {
    // Without a page upstream's own order stands.
    guard query.isPaged else {
      let runs = query.isUnfiltered ? list.runs : list.runs.filter { query.accepts($0) }
      return ListQuery.Page(elements: runs, total: runs.count)
    }
    let entries = entries(list, query)
    return query.page(
      ofSorted: query.isUnfiltered ? entries : entries.filter { query.accepts($0.element) })
  }

  private mutating func entries(_ list: RunIndex.List, _ query: ListQuery) -> [Entry] {
    clock += 1
    let name = Name(sort: query.sort, isDescending: query.isDescending)
    var order = orders.removeValue(forKey: name) ?? Order(version: -1, entries: [], used: 0)
    if order.version != list.version { update(&order.entries, list.runs, query) }
    order.version = list.version
    order.used = clock
    orders[name] = order
    if orders.count > Self.maximumCount,
      let oldest = orders.min(by: { $0.value.used < $1.value.used })
    {
      orders[oldest.key] = nil
    }
    return order.entries
  }

  /// Takes out what is another or gone, and sorts in what came.
  private mutating func update(_ entries: inout [Entry], _ runs: [ListedRun], _ query: ListQuery) {
    let present = Set(runs.map(ObjectIdentifier.init))
    var kept = entries.filter { present.contains(ObjectIdentifier($0.element)) }
    let known = Set(kept.map { ObjectIdentifier($0.element) })
    var came: [Entry] = runs.compactMap { run in
      known.contains(ObjectIdentifier(run))
        ? nil : (run.meta.sortKey(query.sort), run.runID, run)
    }
    came.sort { query.precedes(($0.key, $0.id), ($1.key, $1.id)) }
    if kept.isEmpty {
      sortCount += 1
      entries = came
      return
    }
    if came.isEmpty {
      entries = kept
      return
    }
    entries = []
    entries.reserveCapacity(runs.count)
    var next = came[...]
    for entry in kept {
      while let first = next.first, query.precedes((first.key, first.id), (entry.key, entry.id)) {
        entries.append(first)
        next.removeFirst()
      }
      entries.append(entry)
    }
    entries += next
    kept = []
  }
}
