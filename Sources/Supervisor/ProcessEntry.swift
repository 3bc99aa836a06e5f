// What /proc tells about one process, and the reading of it. Reads never block: procfs has no disk.

import Glibc

/// The fields of /proc/PID/stat that a census needs (proc_pid_stat(5)).
struct ProcessEntry: Hashable, Sendable {
  var pid: Int32
  /// State letter: `R`, `S`, `D`, `T`, `Z` and others.
  var state: UInt8
  var parent: Int32
  var group: Int32
  var session: Int32
  var threads: Int
  var startTime: UInt64

  var identity: ProcessIdentity { ProcessIdentity(pid: pid, startTime: startTime) }

  /// Whether nothing of it runs any more.
  ///
  /// A zombie whose other threads run is not gone: its main thread has called pthread_exit(3).
  var isGone: Bool {
    (state == UInt8(ascii: "Z") || state == UInt8(ascii: "X")) && threads <= 1
  }

  init(
    pid: Int32, state: UInt8 = UInt8(ascii: "S"), parent: Int32, group: Int32, session: Int32,
    threads: Int = 1, startTime: UInt64
  ) {
    self.pid = pid
    self.state = state
    self.parent = parent
    self.group = group
    self.session = session
    self.threads = threads
    self.startTime = startTime
  }

  /// Reads the text of a stat file; `nil` when it is in another form.
  ///
  /// The name in brackets may itself hold brackets and spaces, so the fields are counted from the
  /// last closing one.
  init?(stat text: some RandomAccessCollection<UInt8>) {
    guard let close = text.lastIndex(of: UInt8(ascii: ")")),
      let space = text.firstIndex(of: UInt8(ascii: " ")),
      let pid = Self.number(text[..<space])
    else { return nil }
    // After the name: state is field 3, so field n is at index n - 3.
    let fields = text[text.index(after: close)...].split(
      separator: UInt8(ascii: " "), maxSplits: 20, omittingEmptySubsequences: true)
    guard fields.count > 19, let state = fields[0].first, let parent = Self.number(fields[1]),
      let group = Self.number(fields[2]), let session = Self.number(fields[3]),
      let threads = Self.number(fields[17]), let startTime = Self.number(fields[19])
    else { return nil }
    self.init(
      pid: Int32(truncatingIfNeeded: pid), state: state, parent: Int32(truncatingIfNeeded: parent),
      group: Int32(truncatingIfNeeded: group), session: Int32(truncatingIfNeeded: session),
      threads: threads, startTime: UInt64(truncatingIfNeeded: startTime))
  }

  private static func number(_ digits: some Collection<UInt8>) -> Int? {
    var digits = digits[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative { digits.removeFirst() }
    guard !digits.isEmpty, digits.count <= 19 else { return nil }
    var value = 0
    for digit in digits {
      guard (0x30...0x39).contains(digit) else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      guard !overflow else { return nil }
      value = product &+ Int(digit - 0x30)
    }
    return isNegative ? -value : value
  }
}

/// Reading of /proc.
enum ProcFS {
  /// The entry of a process; `nil` when there is none.
  static func entry(_ pid: Int32) -> ProcessEntry? {
    read("/proc/\(pid)/stat", limit: 2048).flatMap { ProcessEntry(stat: $0) }
  }

  /// The start time of a process; `nil` when there is none.
  static func startTime(_ pid: Int32) -> UInt64? { entry(pid)?.startTime }

  /// All processes.
  static func allPids() -> [Int32] { numbers(in: "/proc") }

  /// Children of all threads of a process; `nil` when the kernel does not tell
  /// (`CONFIG_PROC_CHILDREN`).
  static func children(of pid: Int32) -> [Int32]? {
    var children: [Int32] = []
    for thread in numbers(in: "/proc/\(pid)/task") {
      guard let text = read("/proc/\(pid)/task/\(thread)/children", limit: 1 << 20) else {
        // A thread that has just ended is no reason to doubt the kernel.
        if errno == ENOENT, access("/proc/self/task/\(getpid())/children", F_OK) != 0 { return nil }
        continue
      }
      children += text.split(separator: UInt8(ascii: " ")).compactMap {
        Int32(String(decoding: $0, as: UTF8.self))
      }
    }
    return children
  }

