// Numbers in the texts of graders, as JavaScript would write them.

import Core
import EvalFiles

/// Numbers as text.
enum NumberText {
  /// The shortest form; whole numbers without `.0`.
  static func plain(_ value: Double) -> String { JSON.double(value).text }

  /// A fixed count of decimals, such as `0.50`.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return plain(value) }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = Int((abs(value) * scale).rounded())
    let fraction = String(scaled % Int(scale))
    let zeros = String(repeating: "0", count: decimals - fraction.count)
    return "\(value < 0 && scaled > 0 ? "-" : "")\(scaled / Int(scale)).\(zeros)\(fraction)"
  }

  /// US dollars, such as `$0.0100`.
  static func dollars(_ value: Double) -> String { "$\(fixed(value, 4))" }
}

extension GraderSpec {
  /// A setting that is a number of 0 or more; `nil` when it is not given.
  /// - Throws: `GraderError` for anything else.
  func limit(_ name: String) throws(GraderError) -> Double? {
    let camelCase = name.split(separator: "_").enumerated()
      .map {
        $0.offset == 0
          ? String($0.element) : $0.element.prefix(1).uppercased() + $0.element.dropFirst()
      }
      .joined()
    guard let value = config[name] ?? config[camelCase], !value.isNull else { return nil }
    guard let number = value.double, number.isFinite, number >= 0 else {
      throw GraderError("\(name) must be a number of 0 or more, found \(value.text)")
    }
    return number
  }
}
