// When and how long to wait before a call of a model is made again.

import Core
import EvalFiles

/// Retries inside one call, by the target's `retry_*` and `max_retries` settings.
struct RetrySettings: Sendable, Hashable {
  /// Statuses that may pass.
  ///
  /// 529 is how Anthropic says that it is overloaded.
  static let defaultStatusCodes: Set<Int> = [408, 429, 500, 502, 503, 504, 529]

  /// Further calls after the first.
  var maximum = 3
  var initialDelay = Duration.seconds(1)
  var maximumDelay = Duration.seconds(60)
  /// What each delay is multiplied by for the next.
  var factor = 2.0
  var statusCodes = RetrySettings.defaultStatusCodes

  /// The defaults.
  init() {}

  /// Reads the settings of a target.
  init(_ reader: TargetReader) throws(ProviderError) {
    let hour = 3_600_000
    maximum = try reader.whole("max_retries", 0...100) ?? maximum
    if let value = try reader.whole("retry_initial_delay_ms", 0...hour) {
      initialDelay = .milliseconds(value)
    }
    if let value = try reader.whole("retry_max_delay_ms", 0...hour) {
      maximumDelay = .milliseconds(value)
    }
    factor = try reader.number("retry_backoff_factor", 1...100) ?? factor
    if let value = reader.target.settings["retry_status_codes"], !value.isNull {
      var codes: Set<Int> = []
      for item in value.array ?? [] {
        guard let code = item.int ?? item.string.flatMap({ Int($0) }), (100...599).contains(code)
        else {
          throw reader.problem(
            "retry_status_codes", "must be a list of HTTP statuses, found \(item.text) in it")
        }
        codes.insert(code)
      }
      guard value.array != nil else {
        throw reader.problem("retry_status_codes", "must be a list of HTTP statuses")
      }
      statusCodes = codes
    }
  }

  /// Whether a status may pass; 401 and 403 never do.
  func covers(_ status: Int) -> Bool {
    status != 401 && status != 403 && statusCodes.contains(status)
  }

  /// The wait before another call.
  /// - Parameters:
  ///   - failures: calls that have failed so far, from 1.
  ///   - jitter: 0.75…1.25, so that calls that failed together do not come back together.
  ///   - asked: what the service asked for; it is never cut short.
  /// - Returns: the wait; `nil` when the service asked for more than the maximum.
  func delay(afterFailures failures: Int, jitter: Double, asked: Duration?) -> Duration? {
    if let asked {
      return asked <= max(maximumDelay, .seconds(1)) ? asked : nil
    }
    var delay = initialDelay
    for _ in 1..<max(failures, 1) where delay < maximumDelay {
      delay = delay * factor
    }
    return min(delay, maximumDelay) * jitter
  }
}

/// `Retry-After` (RFC 9110 §10.2.3) and its relative in milliseconds.
enum RetryAfter {
  /// Reads what a service asks for.
  /// - Parameters:
  ///   - seconds: the value of `Retry-After`: seconds or a date.
  ///   - milliseconds: the value of `retry-after-ms`, which Azure and OpenAI send as well.
  ///   - now: the present.
  /// - Returns: the time to wait, not negative; `nil` when nothing readable is asked for.
  static func parse(
    seconds: String?, milliseconds: String?, now: Timestamp = .now()
  ) -> Duration? {
    if let value = milliseconds.flatMap({ Double($0) }), value >= 0, value < 1e12 {
      return .milliseconds(Int(value.rounded(.up)))
    }
    guard let seconds else { return nil }
    if let value = Double(seconds), value >= 0, value < 1e9 {
      return .milliseconds(Int((value * 1000).rounded(.up)))
    }
    guard let date = HTTPDate.parse(seconds) else { return nil }
    return .milliseconds(max(0, date.millisecondsSinceEpoch - now.millisecondsSinceEpoch))
  }
}

/// Dates of HTTP (RFC 9110 §5.6.7).
enum HTTPDate {
  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]

  /// Reads the preferred form and the two obsolete ones.
  ///
  /// All three hold a month by name, a time with colons, a day of one or two digits and a year of
  /// two or four, in an order that tells them apart.
  static func parse(_ text: String) -> Timestamp? {
    var day: Int?
    var month: Int?
    var year: Int?
    var time: [Int] = []
    for word in text.lowercased().split(whereSeparator: { " ,-".contains($0) }) {
      if word.contains(":") {
        time = word.split(separator: ":").compactMap { Int($0) }
      } else if let number = Int(word) {
        if day == nil, number <= 31, word.count <= 2 { day = number } else { year = number }
      } else if let index = months.firstIndex(of: String(word.prefix(3))) {
        month = index + 1
      }
    }
    guard let day, let month, var year, time.count == 3 else { return nil }
    if year < 100 { year += year < 70 ? 2000 : 1900 }
    func pad(_ value: Int, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return Timestamp(
      "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T\(pad(time[0], 2)):\(pad(time[1], 2)):"
        + "\(pad(time[2], 2))Z")
  }
}