  /// Children of ours that were orphaned to us, with others; `nil` when that cannot be told cheaply.
  ///
  /// The kernel gives orphans to the first living thread of a subreaper (find_new_reaper in
  /// kernel/exit.c), which is the main thread unless it has ended. Both files stay open, because
  /// this is read at every end of a process.
  static func childrenOfMainThread() -> [Int32]? {
    guard let stat = ownStat.read(), let entry = ProcessEntry(stat: stat), !isZombie(entry),
      let children = ownChildren.read()
    else { return nil }
    return children.split(separator: UInt8(ascii: " ")).compactMap {
      Int32(String(decoding: $0, as: UTF8.self))
    }
  }

  private static func isZombie(_ entry: ProcessEntry) -> Bool {
    entry.state == UInt8(ascii: "Z") || entry.state == UInt8(ascii: "X")
  }

  private static let ownStat = OpenFile("/proc/self/task/\(getpid())/stat")
  private static let ownChildren = OpenFile("/proc/self/task/\(getpid())/children")

  /// A file of procfs that is kept open and read from its start each time.
  private struct OpenFile: Sendable {
    let descriptor: Int32

    init(_ path: String) { descriptor = open(path, O_RDONLY | O_CLOEXEC) }

    /// The content; `nil` when it cannot be read, or is longer than one read gives.
    func read() -> [UInt8]? {
      let limit = 4000
      var count = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
        count = pread(descriptor, buffer.baseAddress, limit, 0)
        filled = max(0, count)
      }
      return count >= 0 && count < limit - 100 ? bytes : nil
    }
  }

  /// The environment that a process was started with, as it is now in its memory, `name=value`
  /// separated by NUL; `nil` when it may not be read.
  static func environment(of pid: Int32) -> [UInt8]? {
    read("/proc/\(pid)/environ", limit: 1 << 20)
  }

  /// The limits of a process as a table; `nil` when there is none.
  static func limits(of pid: Int32) -> [UInt8]? { read("/proc/\(pid)/limits", limit: 8192) }

  /// The command line of a process with spaces between the arguments, else its name; at most 200
  /// bytes.
  static func command(of pid: Int32) -> String {
    var line = read("/proc/\(pid)/cmdline", limit: 200) ?? []
    while line.last == 0 { line.removeLast() }
    if line.isEmpty {
      line = read("/proc/\(pid)/comm", limit: 200) ?? []
      while line.last == 0x0A { line.removeLast() }
    }
    return String(decoding: line.map { $0 == 0 ? 0x20 : $0 }, as: UTF8.self)
  }

  /// The id of this boot of the machine (random(4)); empty when the kernel does not tell.
  static func bootID() -> String {
    let text = read("/proc/sys/kernel/random/boot_id", limit: 64) ?? []
    return String(decoding: text.prefix { $0 != 0x0A }, as: UTF8.self)
  }

  private static func read(_ path: String, limit: Int) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    while bytes.count < limit {
      let size = min(4096, limit - bytes.count)
      var count = 0
      let chunk = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
        count = Glibc.read(descriptor, buffer.baseAddress, size)
        filled = max(0, count)
      }
      if count < 0 && errno == EINTR { continue }
      if count < 0 { return nil }
      if count == 0 { break }
      if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
    }
    return bytes
  }

  private static func numbers(in directory: String) -> [Int32] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var numbers: [Int32] = []
    while let entry = readdir(stream) {
      let number = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: 256) { text -> Int32? in
          guard (0x30...0x39).contains(text.pointee) else { return nil }
          return Int32(atoi(text))
        }
      }
      if let number { numbers.append(number) }
    }
    return numbers
  }
}
