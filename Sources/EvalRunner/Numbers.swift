// Numbers as people read them; no locale, so that logs of two machines compare.

/// A number with a fixed count of decimals, `1.50`.
func fixed(_ value: Double, _ decimals: Int) -> String {
  guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let scaled = Int((abs(value) * scale).rounded())
  let whole = scaled / Int(scale)
  let fraction = String(scaled % Int(scale))
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard decimals > 0 else { return "\(sign)\(whole)" }
  return "\(sign)\(whole)." + String(repeating: "0", count: decimals - fraction.count) + fraction
}

/// A score as a rounded percentage, `94%`.
func percent(_ score: Double) -> String {
  Int(exactly: (score * 100).rounded()).map { "\($0)%" } ?? "–"
}

/// A time as `m:ss`, or `h:mm:ss` from an hour on.
func clock(_ seconds: Int) -> String {
  func pad(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
  let minutes = seconds / 60
  if minutes < 60 { return "\(minutes):\(pad(seconds % 60))" }
  return "\(minutes / 60):\(pad(minutes % 60)):\(pad(seconds % 60))"
}

/// A word of a shell command, quoted when the shell would change it (POSIX.1-2024, 2.2.2).
func shellQuoted(_ word: String) -> String {
  let isPlain =
    !word.isEmpty
    && word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "_-./:=,+@%".utf8.contains(byte) || byte >= 0x80
      }
    }
  return isPlain
    ? word
    : "'"
      + word.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''") + "'"
}
