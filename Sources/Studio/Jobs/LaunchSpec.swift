// `launch.json`: what a holder is to run. Written before the holder is started, so that a server
// that comes later finds every job that may be running.

import Core

enum LaunchSpec {
  static func json(job: Job, command: [String], stopGraceMilliseconds: Int) -> JSON {
    [
      "job_id": .string(job.id), "run_dir": .string(job.plan.runDirectory),
      "command": .array(command.map(JSON.string)), "cwd": .string(job.plan.project),
      "environment_additions": [:], "stop_grace_ms": .int(stopGraceMilliseconds),
      "requested_at": .string(job.startedAt.description), "studio": studio(),
    ]
  }

  /// What names this process for good: its id, its start and the boot.
  private static func studio() -> JSON {
    let stat = String(
      decoding: (try? FileIO.read("/proc/self/stat", limitBytes: 4096)) ?? [], as: UTF8.self)
    let boot = String(
      decoding: (try? FileIO.read("/proc/sys/kernel/random/boot_id", limitBytes: 64)) ?? [],
      as: UTF8.self)
    // The name in the second field may hold anything, even a closing parenthesis (proc_pid_stat(5)).
    let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
    return [
      "pid": .optional(stat.split(separator: " ").first.flatMap { Int($0) }),
      "start_time": .optional(fields.count > 19 ? Int(fields[19]) : nil),
      "boot_id": .string(trim(boot)),
    ]
  }
}
