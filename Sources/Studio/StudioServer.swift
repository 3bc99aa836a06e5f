// The server: projects, jobs and routes wired together, from start to shutdown.

import Core
public import EventLoop
import HTTPServer
import JobStore
import RunArtifacts
import RunControl
import Supervisor

/// `agentv studio`: serves one project, launches its runs and streams what becomes of them.
@LoopActor
public final class StudioServer {
  let configuration: StudioConfiguration
  let jobs: JobRegistry
  let home: Project
  let router = Router()
  let assets: StaticFiles
  let benchmarks: BenchmarkRegistry
  let board: BenchmarkBoard
  let remote: RemoteSync
  /// Pages of lists of runs that did not change since.
  var listPages = KeptPages()
  /// Large runs that live, or that were read for their pages.
  let scans = KeptScans()
  /// Forgets those that nobody reads any more.
  private(set) lazy var scanTimer = LoopTimer { [weak self] in self?.expireScans() }
  /// For launches, which must not overtake each other.
  let planWorker = FileWorker("plan")
  /// For small things that a request reads.
  let reader = FileWorker("read")
  /// For requests that read much: whole runs, all runs.
  let heavyReaders = [FileWorker("read-1"), FileWorker("read-2")]
  var heavyTurn = 0
  /// Tells this server's entity tags from those of the one before.
  let bootID = String(UInt64.random(in: 0 ... .max), radix: 36)
  let startedAt = ContinuousClock.now
  /// Where the feedback of the server's own project is kept.
  let resultDirectory: String
  /// Whether the pages show all registered projects; decided at the start.
  let isMultiBenchmark: Bool
  let server: HTTPServer
  /// Hears when the server is ready, lives and ends; `nil` when no service manager started it.
  private let service: ServiceNotifier?
  /// All jobs, also those of earlier servers.
  var journal: Journal?
  /// Live jobs that were taken over although the journal did not know them.
  var restoredCount = 0
  /// What the journal knew of sessions at the start.
  var sessions = SessionRecords()
  private var projects: [String: Project] = [:]
  private var signals: [SignalSource] = []
  /// The certificate, when the server speaks TLS.
  let identity: TLSIdentity?
  private var certificateWatch: CertificateWatch?
  /// Lets requests in; there from the start on.
  private(set) var gate: Gate
  private(set) var isStopping = false
  private var isForced = false
  private var exitWaiters: [CheckedContinuation<Int32, Never>] = []
  private var exitCode: Int32?

  /// A server that does not listen yet.
  /// - Parameter configuration: what it was asked to do.
  /// - Throws: `StudioError` when it must not run like that.
  public init(_ configuration: StudioConfiguration) throws(StudioError) {
    var configuration = configuration
    guard FileIO.isDirectory(configuration.project) else {
      throw StudioError(
        "no directory at \"\(configuration.project)\"; choose the project with --dir")
    }
    configuration.project = FileIO.realPath(configuration.project) ?? configuration.project
    guard FileIO.isFile("\(configuration.webRoot)/index.html") else {
      throw StudioError(
        "Studio dist not found: no index.html in \"\(configuration.webRoot)\"; give --web-root")
    }
    if let refusal = TrustPolicy.refusalToListen(
      host: configuration.host, token: configuration.token, insecure: configuration.isInsecure)
    {
      throw StudioError(refusal)
    }
    if let source = configuration.source { try Self.check(source: source) }
    let openFiles = ProcessEnvironment.raiseOpenFiles(to: HTTPLimits().connections + 1024)
    configuration.environment["AGENTV_OPEN_FILES"] = "\(openFiles)"
    self.configuration = configuration
    jobs = JobRegistry(
      JobRegistry.Configuration(
        maximumJobs: configuration.maximumJobs, stopGrace: configuration.stopGrace,
        executable: configuration.executable, environment: configuration.runEnvironment),
      supervisor: .shared)
    home = Project(
      path: configuration.project, home: RemoteSettings.home(configuration.environment),
      keepsCache: !configuration.isReadOnly, scans: scans)
    assets = StaticFiles(root: configuration.webRoot)
    benchmarks = BenchmarkRegistry(home: configuration.environment["HOME"] ?? "/")
    board = BenchmarkBoard(registry: benchmarks, homePath: configuration.project)
    remote = RemoteSync(environment: configuration.runEnvironment)
    isMultiBenchmark = configuration.mode.isMulti(registered: benchmarks.read().count)
    resultDirectory = Self.resultDirectory(configuration)
    service = ServiceNotifier(environment: configuration.environment)
    identity = try Self.identity(configuration)
    gate = Gate(TrustPolicy(host: configuration.host, port: configuration.port))
    server = HTTPServer(
      configuration: .init(host: configuration.host, port: configuration.port, tls: identity),
      router: router)
  }

