// The stream of one job: the job object, its output, its rows.

import Core
import EventLoop
import EventStream
import HTTPServer
import RunControl

@LoopActor
final class JobFeed {
  /// Rows that a client missed and that are told one by one; of more it gets a snapshot.
  static let maximumMissedRows = 2000

  let stream: Feed
  let run: RunFollower
  private(set) var output: OutputFollower
  /// The job as it is now; kept up to date by the registry.
  var job: Job

  /// What whoever has got every event has seen.
  private var position: JobPosition
  private var hasBegun: Bool
  private var readyWaiters: [@LoopActor () -> Void] = []
  private let jobDirectory: String
  private let consolePath: String
  private let worker: FileWorker

  /// The feed of a job; one that an earlier server launched begins with what there is.
  init(job: Job, run: RunFollower, worker: FileWorker, isNew: Bool) {
    self.job = job
    self.run = run
    self.worker = worker
    stream = Feed()
    position = JobPosition(job)
    hasBegun = run.isLoaded
    position.rows = run.indexOffset
    jobDirectory = job.directory
    consolePath = "\(job.plan.runDirectory)/console.log"
    output = OutputFollower(jobDirectory: jobDirectory, consolePath: consolePath, worker: worker)
    output.publish = { [weak self] in self?.publish($0) }
    run.observe { [weak self] news in self?.take(news) }
    output.begin(isNew: isNew) { [weak self] in self?.tellReady() }
    if hasBegun { takeCounts() }
  }

  func publishStatus() {
    position.status = JobPosition.status(of: job)
    stream.publish("status", ["job": job.json], mark: present.mark)
  }

  func publishEnd() {
    position.isEnd = true
    stream.publish("end", ["job": job.json], mark: present.mark)
    stream.end()
  }

  /// Where the client is that has got every event so far.
  private var present: JobPosition {
    var present = position
    present.output = output.told
    return present
  }

  /// What a client that knows nothing needs.
  func snapshot() -> [UInt8] {
    RawJSON.object([
      ("job", job.json.serialized()),
      ("stdout", JSON.string(output.tail(of: .stdout)).serialized()),
      ("stderr", JSON.string(output.tail(of: .stderr)).serialized()),
      ("output", JSON.array(output.recent.map(\.json)).serialized()),
      ("output_cut", JSON.bool(output.isCut).serialized()),
      ("output_offset", JSON.int(output.offset).serialized()),
      ("rows", RawJSON.array(run.progress.rows.lazy.map(\.data))),
      ("progress", run.progress.json.serialized()),
    ])
  }

  /// Tells what is left of rows and output, then calls back.
  func drain(_ done: @escaping @LoopActor () -> Void) {
    run.drain { [self] in output.drain(done) }
  }

  // MARK: - News

  private func publish(_ text: OutputText) {
    stream.publish("output", text.json.serialized(), mark: present.mark)
  }

  private func take(_ news: RunNews) {
    takeCounts()
    guard hasBegun else {
      // What there was before is told by snapshots.
      hasBegun = run.isLoaded
      position.rows = run.indexOffset
      return tellReady()
    }
    guard !stream.isEnded else { return }
    switch news {
    case .reloaded:
      position.rows = run.indexOffset
      stream.publish("snapshot", snapshot(), mark: present.mark)
    case .rows(let rows):
      for row in rows {
        position.rows = row.end
        stream.publish("row", row.data, mark: present.mark)
      }
      position.rows = run.indexOffset
    case .progress:
      stream.publish("progress", run.progress.json.serialized(), mark: present.mark)
    }
  }

  /// A later job may write to the same run; this one's numbers stay as they were.
  private func takeCounts() {
    guard job.state.phase != .ended else { return }
    job.plannedTestCount = run.progress.planned ?? job.plannedTestCount
    job.completedTestCount = run.progress.completed
  }

  // MARK: - Subscribers

  /// Calls back when everything that was there at the start has been read.
  func whenReady(_ done: @escaping @LoopActor () -> Void) {
    if hasBegun && output.isLoaded { done() } else { readyWaiters.append(done) }
  }

  private func tellReady() {
    guard hasBegun, output.isLoaded else { return }
    position.rows = max(position.rows, run.indexOffset)
    let waiting = readyWaiters
    readyWaiters = []
    for done in waiting { done() }
  }

  /// Answers a request with the stream, from where its client left off: by this server's log, else
  /// by what it had seen of the run's files, else from the beginning.
  func serve(_ exchange: HTTPExchange) {
    let lastID = exchange.lastEventID
    let seen = lastID.flatMap { EventID($0)?.mark }.flatMap(JobPosition.init(mark:))
      .flatMap { $0.job == position.job ? $0 : nil }
    if stream.isEnded, stream.isComplete(for: lastID) || seen?.isEnd == true {
      return exchange.respond(.empty(204))
    }
    if stream.canContinue(after: lastID) { return begin(exchange) }
    whenReady { [self] in
      guard let seen, seen.rows <= run.indexOffset, !seen.isEnd else { return begin(exchange) }
      let rows = run.progress.rows.filter { $0.end > seen.rows }.sorted { $0.end < $1.end }
      guard rows.count <= Self.maximumMissedRows else { return begin(exchange) }
      // Everything up to here is looked up; what is told later stands in the log.
      let (sequence, now) = (stream.presentSequence, present)
      let range = OutputRange(
        segmentsPath: "\(jobDirectory)/segments", consolePath: consolePath,
        places: output.places(after: seen.output), carriedBytes: output.carriedBytes)
      let state = (job: job, progress: run.progress.json)
      worker.run {
        range.read()
      } then: { [self] output in
        guard let output else { return begin(exchange) }
        let missed = Self.missed(after: seen, now, state.job, state.progress, rows, output)
        guard let sink = exchange.openEventStream() else { return }
        if !stream.subscribe(sink, missed: missed, after: sequence) {
          stream.subscribe(sink, mark: { self.marked }, snapshot: { self.snapshot() })
        }
      }
    }
  }

  private func begin(_ exchange: HTTPExchange) {
    whenReady { [self] in
      stream.serve(
        exchange, variant: "job", mark: { self.marked }, snapshot: { self.snapshot() })
    }
  }

  /// A snapshot stands before the end, also when that has been told.
  private var marked: String {
    var present = present
    present.isEnd = false
    return present.mark
  }

  /// What a client has missed, each event with the place behind it.
  private static func missed(
    after seen: JobPosition, _ now: JobPosition, _ job: Job, _ progress: JSON, _ rows: [RowEvent],
    _ output: [OutputText]
  ) -> [EventHub.MissedEvent] {
    var place = seen
    var missed: [EventHub.MissedEvent] = []
    func add(_ event: String, _ data: [UInt8]) {
      missed.append(EventHub.MissedEvent(event, data, mark: place.mark))
    }
    if seen.status != now.status {
      place.status = now.status
      add("status", JSON.object(["job": job.json]).serialized())
    }
    for text in output {
      place.output[text.stream] = text.end
      add("output", text.json.serialized())
    }
    for row in rows {
      place.rows = row.end
      add("row", row.data)
    }
    place = now
    place.isEnd = false
    add("progress", progress.serialized())
    return missed
  }
}
