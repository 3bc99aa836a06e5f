// Wall-clock instants as the product writes them. No calendar library: UTC needs none, and start-up
// time is a budget.

import Glibc

/// An instant of the wall clock in UTC with millisecond resolution.
public struct Timestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  public var millisecondsSinceEpoch: Int

  /// An instant.
  public init(millisecondsSinceEpoch: Int) { self.millisecondsSinceEpoch = millisecondsSinceEpoch }

  /// The present, from `CLOCK_REALTIME`.
  public static func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(millisecondsSinceEpoch: time.tv_sec * 1000 + time.tv_nsec / 1_000_000)
  }

  /// Reads `2026-05-08T09:34:33.123Z` and the directory form `2026-05-08T09-34-33-123Z`.
  ///
  /// The fraction may be missing; anything else gives `nil`.
  public init?(_ text: String) {
    let characters = Array(text.utf8)
    guard characters.count == 20 || characters.count == 24, characters.last == UInt8(ascii: "Z"),
      characters[10] == UInt8(ascii: "T")
    else { return nil }
    func number(_ range: Range<Int>) -> Int? {
      Int(String(decoding: characters[range], as: UTF8.self))
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
    else { return nil }
    var milliseconds = 0
    if characters.count == 24 {
      guard let fraction = number(20..<23) else { return nil }
      milliseconds = fraction
    }
    let seconds =
      Self.days(year: year, month: month, day: day) * 86400 + hour * 3600 + minute * 60 + second
    self.init(millisecondsSinceEpoch: seconds * 1000 + milliseconds)
  }

  /// ISO 8601 with milliseconds, `2026-05-08T09:34:33.123Z`.
  public var description: String { format(timeSeparator: ":", fractionSeparator: ".") }

  /// The form used as the name of a run directory, `2026-05-08T09-34-33-123Z`.
  public var directoryName: String { format(timeSeparator: "-", fractionSeparator: "-") }

  /// Orders by time.
  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.millisecondsSinceEpoch < right.millisecondsSinceEpoch
  }

  private func format(timeSeparator: String, fractionSeparator: String) -> String {
    func pad(_ value: Int, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let milliseconds = ((millisecondsSinceEpoch % 1000) + 1000) % 1000
    let seconds = (millisecondsSinceEpoch - milliseconds) / 1000
    let secondOfDay = ((seconds % 86400) + 86400) % 86400
    let date = Self.date(days: (seconds - secondOfDay) / 86400)
    let time = [
      pad(secondOfDay / 3600, 2), pad(secondOfDay / 60 % 60, 2), pad(secondOfDay % 60, 2),
    ].joined(separator: timeSeparator)
    return "\(pad(date.year, 4))-\(pad(date.month, 2))-\(pad(date.day, 2))T"
      + "\(time)\(fractionSeparator)\(pad(milliseconds, 3))Z"
  }

  /// Days since 1970-01-01 of a date in the proleptic Gregorian calendar (Howard Hinnant,
  /// "chrono-Compatible Low-Level Date Algorithms", days_from_civil).
  private static func days(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The inverse of `days` (civil_from_days of the same source).
  private static func date(days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}