  private static func check(source: String) throws(StudioError) {
    guard let status = FileIO.status(source) else {
      throw StudioError("Source file not found: \(source)")
    }
    guard status.kind == .directory || Path.name(source) == RunFile.index else {
      throw StudioError("Expected a run workspace directory or index.jsonl manifest: \(source)")
    }
  }

  /// The directory of the run that the server was started with, else of the last one, else of the
  /// newest one, else the project's.
  private static func resultDirectory(_ configuration: StudioConfiguration) -> String {
    if let source = configuration.source {
      return Path.name(source) == RunFile.index ? Path.directory(source) : source
    }
    if let last = LastRun.read(project: configuration.project) { return last }
    return RunListing.newestDirectory(project: configuration.project)?.path
      ?? configuration.project
  }

  /// The port that is listened on.
  public var port: Int { server.port }

  /// Starts listening.
  /// - Throws: `StudioError` naming the address and the remedy.
  public func start() async throws(StudioError) {
    Supervisor.shared.becomeSubreaper()
    adopt(home)
    await openJournal()
    jobs.onStatus = { [weak self] entry in self?.tell(entry) }
    addRoutes()
    do throws(HTTPServerError) {
      try server.start()
    } catch {
      throw StudioError(error.description)
    }
    installTrust()
    board.opened = { [weak self] path in self?.openedProject(path) }
    board.publish = { [weak self] event, data in self?.publishToAll(event, data) }
    board.start()
    home.start()
    scanTimer.schedule(every: KeptScans.keepTime)
    jobs.adopt()
    service?.ready(status: "Listening on \(address)")
  }

  /// What is printed once the server listens.
  public func banner() -> String {
    """
    \(origin())
    Dashboard: \(address)
    Benchmarks API: \(address)/api/benchmarks
    Press Ctrl+C to stop

    """
  }

  /// Where a browser on this machine finds the server.
  private var address: String {
    let name = configuration.host == "127.0.0.1" ? "localhost" : configuration.host
    let shown =
      ["0.0.0.0", "::"].contains(name)
      ? "localhost" : name.contains(":") && !name.hasPrefix("[") ? "[\(name)]" : name
    return "\(identity == nil ? "http" : "https")://\(shown):\(port)"
  }

  private func origin() -> String {
    let directory: String?
    if let source = configuration.source {
      directory = Path.name(source) == RunFile.index ? Path.directory(source) : source
    } else {
      directory = LastRun.read(project: configuration.project)
    }
    guard let directory,
      let contents = try? RunDirectory(path: directory, project: configuration.project).read()
    else { return "No results yet in \(configuration.project).\nRun an evaluation to see it here." }
    return "Serving \(contents.effectiveRows.count) result(s) from "
      + Path.join(directory, RunFile.index)
  }

  // MARK: - Projects

  /// The project of a directory; watched from the first request on.
  func project(_ path: String) -> Project {
    if path == home.path { return home }
    if let project = projects[path] { return project }
    let project = Project(
      path: path, home: RemoteSettings.home(configuration.environment),
      keepsCache: !configuration.isReadOnly, scans: scans)
    projects[path] = project
    adopt(project)
    project.start()
    return project
  }

  private func openedProject(_ path: String) -> Project? {
    path == home.path ? home : projects[path]
  }

  /// Sends an event on the stream of every project.
  func publishToAll(_ event: String, _ data: JSON) {
    for project in [home] + projects.values { project.stream.publish(event, data) }
  }

  /// Tells what the configuration of a project is after somebody else wrote it.
  private func configChanged(_ project: Project) {
    let path = project.path
    reader.run {
      ProjectSettings.threshold(project: path)
    } then: { threshold in
      var config = project.config().object ?? [:]
      config["threshold"] = .double(threshold)
      project.stream.publish("config", .object(config))
    }
  }

  private func adopt(_ project: Project) {
    project.benchmarks = { [weak self] in self?.board.json ?? [] }
    project.onChange = { [weak self, weak project] in
      if let project { self?.board.changed(project) }
    }
    project.onConfig = { [weak self, weak project] in
      if let project { self?.configChanged(project) }
    }
    project.liveJobs = { [weak self, weak project] in
      guard let self, let project else { return [:] }
      let jobs = self.jobs.live.filter { $0.project === project && !$0.state.status.isTerminal }
      return Dictionary(jobs.map { ($0.job.plan.runDirectory, $0.job) }) { first, _ in first }
    }
    project.lateSnapshot = { [weak self, weak project] limit in
      guard let self, let project else { return [] }
      let scope = Scope(project: project, benchmarkID: project === self.home ? nil : "")
      return project.snapshot(jobs: self.shownJobs(in: scope), limit: limit)
    }
    let isHome = project === home
    let isMulti = isMultiBenchmark
    let configuration = configuration
    project.config = { [weak project] in
      [
        "read_only": .bool(configuration.isReadOnly),
        "benchmark_name": .string(project?.name ?? ""),
        "stop_grace_ms": .int(configuration.stopGrace.milliseconds),
        "is_home": .bool(isHome),
        "requires_token": .bool(configuration.token != nil),
        "multi_benchmark_dashboard": .bool(isMulti),
      ]
    }
  }

