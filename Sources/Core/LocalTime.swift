// The local calendar, for names that people read.

import Glibc

extension Timestamp {
  /// `YYYYMMDD-HHMMSS` in the time zone of this process (localtime_r(3)).
  public var localCompact: String {
    var seconds = time_t(millisecondsSinceEpoch / 1000)
    var parts = tm()
    localtime_r(&seconds, &parts)
    func pad(_ value: Int32, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let date = pad(parts.tm_year + 1900, 4) + pad(parts.tm_mon + 1, 2) + pad(parts.tm_mday, 2)
    return "\(date)-\(pad(parts.tm_hour, 2))\(pad(parts.tm_min, 2))\(pad(parts.tm_sec, 2))"
  }
}
