import Core
import Synchronization
import TestSupport
import Testing

@testable import RunArtifacts

@Suite(.timeLimit(.minutes(5))) struct RunWriterTests {
  private let scratch: TemporaryDirectory
  private let directory: RunDirectory

  init() throws {
    scratch = try TemporaryDirectory()
    directory = RunDirectory(
      path: scratch.file(".agentv/results/runs/default/2026-05-08T09-34-33-123Z"),
      project: scratch.path)
  }

  private func open(
    _ mode: RunOpenMode, _ onCommit: @escaping @Sendable ([ResultRow]) -> Void = { _ in }
  ) throws -> RunWriter {
    try RunWriter.open(directory, mode: mode, onCommit: onCommit)
  }

  /// The lock goes with the last reference, which a task that is ending may hold a moment longer,
  /// and so may a process that another test is just starting, until its exec.
  private func becomesFree() async {
    while directory.lockState().isHeld { await Task.yield() }
  }

  @Test func `a row is announced when it can be read back`() async throws {
    let directory = directory
    let seen = Mutex<[String]>([])
    let writer = try open(.fresh) { rows in
      let onDisk = (try? directory.read().rows.map(\.testID)) ?? []
      for row in rows { #expect(onDisk.contains(row.testID)) }
      seen.withLock { $0 += rows.map(\.testID) }
    }
    await withTaskGroup { group in
      for number in 0..<200 {
        let row = EffectiveRowsTests.row("test-\(number)")
        group.addTask { try? await writer.submit(row, line: row.line) }
      }
    }
    try await writer.flush()
    let onDisk = try directory.read()
    #expect(onDisk.rows.map(\.testID) == seen.withLock { $0 })
    #expect(onDisk.rows.count == 200)
    #expect(await writer.rows.count == 200)
  }

  @Test func `one writer at a time; the second is told who the first is`() throws {
    let writer = try open(.fresh)
    #expect(directory.lockState() == .held(pid: ProcessEnvironment.processID))
    let error = #expect(throws: RunArtifactsError.self) { try open(.resume) }
    #expect(error?.code == .busy(pid: ProcessEnvironment.processID))
    #expect(error?.description.contains("process \(ProcessEnvironment.processID)") == true)
    withExtendedLifetime(writer) {}
  }

  @Test func `a finished writer leaves the directory free`() async throws {
    do { _ = try open(.fresh) }
    await becomesFree()
  }

  @Test func `a run is not overwritten unless that was asked for`() async throws {
    do {
      let writer = try open(.fresh)
      try await add(EffectiveRowsTests.row("old"), to: writer)
    }
    await becomesFree()
    let error = #expect(throws: RunArtifactsError.self) { try open(.fresh) }
    await becomesFree()
    #expect(error?.code == .exists)
    #expect(error?.description.contains("--resume") == true)
    #expect(try directory.read().rows.count == 1)
    let artifact = try #require(try directory.read().rows[0].gradingPath)
    await becomesFree()
    _ = try open(.overwrite)
    #expect(try directory.read().rows.isEmpty)
    #expect(!FileIO.exists(directory.file(artifact)))
  }

  @Test func `a torn last line is cut off by the next writer, at whatever byte it broke`()
    async throws
  {
    let first = EffectiveRowsTests.row("first")
    let second = EffectiveRowsTests.row("second")
    let third = EffectiveRowsTests.row("third")
    try FileIO.createDirectories(directory.path)
    for length in 0...second.line.count {
      try FileIO.write(
        directory.file(RunFile.index), first.line + Array(second.line[..<length]))
      let isWhole = length >= second.line.count - 1
      await becomesFree()
      do {
        let writer = try open(.resume)
        #expect(
          writer.existing.ledger.rows.map(\.testID) == (isWhole ? ["first", "second"] : ["first"]))
        try await writer.submit(third, line: third.line)
        try await writer.flush()
      }
      let bytes = try FileIO.read(directory.file(RunFile.index))
      #expect(bytes == first.line + (isWhole ? second.line : []) + third.line, "cut at \(length)")
    }
  }

  @Test(.enabled(if: FileIO.exists("/dev/full"), "needs /dev/full"))
  func `a full disk is told to the writer and stops the run`() async throws {
    let disk = RunDisk(
      directory: directory, lock: try FileLock(scratch.file("lock")),
      index: try AppendFile("/dev/full"), events: try AppendFile(scratch.file("events")),
      transcript: try AppendFile(scratch.file("transcript")))
    let announced = Mutex(0)
    let writer = RunWriter(directory: directory, disk: disk, existing: EarlierRows()) { rows in
      announced.withLock { $0 += rows.count }
    }
    let row = EffectiveRowsTests.row("a")
    try await writer.submit(row, line: row.line)
    let error = await #expect(throws: FileError.self) { try await writer.flush() }
    #expect(error?.description.contains("No space left") == true)
    await #expect(throws: FileError.self) { try await writer.submit(row, line: row.line) }
    #expect(announced.withLock { $0 } == 0)
  }

  @Test(arguments: ["removed", "replaced", "cut"])
  func `no row is announced that an index no longer holds`(deed: String) async throws {
    let announced = Mutex<[String]>([])
    let writer = try open(.fresh) { rows in announced.withLock { $0 += rows.map(\.testID) } }
    try await add(EffectiveRowsTests.row("a"), to: writer)
    let index = directory.file(RunFile.index)
    switch deed {
    case "removed": try FileIO.remove(index)
    case "replaced": try FileIO.replace(index, try FileIO.read(index))
    default: try FileIO.write(index, [])
    }
    let row = EffectiveRowsTests.row("b")
    try await writer.submit(row, line: row.line)
    let error = await #expect(throws: FileError.self) { try await writer.flush() }
    #expect(error?.description.hasPrefix("cannot go on writing \"\(index)\"") == true)
    #expect(announced.withLock { $0 } == ["a"])
  }

  @Test func `artifacts do not make a removed run directory again`() async throws {
    let writer = try open(.fresh)
    try FileIO.removeTree(directory.path)
    await #expect(throws: FileError.self) { try await add(EffectiveRowsTests.row("a"), to: writer) }
    #expect(!FileIO.exists(directory.path))
  }

  @Test func `what a killed writer was replacing is gone at the resume`() async throws {
    _ = try open(.fresh)
    await becomesFree()
    let kept = ["tags.json.tmp-1-2", "notes.tmp-1"]
    for name in ["run.json.tmp-1-2", "benchmark.json.tmp-77-1"] + kept {
      try FileIO.write(directory.file(name), [1])
    }
    _ = try open(.resume)
    let left = try FileIO.list(directory.path).filter { $0.contains(".tmp-") }
    #expect(left == kept.sorted())
  }

  @Test func `events of an earlier start are gone at the next one`() async throws {
    do {
      let writer = try open(.fresh)
      writer.note(
        RunEvent(
          .started, TestIdentity(evalFile: "f", testID: "a", target: "t"), resolvedTarget: "r",
          at: Timestamp(millisecondsSinceEpoch: 5)))
      // Events are written in the background, on the queue that this waits for.
      let record = RunRecord(
        runID: "r", experiment: "default", pid: 1, startedAt: Timestamp(millisecondsSinceEpoch: 0),
        argv: [], cwd: "/", launch: RunLaunch(evalFiles: []))
      try await writer.write(record)
    }
    var reader = JSONLinesReader()
    let lines = reader.feed(try FileIO.read(directory.file(RunFile.events)))
    #expect(lines.compactMap(RunEvent.init(json:)).map(\.identity.testID) == ["a"])
    await becomesFree()
    _ = try open(.resume)
    #expect(try FileIO.read(directory.file(RunFile.events)).isEmpty)
  }

  private func add(_ row: ResultRow, to writer: RunWriter) async throws {
    var row = row
    try TestArtifacts(
      input: [["role": "user", "content": "Q"]], output: [["role": "assistant", "content": "A"]],
      assertions: [["text": "t", "passed": true]], graders: []
    ).write(for: &row, at: "suite/\(row.testID)", in: directory.path)
    try await writer.submit(row, line: row.line)
    try await writer.flush()
  }
}
