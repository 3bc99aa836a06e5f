// A question with a list of answers: state × key → state, and the lines that show it. Pure.

/// What a key did to a question.
public enum PromptAnswer: Sendable, Hashable {
  /// It is still open.
  case open
  /// Answered.
  case done
  /// The question before is wanted.
  case back
  /// Everything is to end.
  case cancelled
}

/// One of the answers.
public struct PromptItem: Sendable, Hashable {
  /// What it is called.
  public var label: String
  /// More about it, shown dimmed.
  public var detail: String
  /// Values that the left and right keys go through; empty for an item without.
  public var values: [String]
  /// Which of the values it has.
  public var value = 0
  /// Whether it is ticked.
  public var isTicked = false

  /// An item.
  public init(_ label: String, detail: String = "", values: [String] = [], value: Int = 0) {
    self.label = label
    self.detail = detail
    self.values = values
    self.value = value
  }
}

/// A question.
public struct Prompt: Sendable {
  /// How it is answered.
  public enum Kind: Sendable, Hashable {
    /// One of the items.
    case one
    /// Any number of the items but none.
    case many
    /// One of the items; the others have values that can be changed.
    case form
  }

  /// The question.
  public let title: String
  /// How it is answered.
  public let kind: Kind
  /// The answers.
  public private(set) var items: [PromptItem]
  /// The item under the cursor, among the shown ones.
  public private(set) var cursor = 0
  /// What was typed; only items that contain it are shown.
  public private(set) var filter = ""
  private var complaint = ""

  /// A question.
  public init(_ title: String, _ kind: Kind, _ items: [PromptItem], cursor: Int = 0) {
    self.title = title
    self.kind = kind
    self.items = items
    self.cursor = max(0, min(cursor, items.count - 1))
  }

  /// Places of the shown items.
  public var shown: [Int] {
    let wanted = filter.lowercased()
    return items.indices.filter {
      wanted.isEmpty || items[$0].label.lowercased().contains(wanted)
        || items[$0].detail.lowercased().contains(wanted)
    }
  }

  /// The place of the item under the cursor; `nil` when nothing is shown.
  public var current: Int? { shown.indices.contains(cursor) ? shown[cursor] : nil }

  /// Places of the ticked items.
  public var ticked: [Int] { items.indices.filter { items[$0].isTicked } }

  /// Takes a key.
  public mutating func handle(_ key: Key) -> PromptAnswer {
    complaint = ""
    let count = shown.count
    switch key {
    case .interrupt: return .cancelled
    case .up: cursor = count == 0 ? 0 : (cursor + count - 1) % count
    case .down: cursor = count == 0 ? 0 : (cursor + 1) % count
    case .pageUp: cursor = max(0, cursor - 10)
    case .pageDown: cursor = max(0, min(count - 1, cursor + 10))
    case .home: cursor = 0
    case .end: cursor = max(0, count - 1)
    case .enter: return enter()
    case .escape:
      if filter.isEmpty { return .back }
      search("")
    case .backspace: if kind != .form { search(String(filter.dropLast())) }
    case .left: change(-1)
    case .right: change(1)
    case .space: space()
    case .character(let character): if kind != .form { search(filter + String(character)) }
    }
    return .open
  }

  private mutating func search(_ text: String) {
    filter = text
    cursor = 0
  }

  private mutating func enter() -> PromptAnswer {
    switch kind {
    case .one: return current == nil ? .open : .done
    case .many:
      if ticked.isEmpty {
        complaint = "Tick at least one with the space bar."
        return .open
      }
      return .done
    case .form:
      guard let current else { return .open }
      if items[current].values.isEmpty { return .done }
      change(1)
      return .open
    }
  }

  private mutating func space() {
    switch kind {
    case .many: if let current { items[current].isTicked.toggle() }
    case .form: change(1)
    case .one: search(filter + " ")
    }
  }

  private mutating func change(_ step: Int) {
    switch kind {
    case .one: break
    case .many: for place in shown { items[place].isTicked = step > 0 }
    case .form:
      guard let current, case let count = items[current].values.count, count > 0 else { return }
      items[current].value = (items[current].value + step + count) % count
    }
  }

  /// Ticks items.
  public mutating func tick(_ places: [Int]) {
    for place in places { items[place].isTicked = true }
  }

  // MARK: - Look

  /// The lines that show it, each cut to the width.
  /// - Parameters:
  ///   - columns: width of the terminal.
  ///   - height: height of the terminal in lines; a longer list is shown in part.
  ///   - style: how parts are set off.
  /// - Returns: the lines without newlines.
  public func lines(columns: Int, lines height: Int, style: PromptStyle) -> [String] {
    let typed = filter.isEmpty ? "" : " \(filter)▏"
    var lines = [style.bold(cut("? \(title)\(typed)", columns))]
    let places = shown
    let room = max(3, height - 4)
    let first = max(0, min(cursor - room / 2, places.count - room))
    let window = places.dropFirst(first).prefix(room)
    for (offset, place) in window.enumerated() {
      lines.append(line(place, isCurrent: first + offset == cursor, columns, style))
    }
    if places.isEmpty { lines.append(cut("  nothing contains that", columns)) }
    if window.count < places.count {
      let part = "  \(first + 1)–\(first + window.count) of \(places.count)"
      lines.append(style.dim(cut(part, columns)))
    }
    lines.append(style.dim(cut(complaint.isEmpty ? hint : complaint, columns)))
    return lines
  }

  private func line(_ place: Int, isCurrent: Bool, _ columns: Int, _ style: PromptStyle) -> String {
    let item = items[place]
    var text = isCurrent ? "❯ " : "  "
    if kind == .many { text += item.isTicked ? "◉ " : "◯ " }
    text += item.label
    if !item.values.isEmpty { text += "  ‹ \(item.values[item.value]) ›" }
    let label = cut(text, columns)
    let shownLabel = isCurrent ? style.bold(label) : label
    let room = columns - label.count - 2
    guard !item.detail.isEmpty, room > 8 else { return shownLabel }
    return "\(shownLabel)  \(style.dim(cut(item.detail, room)))"
  }

  private var hint: String {
    switch kind {
    case .one: "↑↓ move, type to search, Enter choose, Esc back"
    case .many: "↑↓ move, Space tick, → all, ← none, type to search, Enter go on, Esc back"
    case .form: "↑↓ move, ← → change, Enter choose, Esc back"
    }
  }

  /// Text without control characters, cut to a number of columns; one column stays free.
  private func cut(_ text: String, _ columns: Int) -> String {
    var clean = ""
    for scalar in text.unicodeScalars {
      clean.unicodeScalars.append(scalar.value < 0x20 || scalar.value == 0x7F ? "?" : scalar)
    }
    guard clean.count > columns - 1 else { return clean }
    return clean.prefix(max(0, columns - 2)) + "…"
  }
}

/// How parts of a question are set off.
public struct PromptStyle: Sendable {
  private let isPlain: Bool

  /// A style; a plain one uses no colours (`NO_COLOR`).
  public init(isPlain: Bool) { self.isPlain = isPlain }

  func bold(_ text: String) -> String { isPlain ? text : "\u{1B}[1;36m\(text)\u{1B}[0m" }
  func dim(_ text: String) -> String { isPlain ? text : "\u{1B}[2m\(text)\u{1B}[0m" }
}