  /// A job's status goes to its project's stream, and to the server's own, which shows all jobs.
  private func tell(_ entry: JobEntry) {
    let data: JSON = ["job": entry.job.json]
    entry.project.stream.publish("status", data)
    if entry.project !== home { home.stream.publish("status", data) }
    board.changed(entry.project)
  }

  // MARK: - The end

  /// Serves until SIGINT, SIGTERM or SIGHUP, then stops every run resumably.
  ///
  /// A second signal kills what is left.
  /// - Returns: the exit code, 0 unless a second signal came.
  public func waitForEnd() async -> Int32 {
    // A closed terminal ends the server as Ctrl+C does, unless it was started with nohup(1).
    for signal: Int32 in [1, 2, 15] where !ProcessEnvironment.ignores(signal) {
      if let source = try? SignalSource(signal, { [weak self] in self?.endRequested(by: signal) }) {
        signals.append(source)
      }
    }
    if let exitCode { return exitCode }
    return await withCheckedContinuation { exitWaiters.append($0) }
  }

  private func endRequested(by signal: Int32) {
    let force = isStopping
    isStopping = true
    let reason = "the Studio got \(SignalName.of(signal))"
    if !force {
      let what = configuration.onExit == .detach ? "Leaving" : "Stopping"
      service?.stopping(
        status: "\(what) \(jobs.live.count) run(s): \(reason)",
        within: configuration.stopGrace + JobRegistry.holderMargin)
      server.stopAccepting()
      for project in [home] + projects.values {
        project.stream.publish("shutdown", ["reason": .string(reason)])
      }
      for entry in jobs.live {
        entry.feed.stream.publish("shutdown", ["reason": .string(reason)])
      }
    }
    if force { isForced = true }
    if configuration.onExit == .detach, !force {
      jobs.detach()
      return end()
    }
    jobs.shutDown(reason: reason, force: force) { [weak self] in self?.end() }
  }

  private func end() {
    guard exitCode == nil else { return }
    let code: Int32 = isForced ? 1 : 0
    exitCode = code
    for project in [home] + projects.values { project.stream.end() }
    Task {
      for project in [home] + projects.values {
        await withCheckedContinuation { saved in project.save { saved.resume() } }
      }
      // The runs have ended; what may be left is a git that brings a clone up to date.
      if configuration.onExit == .stop || isForced {
        _ = await Supervisor.shared.stopAll(force: code != 0)
      }
      await withCheckedContinuation { written in
        if let journal { journal.whenWritten { written.resume() } } else { written.resume() }
      }
      await server.close(after: .milliseconds(500))
      for waiter in exitWaiters { waiter.resume(returning: code) }
      exitWaiters = []
    }
  }

  private func installTrust() {
    var policy = TrustPolicy(host: configuration.host, port: port)
    policy.token = configuration.token
    policy.allowedHosts = configuration.allowedHosts
    policy.isReadOnly = configuration.isReadOnly
    policy.isEncrypted = identity != nil
    gate = Gate(policy, sessions, journal)
    if policy.token != nil {
      router.onStream = { [weak self] request, stream in self?.gate.opened(stream, by: request) }
    }
    router.commonHeaders = SecurityHeaders.all
    if policy.isEncrypted {
      router.headersFor = { [weak self] request in self?.gate.headers(for: request) ?? [] }
    }
    router.before = { [weak self] request in
      guard let self, let refusal = gate.refusal(request) else { return nil }
      return response(to: refusal, for: request)
    }
    if let identity { certificateWatch = CertificateWatch(identity) }
  }

  private func response(to refusal: RequestError, for request: HTTPRequest) -> HTTPResponse {
    if refusal.status == 401 {
      // A person gets the form, a program the reason.
      if request.method == .get, !request.path.hasPrefix("/api/"),
        request.header("accept")?.contains("text/html") == true
      {
        return .empty(303, headers: [("Location", LoginPage.address(for: request.target))])
      }
      var response = HTTPResponse(refusal)
      response.headers.append(("WWW-Authenticate", "Bearer realm=\"AgentV Studio\""))
      return response
    }
    return HTTPResponse(refusal)
  }
}

extension HTTPResponse {
  init(_ error: RequestError) {
    self = .json(error.status, error.json)
    if let seconds = error.retryAfter { headers.append(("Retry-After", "\(seconds)")) }
  }
}
