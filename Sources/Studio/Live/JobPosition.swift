// How much of a job a client has seen, as places in the files of the run. It is carried by the ids of
// the job's events, so that any server can tell what the client has missed: nothing has to be kept.

import Core
import RunControl

struct JobPosition: Sendable, Hashable {
  /// Tells the job.
  var job: UInt32
  /// Place in index.jsonl up to which rows were told.
  var rows = 0
  /// Places in console.log up to which each stream was told.
  var output: [OutputStreamName: Int] = [:]
  /// Tells the last state that was told.
  var status: UInt32
  /// Whether the end was told.
  var isEnd = false

  init(_ job: Job) {
    self.job = Self.hash(Array(job.id.utf8))
    status = Self.status(of: job)
  }

  /// Reads a mark; `nil` when it is none of ours.
  init?(mark: String) {
    let parts = mark.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 5 || (parts.count == 6 && parts[5] == "e"),
      let job = UInt32(parts[0], radix: 36), let rows = Int(parts[1]), rows >= 0,
      let stdout = Int(parts[2]), stdout >= 0, let stderr = Int(parts[3]), stderr >= 0,
      let status = UInt32(parts[4], radix: 36)
    else { return nil }
    self.job = job
    self.rows = rows
    output = [.stdout: stdout, .stderr: stderr]
    self.status = status
    isEnd = parts.count == 6
  }

  /// The form that ids carry.
  var mark: String {
    "\(String(job, radix: 36)).\(rows).\(output[.stdout] ?? 0).\(output[.stderr] ?? 0)."
      + String(status, radix: 36) + (isEnd ? ".e" : "")
  }

  /// Tells a state of a job from the others; its counts belong to the rows.
  static func status(of job: Job) -> UInt32 {
    var job = job
    job.plannedTestCount = nil
    job.completedTestCount = 0
    return hash(job.json.serialized())
  }

  /// FNV-1a.
  private static func hash(_ bytes: [UInt8]) -> UInt32 {
    bytes.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }
}
