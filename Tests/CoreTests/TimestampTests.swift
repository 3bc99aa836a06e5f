import Core
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"), (1_778_232_873_123, "2026-05-08T09:34:33.123Z"),
    (951_782_400_000, "2000-02-29T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
  ])
  func `instants are written and read as ISO 8601`(milliseconds: Int, text: String) {
    let instant = Timestamp(millisecondsSinceEpoch: milliseconds)
    #expect(instant.description == text)
    #expect(Timestamp(text) == instant)
    #expect(Timestamp(instant.directoryName) == instant)
  }

  @Test(arguments: ["", "2026-05-08", "2026-13-08T09:34:33.123Z", "2026-05-08T09:34:33.123+"])
  func `other texts are no instants`(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test func `a year of days survives the round trip`() {
    for day in 0..<366 * 4 {
      let instant = Timestamp(millisecondsSinceEpoch: 1_700_000_000_000 + day * 86_400_000)
      #expect(Timestamp(instant.description) == instant)
    }
  }
}
