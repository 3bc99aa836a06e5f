import Testing

@testable import Reports

@Suite struct StatisticsTests {
  @Test(
    arguments: [
      ([0.9, 0.8, 0.7], -0.1, 0.9, 1.0), ([0.5, 0.5], 0, 0.5, 1),
      ([0.2, 0.4, 0.6, 0.8], 0.2, 0.2, 1),
      ([0, 1, 0], 0, 1.0 / 3, 0),
    ] as [([Double], Double, Double, Double)])
  func `a line is fitted by least squares`(
    _ values: [Double], _ slope: Double, _ intercept: Double, _ rSquared: Double
  ) {
    let line = Statistics.line(values)
    #expect(abs(line.slope - slope) < 1e-9)
    #expect(abs(line.intercept - intercept) < 1e-9)
    #expect(abs(line.rSquared - rSquared) < 1e-9)
  }

  @Test(arguments: [(0.0, 1.0), (50, 2.5), (90, 3.7), (100, 4)] as [(Double, Double)])
  func `percentiles lie between the closest ranks`(_ percent: Double, _ value: Double) {
    #expect(abs(Statistics.percentile([1, 2, 3, 4], percent) - value) < 1e-9)
  }

  @Test func `percentiles of one sample and of none are that sample and 0`() {
    #expect(Statistics.percentile([7], 99) == 7)
    #expect(Statistics.percentile([], 50) == 0)
  }

  @Test(
    arguments: [
      (0.5, 3, "0.500"), (1, 0, "1"), (-0.0004, 3, "0.000"), (-0.25, 1, "-0.3"),
      (12.345, 2, "12.35"),
    ] as [(Double, Int, String)])
  func `numbers have as many decimals as asked for`(
    _ value: Double, _ decimals: Int, _ text: String
  ) {
    #expect(value.fixed(decimals) == text)
  }

  @Test(arguments: [
    (0, "0ms"), (999, "999ms"), (1500, "1.5s"), (61_000, "1m 01s"), (3_720_000, "1h 02m"),
  ])
  func `durations read as people say them`(_ milliseconds: Int, _ text: String) {
    #expect(Format.duration(milliseconds) == text)
  }

  @Test(
    arguments: [
      (1.0, "100%"), (0.9999, "99%"), (0, "0%"), (0.0001, "1%"), (0.5, "50%"), (.nan, "–"),
    ] as [(Double, String)])
  func `only all is 100 percent and only none is 0`(_ share: Double, _ text: String) {
    #expect(Format.percent(share) == text)
  }

  @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")])
  func `large numbers are grouped`(_ number: Int, _ text: String) {
    #expect(Format.grouped(number) == text)
  }
}
