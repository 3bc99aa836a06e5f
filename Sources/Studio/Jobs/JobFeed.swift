// The stream of one job: the job object, its output, its rows.

import Core
import EventLoop
import RunControl

@LoopActor
final class JobFeed {
  let stream: Feed
  let run: RunFollower
  private(set) var output: OutputFollower
  /// The job as it is now; kept up to date by the registry.
  var job: Job

  init(job: Job, run: RunFollower, worker: FileWorker) {
    self.job = job
    self.run = run
    let stream = Feed()
    self.stream = stream
    output = OutputFollower(
      jobDirectory: job.directory, consolePath: "\(job.plan.runDirectory)/console.log",
      worker: worker
    ) { stream.publish("output", $0.json) }
    run.observe { [weak self] news in self?.take(news) }
  }

  func publishStatus() { stream.publish("status", ["job": job.json]) }

  func publishEnd() {
    stream.publish("end", ["job": job.json])
    stream.end()
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

  private func take(_ news: RunNews) {
    job.plannedTestCount = run.progress.planned
    job.completedTestCount = run.progress.completed
    guard !stream.isEnded else { return }
    switch news {
    case .reloaded: stream.publish("snapshot", snapshot())
    case .rows(let rows): for row in rows { stream.publish("row", row.data) }
    case .progress: stream.publish("progress", run.progress.json)
    }
  }
}
