// What a run tells its holder about whom it ended.

import Core
import TestSupport
import Testing

@testable import Supervisor

@Suite struct CensusReportTests {
  private func ended(_ pid: Int32, killed: Bool = false, outside: Bool = false) -> EndedProcess {
    EndedProcess(
      identity: ProcessIdentity(pid: pid, startTime: 7), wasKilled: killed,
      isOutsideGroup: outside)
  }

  @Test func `a report reads back, and foreign or torn lines are passed over`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("census")
    let first = [ended(2, killed: true), ended(3, outside: true)]
    CensusReport.append(first, environment: [CensusReport.variable: path])
    CensusReport.append([ended(4)], environment: [CensusReport.variable: path])
    let written = try FileIO.read(path)
    try FileIO.write(path, written + Array("nonsense\nk i x 9\nk q 5 7\nk i 5".utf8))
    #expect(CensusReport.read(path) == first + [ended(4)])
  }

  @Test func `without a holder nothing is written, and no report is an empty one`() throws {
    let directory = try TemporaryDirectory()
    CensusReport.append([ended(2)], environment: [:])
    #expect(CensusReport.read(directory.file("census")) == [])
  }

  @Test func `everybody counts once, killed by whoever had to`() {
    let own = [ended(1), ended(2, outside: true), ended(3, outside: true), ended(4, killed: true)]
    let reported = [ended(2, killed: true), ended(3, outside: true), ended(4), ended(5)]
    let merged = CensusReport.merge(own, reported: reported)
    #expect(
      Census(merged, remaining: []) == Census(obeyed: 3, killed: 2, outsideGroup: 1))
  }

  @Test func `a pid that was used twice is two processes`() {
    let again = EndedProcess(
      identity: ProcessIdentity(pid: 2, startTime: 8), wasKilled: true, isOutsideGroup: false)
    #expect(CensusReport.merge([ended(2)], reported: [again]).count == 2)
  }
}
