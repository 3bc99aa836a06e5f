// Dates as documents write them.

import Core
import EvalFiles

/// A day of the calendar, as it is written; times and zones are left aside.
struct FieldDate: Equatable {
  /// What comes first in dates such as 01/02/2025.
  enum Order {
    case month
    case day
    /// A number above 12 decides; else the month.
    case undecided

    /// What a list of formats says; without one nothing is decided.
    init(formats: [String]?) {
      // "YYYY-MM-DD" holds "MM-DD", but says nothing about which of two numbers is the month.
      let formats = (formats ?? []).filter { !$0.hasPrefix("YYYY") }
      let isUS = formats.contains { $0.contains("MM/DD") || $0.contains("MM-DD") }
      let isEU = formats.contains { $0.contains("DD/MM") || $0.contains("DD-MM") }
      self = isUS == isEU ? .undecided : isUS ? .month : .day
    }
  }

  var year: Int
  var month: Int
  var day: Int

  /// ISO form.
  var text: String {
    func pad(_ value: Int, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))"
  }

  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]
  private static let fullMonths = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
  ]

  /// Reads `2025-01-15` (a time may follow), `2025/01/15`, `15-JAN-2025`, `15 January 2025`,
  /// `Jan 15, 2025`, `01/15/2025` and `15-01-2025`; nil for anything else.
  init?(_ text: String, _ order: Order) {
    let text = text.trimmed
    guard text.utf8.count <= 64 else { return nil }
    let words = text.split { " ,/-.".contains($0) }.map(String.init)
    guard words.count >= 3 else { return nil }
    if words[0].count == 4, let year = Self.number(words[0]), let month = Self.number(words[1]) {
      // A time comes behind a T, or as a word of its own.
      guard let day = Self.number(String(words[2].prefix { $0.isNumber })) else { return nil }
      let rest = words[2].drop { $0.isNumber }
      guard rest.isEmpty || rest.first == "T" || rest.first == "t" else { return nil }
      self.init(year, month, day)
      return
    }
    guard let year = Self.number(words[2]), words[2].count == 4 else { return nil }
    if let month = Self.month(words[1]), let day = Self.number(words[0]) {
      self.init(year, month, day)
    } else if let month = Self.month(words[0]), let day = Self.number(words[1]) {
      self.init(year, month, day)
    } else if let first = Self.number(words[0]), let second = Self.number(words[1]) {
      let dayFirst =
        switch order {
        case .day: true
        case .month: false
        case .undecided: first > 12 && second <= 12
        }
      self.init(year, dayFirst ? second : first, dayFirst ? first : second)
    } else {
      return nil
    }
  }

  private init?(_ year: Int, _ month: Int, _ day: Int) {
    guard (1...12).contains(month), (1...31).contains(day) else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  private static func number(_ text: String) -> Int? {
    guard !text.isEmpty, text.utf8.count <= 4, text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int(text)
  }

  private static func month(_ word: String) -> Int? {
    let word = word.lowercased()
    if word == "sept" { return 9 }
    return (months.firstIndex(of: word) ?? fullMonths.firstIndex(of: word)).map { $0 + 1 }
  }
}
