import Core
import TestSupport
import Testing

@testable import RunArtifacts

@Suite(.timeLimit(.minutes(1))) struct KeptScansTests {
  private let scratch: TemporaryDirectory
  private let index: String

  init() throws {
    scratch = try TemporaryDirectory()
    index = scratch.file("index.jsonl")
  }

  private static func row(_ id: String, score: Double = 1, file: String? = "e.yaml") -> String {
    let place = file.map { #","eval_file":"\#($0)","requested_target":"m""# } ?? ""
    return #"{"timestamp":"2026-05-08T09:00:00.000Z","test_id":"\#(id)","target":"m","score":"#
      + #"\#(score),"execution_status":"ok","cost_usd":0.5\#(place)}"# + "\n"
  }

  private func write(_ lines: String...) throws {
    try scratch.write("index.jsonl", lines.joined())
  }

  /// Appends without another inode, as the writer of a run does.
  private func append(_ text: String) throws {
    let bytes = try FileIO.read(index)
    let before = try #require(FileIO.status(index))
    let file = try AppendFile(index)
    try file.append(Array(text.utf8))
    #expect(FileIO.status(index)?.inode == before.inode)
    #expect(try FileIO.read(index) == bytes + Array(text.utf8))
  }

  /// What is told must be what reading the whole index tells.
  private func check(_ scans: KeptScans, reads: Int? = nil) throws {
    let fresh = try IndexScan(index)
    let (scan, columns, bytes, totals) = try scans.read(index) {
      ($0.scan, $0.columnsJSON(), $0.readBytes, $0.totals)
    }
    #expect(scan.rows == fresh.rows)
    #expect(scan.attempts == fresh.attempts)
    #expect(scan.rowCount == fresh.rowCount)
    #expect(scan.badLines == fresh.badLines)
    #expect(scan.sizeBytes == fresh.sizeBytes)
    #expect(columns == ResultColumns.json(fresh, order: nil))
    let sums = RunTotals(fresh.rows)
    #expect(totals.count == sums.count && totals.averageScore == sums.averageScore)
    #expect(totals.costUSD == sums.costUSD && totals.groups == sums.groups)
    if let reads { #expect(bytes == reads) }
  }

  @Test func `of an index that grew only what came since is read`() throws {
    let scans = KeptScans(minimumBytes: 1)
    try write(Self.row("a"), Self.row("b", score: 0.25))
    try check(scans)
    try check(scans, reads: 0)
    let more = Self.row("c", score: 0.5) + "no row\n"
    try append(more)
    try check(scans, reads: more.utf8.count)
  }

  @Test func `a later row of a test replaces the earlier one`() throws {
    let scans = KeptScans(minimumBytes: 1)
    try write(Self.row("a", score: 0.25), Self.row("b"))
    try check(scans)
    try append(Self.row("a", score: 0.75))
    try check(scans, reads: Self.row("a", score: 0.75).utf8.count)
    #expect(try scans.read(index) { $0.scan.attempts } == [2, 1])
  }

  @Test func `rows of upstream that a row of ours stands for do not count`() throws {
    let scans = KeptScans(minimumBytes: 1)
    try write(Self.row("a", file: nil), Self.row("b", file: nil))
    try check(scans)
    try append(Self.row("a"))
    try check(scans)
    try append(Self.row("c"))
    try check(scans)
    #expect(try scans.read(index) { $0.scan.rows.map(\.testID) } == ["b", "a", "c"])
  }

  @Test func `an unfinished last line is read again when it is finished`() throws {
    let scans = KeptScans(minimumBytes: 1)
    let line = Self.row("b")
    try write(Self.row("a"), String(line.prefix(20)))
    try check(scans)
    #expect(try scans.read(index) { $0.scan.badLines } == 1)
    try append(String(line.dropFirst(20)))
    try check(scans)
    #expect(try scans.read(index) { $0.scan.rows.count } == 2)
    // A whole row without its newline counts, and counts once.
    try append(String(Self.row("c").dropLast()))
    try check(scans)
    try append("\n")
    try check(scans)
    #expect(try scans.read(index) { $0.scan.rowCount } == 3)
  }

  @Test func `an index that was cut or written anew is read from its beginning`() throws {
    let scans = KeptScans(minimumBytes: 1)
    try write(Self.row("a"), Self.row("b"), Self.row("c"))
    try check(scans)
    try write(Self.row("a"))
    try check(scans)
    // As long as before, and longer.
    try write(Self.row("z"))
    try check(scans)
    try write(Self.row("x"), Self.row("y"), Self.row("w"))
    try check(scans)
    #expect(try scans.read(index) { $0.scan.rows.map(\.testID) } == ["x", "y", "w"])
    try FileIO.remove(index)
    #expect(try scans.read(index) { $0.scan.rows.count } == 0)
    #expect(scans.count == 0)
  }

  @Test func `an index that was written in place is read from its beginning`() throws {
    let scans = KeptScans(minimumBytes: 1)
    try write(Self.row("a"), Self.row("b"))
    try check(scans)
    let text = Self.row("c") + Self.row("d") + Self.row("e")
    let inode = FileIO.status(index)?.inode
    let file = try AppendFile(index)
    try file.truncate(to: 0)
    try file.append(Array(text.utf8))
    #expect(FileIO.status(index)?.inode == inode)
    try check(scans)
  }

  @Test func `what is kept is bounded, and the run that was used last stays`() throws {
    let scans = KeptScans(maximumRows: 5, minimumBytes: 1)
    for name in ["one", "two", "three"] {
      try scratch.write(name, Self.row("a") + Self.row("b"))
      _ = try scans.read(scratch.file(name)) { $0.scan.rows.count }
    }
    #expect(scans.count == 2)
    #expect(!scans.holds(scratch.file("one")) && scans.holds(scratch.file("three")))
    let rows = (0..<6).map { Self.row("\($0)") }.joined()
    try scratch.write("large", rows)
    #expect(try scans.read(scratch.file("large")) { $0.scan.rows.count } == 6)
    #expect(!scans.holds(scratch.file("large")))
  }

  @Test func `a live run is kept by the list of runs, one that has ended is not`() throws {
    let scans = KeptScans(minimumBytes: 1)
    let directory = RunDirectory(path: scratch.path, project: scratch.path)
    try write(Self.row("a"))
    #expect(try RunMeta(directory, scans).testCount == 1)
    #expect(scans.count == 0)
    let lock = try FileLock(directory.file(RunFile.lock))
    try withExtendedLifetime(lock) {
      #expect(try RunMeta(directory, scans).isLive)
      #expect(scans.holds(index))
      try append(Self.row("b"))
      #expect(try RunMeta(directory, scans).testCount == 2)
    }
  }

  @Test func `small runs are not kept, and others no longer than they are asked for`() throws {
    try write(Self.row("a"))
    let large = KeptScans()
    try check(large)
    #expect(large.count == 0)
    let scans = KeptScans(minimumBytes: 1)
    try check(scans)
    #expect(scans.expire())
    #expect(scans.count == 1)
    #expect(!scans.expire(.now.advanced(by: KeptScans.keepTime)))
    #expect(scans.count == 0)
  }
}
