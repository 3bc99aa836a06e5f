// `agentv hold` as a process: what it leaves on disk, and its exit code.

import Core
import EventLoop
import Glibc
import TestSupport
import Testing

@testable import Supervisor

@Suite(.timeLimit(.minutes(1))) struct HolderTests {
  /// A run directory with one job in it.
  private struct Job {
    let directory = try? TemporaryDirectory()
    var run: String { directory?.path ?? "" }
    var files: String { "\(run)/.jobs/j1" }
    var launchFile: String { "\(files)/launch.json" }
    var pids: String { "\(run)/pids" }

    init(_ command: [String], grace: Int = 20_000, cwd: String? = nil, extra: JSONObject = [:])
      throws
    {
      var launch: JSONObject = [
        "job_id": "j1", "run_dir": .string(run), "command": .array(command.map(JSON.string)),
        "cwd": .string(cwd ?? run), "stop_grace_ms": .int(grace),
        "requested_at": .string(Timestamp.now().description),
      ]
      for (name, value) in extra { launch[name] = value }
      try directory?.write(".jobs/j1/launch.json", JSON.object(launch).text)
    }

    @LoopActor
    func start() throws -> SupervisedProcess {
      try Supervisor.shared.start(
        Holder.spec(
          executable: Program.agentv, launchFile: launchFile,
          environment: ProcessEnvironment.current()))
    }

    func writeStop(force: Bool = false) throws {
      let request = StopRequest(
        reason: "enough", actor: "browser", force: force, requestedAt: .now())
      try FileIO.replace("\(files)/stop.json", request.json.serialized())
    }

    func json(_ name: String) throws -> JSON { try JSON.parse(FileIO.read("\(files)/\(name)")) }
    func text(_ path: String) -> String {
      String(decoding: (try? FileIO.read(path)) ?? [], as: UTF8.self)
    }
    var console: String { text("\(run)/console.log") }
  }

  @Test func `a run's output, exit code and end are on disk, and its code is the holder's`()
    async throws
  {
    let job = try Job(
      ["sh", "-c", "echo out; echo job=$AGENTV_JOB_ID x=$X; echo error >&2; exit 7"],
      extra: ["environment_additions": ["X": "y"]])
    let process = try await job.start()
    #expect(await process.result().exit == .exited(7))
    let end = try job.json("end.json")
    #expect(end["exit_code"]?.int == 7)
    #expect(end["signal"]?.isNull == true)
    #expect(end["stopped"]?.bool == false)
    #expect(end["census"]?["remaining"]?.array == [])
    #expect(end["guarantee"]?.string == "subreaper+proc")
    #expect(end["error"]?.isNull == true)
    #expect(end["console_bytes"]?.int == job.console.utf8.count)
    #expect(job.console.contains("out\njob=j1 x=y\n"))
    #expect(job.console.contains("error\n"))
    let holder = try job.json("holder.json")
    #expect(holder["pid"]?.int == Int(process.pid))
    #expect(holder["start_time"]?.int == Int(process.startTime))
    #expect(holder["child_pid"]?.int != nil)
    #expect(holder["boot_id"]?.string == ProcFS.bootID())
    // The segments cover the console, each byte once.
    var covered = 0
    for line in job.text("\(job.files)/segments").split(separator: "\n") {
      let fields = line.split(separator: " ")
      #expect(fields.count == 3 && Int(fields[1]) == covered)
      covered += Int(fields[2]) ?? 0
    }
    #expect(covered == job.console.utf8.count)
  }

  @LoopActor
  @Test(arguments: [(SIGTERM, 143), (SIGINT, 130)])
  func `a stop reaches the run, and the record says who and why`(signal: Int32, code: Int)
    async throws
  {
    let job = try Job(["sh", "-c", "echo up; exec sleep 60"])
    let holder = try job.start()
    await DirectoryChanges.wait(for: "up", in: "\(job.run)/console.log")
    try job.writeStop()
    holder.signal(signal)
    let result = await holder.result()
    #expect(result.exit == .exited(Int32(code)))
    let end = try job.json("end.json")
    #expect(end["exit_code"]?.int == code)
    #expect(end["signal"]?.string == SignalName.of(signal))
    #expect(end["stopped"]?.bool == true)
    #expect(end["reason"]?.string == "enough")
    #expect(end["actor"]?.string == "browser")
    #expect(end["stop_requested_at"]?.string == (try job.json("stop.json"))["requested_at"]?.string)
    #expect(end["census"]?["obeyed"]?.int == 1)
  }

  @LoopActor
  @Test(arguments: await TreeProgram.all)
  func `a run that will not stop is gone after the grace of its launch record`(
    program: TreeProgram
  ) async throws {
    let home = try TemporaryDirectory()
    let pids = home.file("pids")
    let options = [
      "--tree", "--setsid-ignore", "1", "--double-fork-ignore", "1", "--on-term", "ignore",
      "--wipe-env", "--spam", "50",
    ]
    let job = try Job(program.command(options, pids: pids), grace: 300)
    let holder = try job.start()
    await DirectoryChanges.wait(for: "# ready", in: pids)
    holder.signal(SIGTERM)
    holder.signal(SIGTERM)
    #expect(await holder.result().exit == .exited(137))
    let end = try job.json("end.json")
    #expect(end["signal"]?.string == "SIGKILL")
    #expect(end["actor"]?.string == "signal")
    #expect(end["census"]?["remaining"]?.array == [])
    // The leader ignores SIGTERM, so nobody else was asked before the grace was over.
    #expect(end["census"]?["killed"]?.int == 7)
    #expect(try survivors(pids) == [])
  }

  @LoopActor
  @Test(arguments: await TreeProgram.all)
  func `the census tells whom the run itself had to kill`(program: TreeProgram) async throws {
    let home = try TemporaryDirectory()
    let pids = home.file("pids")
    let tree = program.command(
      ["--tree", "--setsid-ignore", "1", "--double-fork-ignore", "1"], pids: pids)
    let job = try Job([Program.testChild, "run", "200"] + tree)
    let holder = try job.start()
    await DirectoryChanges.wait(for: "# ready", in: pids)
    holder.signal(SIGTERM)
    #expect(await holder.result().exit == .exited(143))
    let census = try Census(json: job.json("end.json")["census"] ?? .null)
    // Three ignore SIGTERM; the other four of the tree and the run itself go.
    #expect(census == Census(obeyed: 5, killed: 3, outsideGroup: 4))
    #expect(try survivors(pids) == [])
    #expect(!FileIO.exists("\(job.files)/census"), "a report lives no longer than its run")
  }

  @LoopActor
  @Test func `a forced stop kills at once, whatever the grace`() async throws {
    let home = try TemporaryDirectory()
    let pids = home.file("pids")
    let job = try Job(
      TreeProgram().command(["--on-term", "ignore"], pids: pids), grace: 50_000)
    let holder = try job.start()
    await DirectoryChanges.wait(for: "# ready", in: pids)
    try job.writeStop()
    holder.signal(SIGTERM)
    try job.writeStop(force: true)
    holder.signal(SIGTERM)
    #expect(await holder.result().exit == .exited(137))
    #expect(try job.json("end.json")["stopped"]?.bool == true)
  }

  @LoopActor
  @Test func `a stop right after the start is kept, whenever it comes`() async throws {
    for _ in 0..<5 {
      let job = try Job(["sh", "-c", "exec sleep 60"])
      let holder = try job.start()
      try job.writeStop()
      holder.signal(SIGTERM)
      #expect(await holder.result().exit == .exited(143))
      let end = try job.json("end.json")
      #expect(end["stopped"]?.bool == true)
      #expect(end["exit_code"]?.int == 143)
      #expect(end["actor"]?.string == "browser")
    }
  }

  @LoopActor
  @Test func `a hang-up of the terminal and a broken output do not end a run`() async throws {
    let job = try Job(["sh", "-c", "echo up; read x < gate; echo end; exit 3"])
    mkfifo("\(job.run)/gate", 0o600)
    let holder = try job.start()
    await DirectoryChanges.wait(for: "up", in: "\(job.run)/console.log")
    holder.signal(SIGHUP)
    // Opening for reading and writing does not block on a FIFO.
    let gate = open("\(job.run)/gate", O_RDWR | O_CLOEXEC)
    _ = "go\n".withCString { write(gate, $0, 3) }
    #expect(await holder.result().exit == .exited(3))
    close(gate)
    #expect(job.console.hasSuffix("end\n"))
  }

  @Test func `a run that cannot be started has an end record and an explanation`() async throws {
    let job = try Job(["/no/such/agentv", "eval"])
    #expect(try await job.start().result().exit == .exited(127))
    #expect(try job.json("end.json")["exit_code"]?.int == 127)
    #expect(try job.json("end.json")["error"]?.string?.contains("/no/such/agentv") == true)
    #expect(job.console.contains("/no/such/agentv"))
    let lost = try Job(["sh", "-c", "exit 0"], cwd: "/no/such/directory")
    #expect(try await lost.start().result().exit == .exited(126))
    #expect(lost.console.contains("/no/such/directory"))
  }

  @Test func `a launch record that cannot be read is told on the disk as well`() async throws {
    let job = try Job(["true"])
    try FileIO.write(job.launchFile, Array("{".utf8))
    #expect(try await job.start().result().exit == .exited(125))
    #expect(try job.json("end.json")["exit_code"]?.int == 125)
    #expect(try job.json("end.json")["error"]?.string?.contains("launch.json") == true)
  }

  @Test func `a run killed by a signal is reported as a shell does`() async throws {
    let job = try Job(["sh", "-c", "kill -SEGV $$"])
    #expect(try await job.start().result().exit == .exited(139))
    #expect(try job.json("end.json")["signal"]?.string == "SIGSEGV")
  }

  @Test func `the console of a resumed run continues the old one`() async throws {
    let job = try Job(["sh", "-c", "echo second"])
    try FileIO.write("\(job.run)/console.log", Array("first\n".utf8))
    #expect(try await job.start().result().exit == .exited(0))
    #expect(job.console == "first\nsecond\n")
    #expect(job.text("\(job.files)/segments") == "o 6 7\n")
  }

  @LoopActor
  @Test func `when the holder is killed, its starter ends the run`() async throws {
    let home = try TemporaryDirectory()
    let pids = home.file("pids")
    let job = try Job(
      TreeProgram().command(["--obey", "1", "--setsid", "1"], pids: pids))
    let holder = try job.start()
    await DirectoryChanges.wait(for: "# ready", in: pids)
    kill(holder.pid, SIGKILL)
    let result = await holder.result()
    #expect(result.exit == .signaled(SIGKILL))
    #expect(!result.stopped)
    #expect(result.census.obeyed == 3)
    #expect(try survivors(pids) == [])
  }
}
