// Means, percentiles, a straight line through points.

/// Numbers over samples.
public enum Statistics {
  /// Arithmetic mean; `nil` of nothing.
  public static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// A percentile by linear interpolation between the closest ranks.
  /// - Parameters:
  ///   - sorted: the samples in ascending order.
  ///   - percent: 0…100.
  /// - Returns: the value; 0 of nothing.
  public static func percentile(_ sorted: [Double], _ percent: Double) -> Double {
    guard let last = sorted.last else { return 0 }
    let position = percent / 100 * Double(sorted.count - 1)
    let low = Int(position.rounded(.down))
    guard low + 1 < sorted.count else { return last }
    return sorted[low] + (sorted[low + 1] - sorted[low]) * (position - Double(low))
  }

  /// A straight line fitted by least squares.
  public struct Line: Sendable, Hashable {
    /// Change for each step.
    public var slope: Double
    /// Value at step 0.
    public var intercept: Double
    /// Share of the variance that the line explains, 0…1; 1 when there is none.
    public var rSquared: Double
  }

  /// Fits a line to values at the steps 0, 1, 2 and so on.
  public static func line(_ values: [Double]) -> Line {
    guard let meanY = mean(values) else { return Line(slope: 0, intercept: 0, rSquared: 1) }
    let meanX = Double(values.count - 1) / 2
    var products = 0.0
    var squaresX = 0.0
    var squaresY = 0.0
    for (step, value) in values.enumerated() {
      let dx = Double(step) - meanX
      products += dx * (value - meanY)
      squaresX += dx * dx
      squaresY += (value - meanY) * (value - meanY)
    }
    let slope = squaresX == 0 ? 0 : products / squaresX
    let explained = slope * products
    return Line(
      slope: slope, intercept: meanY - slope * meanX,
      rSquared: squaresY == 0 ? 1 : min(1, explained / squaresY))
  }
}

extension Double {
  /// Rounded to a number of decimals.
  func rounded(decimals: Int) -> Double {
    var factor = 1.0
    for _ in 0..<decimals { factor *= 10 }
    return (self * factor).rounded() / factor
  }

  /// With exactly so many decimals, as `%.3f` writes it.
  func fixed(_ decimals: Int) -> String {
    guard isFinite, abs(self) < 1e15 else { return description }
    var factor = 1.0
    for _ in 0..<decimals { factor *= 10 }
    let scaled = Int((abs(self) * factor).rounded())
    let sign = self < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return sign + String(scaled) }
    let whole = scaled / Int(factor)
    let fraction = String(scaled % Int(factor))
    let zeros = String(repeating: "0", count: decimals - fraction.count)
    return "\(sign)\(whole).\(zeros)\(fraction)"
  }
}
