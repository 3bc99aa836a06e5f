// The tree: a leader and descendants that defeat the usual ways to end a tree.

import Core
import Glibc

/// Written by the signal handler, read by the leader's loop.
nonisolated(unsafe) private var caught: sig_atomic_t = 0

struct Tree {
  let options: Options

  init(_ options: Options) { self.options = options }

  func run() -> Never {
    signal(SIGPIPE, SIG_IGN)
    note("main", options)
    for role in Options.roles {
      for _ in 0..<(options.counts[role] ?? 0) { start(role) }
    }
    switch options.onTerm {
    case "ignore": signal(SIGTERM, SIG_IGN)
    case "die" where options.slowExitMilliseconds == 0: signal(SIGTERM, SIG_DFL)
    default: signal(SIGTERM) { caught = $0 }
    }
    // Descendants write their line when they are ready, so all lines are there before this one.
    waitForLines(1 + options.counts.values.reduce(0, +))
    append("# ready\n", options)
    alarm(UInt32(options.life))
    let block = [UInt8](repeating: UInt8(ascii: "x"), count: 99_999) + [0x0A]
    let end = time(nil) + options.lifeOfLeader
    while caught == 0, time(nil) < end {
      if options.flood > 0 { write(1, block, block.count) }
      usleep(UInt32(options.flood > 0 ? 100_000 / options.flood : 5000))
    }
    guard caught != 0 else { exit(options.exitCode) }
    usleep(UInt32(options.slowExitMilliseconds) * 1000)
    if let code = Int32(options.onTerm) { exit(code) }
    signal(SIGTERM, SIG_DFL)
    raise(SIGTERM)
    exit(1)
  }

  private func waitForLines(_ count: Int) {
    guard let path = options.pids else { return }
    for _ in 0..<5000 {
      var lines = 0
      if let file = fopen(path, "r") {
        while case let byte = fgetc(file), byte != EOF { lines += byte == 0x0A ? 1 : 0 }
        fclose(file)
      }
      if lines >= count { return }
      usleep(1000)
    }
  }

  private func start(_ role: String) {
    let isDouble = role.hasPrefix("double-fork")
    var arguments = ["role", role] + options.words
    if role.hasSuffix("ignore") { arguments.append("--ignores") }
    if isDouble { arguments.append("--intermediate") }
    let ownSession = isDouble || role.hasPrefix("setsid")
    let pid = spawn(arguments, ownSession: ownSession, wiped: options.wipesEnvironment)
    if isDouble { waitpid(pid, nil, 0) }
  }
}

struct Role {
  let options: Options
  let name: String

  init(_ options: Options, name: String) {
    self.options = options
    self.name = name
  }

  func run() -> Never {
    if options.isIntermediate {
      let words = ["role", name] + options.words.filter { $0 != "--intermediate" }
      _ = spawn(words, ownSession: false, wiped: options.wipesEnvironment)
      exit(0)
    }
    signal(SIGTERM, options.ignores ? SIG_IGN : SIG_DFL)
    signal(SIGINT, options.ignores ? SIG_IGN : SIG_DFL)
    alarm(UInt32(options.life))
    note(name, options)
    while true { pause() }
  }
}

/// Starts this program again; `fork` is not to be had in Swift.
private func spawn(_ arguments: [String], ownSession: Bool, wiped: Bool) -> pid_t {
  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  if ownSession { posix_spawnattr_setflags(&attributes, 0x80) }  // POSIX_SPAWN_SETSID
  defer { posix_spawnattr_destroy(&attributes) }
  var pointers = (["TestChild"] + arguments).map { strdup($0) } + [nil]
  defer { for pointer in pointers { free(pointer) } }
  var empty: [UnsafeMutablePointer<CChar>?] = [nil]
  var pid: pid_t = 0
  let error =
    wiped
    ? posix_spawn(&pid, "/proc/self/exe", nil, &attributes, &pointers, &empty)
    : posix_spawn(&pid, "/proc/self/exe", nil, &attributes, &pointers, environ)
  guard error == 0 else {
    StandardStream.error.write(
      "TestChild: cannot start itself: \(String(cString: strerror(error)))\n")
    exit(1)
  }
  return pid
}
