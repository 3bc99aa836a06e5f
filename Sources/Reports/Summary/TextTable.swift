// Tables and numbers for terminals.

/// Whether and how a text may use colours.
public struct TextStyle: Sendable {
  /// Colours of verdicts.
  public enum Color: String, Sendable {
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
    case gray = "90"
  }

  /// Whether escape sequences are written.
  public var hasColor: Bool

  /// A style.
  public init(hasColor: Bool) { self.hasColor = hasColor }

  func paint(_ text: String, _ color: Color) -> String {
    hasColor ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
  }

  func bold(_ text: String) -> String { hasColor ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
  func dim(_ text: String) -> String { hasColor ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
}

/// A table in columns as wide as their widest cell.
struct TextTable {
  /// A column and how its cells are aligned.
  struct Column {
    var title: String
    var isRight: Bool
    /// Widest text that is shown whole.
    var limit = Int.max

    static func left(_ title: String, limit: Int = .max) -> Column {
      Column(title: title, isRight: false, limit: limit)
    }
    static func right(_ title: String) -> Column { Column(title: title, isRight: true) }
  }

  private let columns: [Column]
  private var rows: [[String]] = []
  private var colors: [TextStyle.Color?] = []

  init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row; `color` paints its last cell.
  mutating func add(_ cells: [String], color: TextStyle.Color? = nil) {
    rows.append(
      zip(columns, cells).map { column, cell in
        let plain = Format.oneLine(cell)
        return plain.count > column.limit ? plain.prefix(column.limit - 1) + "…" : plain
      })
    colors.append(color)
  }

  /// The table, each line indented by two, without a last newline.
  func text(_ style: TextStyle) -> String {
    let widths = columns.indices.map { index in
      max(columns[index].title.count, rows.map { $0[index].count }.max() ?? 0)
    }
    func line(_ cells: [String]) -> String {
      var line = ""
      for (index, cell) in cells.enumerated() {
        let space = String(repeating: " ", count: widths[index] - cell.count)
        let isLast = index == cells.count - 1
        line += "  " + (columns[index].isRight ? space + cell : isLast ? cell : cell + space)
      }
      return line
    }
    var lines = [style.dim(line(columns.map(\.title)))]
    lines.append(style.dim(line(widths.map { String(repeating: "─", count: $0) })))
    for (row, color) in zip(rows, colors) {
      var text = line(row)
      if let color, let last = row.last, !last.isEmpty {
        text = text.dropLast(last.count) + style.paint(last, color)
      }
      lines.append(text)
    }
    return lines.joined(separator: "\n")
  }
}

/// Numbers as people read them.
enum Format {
  /// `94%`; 100 only when it is all, 0 only when it is none.
  static func percent(_ share: Double) -> String {
    guard share.isFinite, let rounded = Int(exactly: (share * 100).rounded()) else { return "–" }
    if rounded >= 100, share < 1 { return "99%" }
    if rounded <= 0, share > 0 { return "1%" }
    return "\(rounded)%"
  }

  /// `450ms`, `15.1s`, `2m 05s`, `1h 02m`.
  static func duration(_ milliseconds: Int) -> String {
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
    switch milliseconds {
    case ..<1000: return "\(milliseconds)ms"
    case ..<60_000: return "\((Double(milliseconds) / 1000).fixed(1))s"
    case ..<3_600_000:
      let seconds = milliseconds / 1000
      return "\(seconds / 60)m \(two(seconds % 60))s"
    default:
      let minutes = milliseconds / 60_000
      return "\(minutes / 60)h \(two(minutes % 60))m"
    }
  }

  /// `10,167`.
  static func grouped(_ number: Int) -> String {
    var text = ""
    for (index, digit) in String(abs(number)).reversed().enumerated() {
      if index > 0, index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (number < 0 ? "-" : "") + String(text.reversed())
  }

  /// `10,167`; from a million on `1.20M`.
  static func short(_ number: Int) -> String {
    if number < 1_000_000 { return grouped(number) }
    if number < 1_000_000_000 { return "\((Double(number) / 1e6).fixed(2))M" }
    return "\((Double(number) / 1e9).fixed(2))B"
  }

  /// `$0.105`; four decimals below a cent, two from ten dollars on.
  static func dollars(_ value: Double) -> String {
    let decimals = abs(value) >= 10 ? 2 : abs(value) >= 0.01 || value == 0 ? 3 : 4
    return (value < 0 ? "-$" : "$") + abs(value).fixed(decimals)
  }

  /// `1.2 MB`.
  static func bytes(_ count: Int) -> String {
    if count < 1000 { return "\(count) B" }
    if count < 1_000_000 { return "\((Double(count) / 1000).fixed(1)) kB" }
    return "\((Double(count) / 1_000_000).fixed(1)) MB"
  }

  /// A text on one line, without anything that would move a terminal's cursor.
  static func oneLine(_ text: String) -> String {
    if !text.unicodeScalars.contains(where: isControl) { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? " " : $0 }))
  }

  /// A text of several lines without control characters but line breaks and tabs.
  static func safe(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { isControl($0) && $0 != "\n" && $0 != "\t" ? " " : $0 }))
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
      || scalar.value == 0x2028 || scalar.value == 0x2029
  }
}
