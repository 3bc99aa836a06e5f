import Core
import RunControl
import TestSupport
import Testing

@testable import Studio

/// A job for tests.
func sampleJob(_ id: String = "studio-20260101-000000-abcd", directory: String = "/p/run") -> Job {
  Job(
    id: id, benchmarkID: nil,
    plan: LaunchPlan(
      arguments: ["eval", "run", "--output=\(directory)", "--", "a.yaml"],
      command: "agentv eval a.yaml", project: "/p", runDirectory: directory, runID: "run",
      target: "a,b", suiteFilter: "a.yaml"),
    startedAt: Timestamp(millisecondsSinceEpoch: 1000), stopGrace: .seconds(3))
}

struct JobPositionTests {
  @Test func `a place is read back from its mark`() throws {
    var place = JobPosition(sampleJob())
    #expect(JobPosition(mark: place.mark)?.mark == place.mark)
    place.rows = 123_456
    place.output = [.stdout: 7, .stderr: 1 << 40]
    #expect(JobPosition(mark: place.mark) == place)
    place.isEnd = true
    #expect(JobPosition(mark: place.mark) == place && place.mark.hasSuffix(".e"))
    #expect(JobPosition(sampleJob("other")).job != place.job)
  }

  @Test(
    arguments: [
      "", "x", "1.2.3.4", "1.2.3.4.5.6", "1.-2.3.4.5", "1.2.3.4.zzzzzzzz", "1..3.4.5",
      "1.2.99999999999999999999.4.5", "1.2.3.4.5.e.e", "é.1.2.3.4",
    ])
  func `what is no place is told from one`(_ mark: String) {
    #expect(JobPosition(mark: mark) == nil)
  }

  @Test func `counts are no change of the state`() {
    var job = sampleJob()
    let status = JobPosition.status(of: job)
    job.completedTestCount = 5
    job.plannedTestCount = 9
    #expect(JobPosition.status(of: job) == status)
    _ = job.state.handle(.slotFree)
    #expect(JobPosition.status(of: job) == status)
    _ = job.state.handle(.prepared)
    _ = job.state.handle(.spawned(pid: 5))
    #expect(JobPosition.status(of: job) != status)
  }
}

struct OutputRangeTests {
  @Test func `whatever place a client is at, it gets the rest exactly`() throws {
    let directory = try TemporaryDirectory()
    let pieces: [(OutputStreamName, String)] = [
      (.stdout, "eins ä"), (.stderr, "zwei ö\n"), (.stdout, "drei €uro"), (.stdout, "\n"),
      (.stderr, "👩‍👧 vier"), (.stdout, "fünf"),
    ]
    var console: [UInt8] = []
    var segments = ""
    var whole: [OutputStreamName: [(place: Int, byte: UInt8)]] = [:]
    for (stream, text) in pieces {
      segments += "\(stream == .stdout ? "o" : "e") \(console.count) \(text.utf8.count)\n"
      for byte in text.utf8 {
        whole[stream, default: []].append((console.count, byte))
        console.append(byte)
      }
    }
    try FileIO.write("\(directory.path)/console.log", console)
    try directory.write("segments", segments)
    for stream in OutputStreamName.allCases {
      let bytes = whole[stream] ?? []
      for cut in 0...bytes.count {
        // Clients are at the beginning of characters only.
        if cut < bytes.count, bytes[cut].byte & 0xC0 == 0x80 { continue }
        let place = cut == 0 ? 0 : bytes[cut - 1].place + 1
        let range = OutputRange(
          segmentsPath: "\(directory.path)/segments", consolePath: "\(directory.path)/console.log",
          places: [stream: place..<max(place, console.count)], carriedBytes: [:])
        let texts = try #require(range.read())
        let expected = String(decoding: bytes.dropFirst(cut).map(\.byte), as: UTF8.self)
        #expect(texts.map(\.text).joined() == expected, "\(stream) from \(place)")
        #expect(texts.allSatisfy { $0.stream == stream })
      }
    }
  }

  @Test func `what the server still carries is left out`() throws {
    let directory = try TemporaryDirectory()
    try FileIO.write("\(directory.path)/console.log", Array("ab€".utf8.dropLast()))
    try directory.write("segments", "o 0 3\no 3 1\n")
    let range = OutputRange(
      segmentsPath: "\(directory.path)/segments", consolePath: "\(directory.path)/console.log",
      places: [.stdout: 0..<4], carriedBytes: [.stdout: 2])
    #expect(range.read()?.map(\.text) == ["ab"])
    #expect(range.read()?.last?.end == 2)
  }

  @Test func `more than a replay holds is not read`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("segments", "o 0 \(OutputRange.limitBytes + 1)\n")
    let range = OutputRange(
      segmentsPath: "\(directory.path)/segments", consolePath: "\(directory.path)/console.log",
      places: [.stdout: 0..<(2 << 20)], carriedBytes: [:])
    #expect(range.read() == nil)
  }
}
