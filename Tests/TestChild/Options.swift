// A part of the options of the `stubborn` test tool, so that the same tests drive both.

import Core
import Glibc

struct Options {
  /// One line a process is appended to it: `role pid ppid pgid sid starttime`; `# ready` at the end.
  var pids: String?
  var counts: [String: Int] = [:]
  /// Seconds after which every process ends by itself.
  var life = 60
  /// `die`, `ignore` or an exit code.
  var onTerm = "die"
  var slowExitMilliseconds = 0
  var exitCode: Int32 = 0
  /// Seconds that the leader lives.
  var lifeOfLeader = 60
  var wipesEnvironment = false
  var ignores = false
  var isIntermediate = false
  /// MB/s that the leader writes to stdout; 0 for none.
  var flood = 0
  var words: [String]

  static let roles = [
    "obey", "ignore", "setsid", "double-fork", "setsid-ignore", "double-fork-ignore",
  ]

  init(_ arguments: some Collection<String>) {
    words = Array(arguments)
    var rest = words[...]
    func value() -> String { rest.popFirst() ?? "" }
    while let word = rest.popFirst() {
      switch word {
      case "--pids": pids = value()
      case "--tree": for role in Self.roles.prefix(4) { counts[role] = 1 }
      case "--life": life = Int(value()) ?? life
      case "--on-term": onTerm = value()
      case "--slow-exit": slowExitMilliseconds = Int((Double(value()) ?? 0) * 1000)
      case "--exit": exitCode = Int32(value()) ?? 0
      case "--for": lifeOfLeader = Int(value()) ?? lifeOfLeader
      case "--wipe-env": wipesEnvironment = true
      case "--ignores": ignores = true
      case "--intermediate": isIntermediate = true
      case "--spam": flood = Int(value()) ?? 0
      default:
        guard word.hasPrefix("--"), Self.roles.contains(String(word.dropFirst(2))) else {
          StandardStream.error.write("TestChild: unknown option \(word)\n")
          exit(64)
        }
        counts[String(word.dropFirst(2))] = Int(value()) ?? 1
      }
    }
  }
}

/// Appends what a test needs to know of this process to the pids file.
func note(_ role: String, _ options: Options) {
  let startTime = startTime(getpid())
  append("\(role) \(getpid()) \(getppid()) \(getpgrp()) \(getsid(0)) \(startTime)\n", options)
}

func append(_ line: String, _ options: Options) {
  guard let path = options.pids else { return }
  let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
  guard descriptor >= 0 else { return }
  _ = line.withCString { write(descriptor, $0, strlen($0)) }
  close(descriptor)
}

func startTime(_ pid: Int32) -> String {
  guard let file = fopen("/proc/\(pid)/stat", "r") else { return "0" }
  defer { fclose(file) }
  var buffer = [CChar](repeating: 0, count: 2048)
  guard fgets(&buffer, Int32(buffer.count), file) != nil else { return "0" }
  let text = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  guard let name = text.lastIndex(of: ")") else { return "0" }
  let fields = text[name...].split(separator: " ")
  return fields.count > 20 ? String(fields[20]) : "0"
}
