// Many short texts in few allocations: the ids of a hundred thousand tests, the rows of a run. A
// dictionary of strings takes about a hundred bytes for each, this about twenty.

/// Places by hash, for a table that keeps the things themselves: open addressing, linear probing.
public struct PlaceTable: Sendable {
  /// Place + 1; 0 is free.
  private var slots: [UInt32] = []
  private var count = 0

  /// An empty table.
  public init() {}

  /// Looks for a thing.
  /// - Parameters:
  ///   - hash: its hash.
  ///   - matches: whether the thing at a place is the one that is looked for.
  /// - Returns: its place; `nil` when it is not there.
  public func find(_ hash: UInt64, _ matches: (Int) -> Bool) -> Int? {
    guard !slots.isEmpty else { return nil }
    var index = Self.first(hash, slots.count)
    while slots[index] != 0 {
      let place = Int(slots[index]) - 1
      if matches(place) { return place }
      index = (index + 1) & (slots.count - 1)
    }
    return nil
  }

  /// Adds a place that is not there yet.
  /// - Parameters:
  ///   - place: below 2³² − 1.
  ///   - hash: the hash of the thing at a place, asked for old ones when the table grows.
  public mutating func insert(_ place: Int, hash: (Int) -> UInt64) {
    if (count + 1) * 4 > slots.count * 3 { grow(hash) }
    put(UInt32(place) + 1, hash(place))
    count += 1
  }

  private mutating func grow(_ hash: (Int) -> UInt64) {
    let old = slots
    slots = Array(repeating: 0, count: max(16, old.count * 2))
    for value in old where value != 0 { put(value, hash(Int(value) - 1)) }
  }

  private mutating func put(_ value: UInt32, _ hash: UInt64) {
    var index = Self.first(hash, slots.count)
    while slots[index] != 0 { index = (index + 1) & (slots.count - 1) }
    slots[index] = value
  }

  private static func first(_ hash: UInt64, _ count: Int) -> Int {
    // The high bits of FNV are the better mixed ones.
    Int(truncatingIfNeeded: hash ^ (hash >> 29)) & (count - 1)
  }
}

/// Texts, each once, numbered from 0 in the order in which they came.
public struct TextTable: Sendable {
  private var bytes: [UInt8] = []
  private var ends: [UInt32] = []
  private var places = PlaceTable()

  /// An empty table; all texts together must stay below 4 GiB.
  public init() {}

  /// Number of texts.
  public var count: Int { ends.count }

  /// The text with a number.
  public subscript(place: Int) -> String {
    String(decoding: bytes[range(place)], as: UTF8.self)
  }

  /// The number of a text; `nil` when it is not there.
  public func place(of text: String) -> Int? {
    places.find(Fingerprint.of(text)) { bytes[range($0)].elementsEqual(text.utf8) }
  }

  /// Adds a text unless it is there.
  /// - Returns: its number, and whether it is new.
  @discardableResult
  public mutating func insert(_ text: String) -> (place: Int, isNew: Bool) {
    if let place = place(of: text) { return (place, false) }
    bytes.append(contentsOf: text.utf8)
    ends.append(UInt32(bytes.count))
    let (bytes, ends) = (bytes, ends)
    places.insert(ends.count - 1) { place in
      Fingerprint.of(bytes[(place == 0 ? 0 : Int(ends[place - 1]))..<Int(ends[place])])
    }
    return (ends.count - 1, true)
  }

  private func range(_ place: Int) -> Range<Int> {
    (place == 0 ? 0 : Int(ends[place - 1]))..<Int(ends[place])
  }
}
