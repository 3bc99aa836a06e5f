// /metrics in the text format of Prometheus (exposition format 0.0.4).

import Core
import EventLoop
import HTTPServer
import RunControl
import Supervisor

extension StudioServer {
  func metrics() -> String {
    var page = MetricsPage()
    page.add("agentv_build_info", "gauge", "Always 1.", [([("server", "studio")], 1)])
    page.add(
      "agentv_uptime_seconds", "gauge", "Time since the server started.",
      Double(startedAt.duration(to: .now).milliseconds) / 1000)
    page.add("agentv_http_requests_total", "counter", "Requests read.", Double(server.requestCount))
    page.add(
      "agentv_http_connections", "gauge", "Open connections.", Double(server.connectionCount))
    page.add("agentv_http_streams", "gauge", "Open streams.", Double(server.streamCount))
    page.add(
      "agentv_login_failures_total", "counter", "Attempts with a wrong token.",
      Double(gate.throttle.failures))
    page.add(
      "agentv_login_refusals_total", "counter", "Attempts that came too soon after wrong ones.",
      Double(gate.throttle.refusals))
    page.add(
      "agentv_jobs_live", "gauge", "Jobs that have not ended.", Double(jobs.live.count))
    let outcomes = jobs.outcomes
    page.add(
      "agentv_jobs_ended_total", "counter", "Jobs that ended, by outcome.",
      JobOutcome.allCases.map { ([("outcome", $0.rawValue)], Double(outcomes[$0.rawValue] ?? 0)) })
    page.add(
      "agentv_runs", "gauge", "Runs of the server's own project.", Double(home.runCount))
    page.add(
      "agentv_runs_read_total", "counter", "Run directories read for the list.",
      Double(home.readCount))
    let watching = home.watching
    page.add(
      "agentv_runs_watched", "gauge", "Directories of runs that are watched.",
      Double(watching.count))
    page.add(
      "agentv_runs_current", "gauge", "Whether lists are answered without a look at the disk.",
      watching.isComplete ? 1 : 0)
    if let memory = ProcessMemory.residentBytes() {
      page.add(
        "process_resident_memory_bytes", "gauge", "Resident memory of the server.", Double(memory))
    }
    return page.text
  }
}

/// Text of a page of metrics; pure.
struct MetricsPage {
  private(set) var text = ""

  mutating func add(_ name: String, _ type: String, _ help: String, _ value: Double) {
    add(name, type, help, [([], value)])
  }

  mutating func add(
    _ name: String, _ type: String, _ help: String,
    _ values: [(labels: [(name: String, value: String)], value: Double)]
  ) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    for (labels, value) in values {
      let list = labels.map { "\($0.name)=\(JSON.string($0.value).text)" }.joined(separator: ",")
      text += "\(name)\(list.isEmpty ? "" : "{\(list)}") \(JSON.double(value).text)\n"
    }
  }
}

/// Memory of this process; a small file of /proc, which never blocks.
enum ProcessMemory {
  static func residentBytes() -> Int? {
    guard let bytes = try? FileIO.read("/proc/self/statm", limitBytes: 256) else { return nil }
    let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
    return fields.count > 1 ? Int(fields[1]).map { $0 * 4096 } : nil
  }
}
