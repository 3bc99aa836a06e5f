// Standard output and error without stdio's buffers, and what is known about the terminal.

import Glibc

/// One of the two standard output streams.
public enum StandardStream: Int32, Sendable, Hashable {
  /// Descriptor 1.
  case output = 1
  /// Descriptor 2.
  case error = 2

  /// Writes all bytes.
  ///
  /// A reader that has gone away is no error worth stopping a run for: what cannot be written is
  /// lost. Blocks while the reader does not read.
  /// - Parameter bytes: UTF-8 text, usually whole lines.
  /// - Returns: whether everything was written.
  @discardableResult
  public func write(_ bytes: [UInt8]) -> Bool {
    var offset = 0
    while offset < bytes.count {
      let written = bytes.withUnsafeBytes { buffer in
        Glibc.write(rawValue, buffer.baseAddress?.advanced(by: offset), bytes.count - offset)
      }
      if written > 0 {
        offset += written
      } else if errno == EAGAIN {
        // Somebody else made the terminal non-blocking; wait for room.
        var entry = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
        poll(&entry, 1, -1)
      } else if errno != EINTR {
        return false
      }
    }
    return true
  }

  /// Writes a text.
  /// - Parameter text: usually whole lines.
  /// - Returns: whether everything was written.
  @discardableResult
  public func write(_ text: String) -> Bool { write(Array(text.utf8)) }

  /// Whether it is a terminal (isatty(3)).
  public var isTerminal: Bool { isatty(rawValue) == 1 }

  /// Width of the terminal in columns; `nil` when it is none or does not tell.
  public var columns: Int? {
    var size = winsize()
    guard ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}

/// What this process was started with.
public enum ProcessEnvironment {
  /// Its environment, as it was at its start (proc_pid_environ(5)); the first of two equal names
  /// counts, as for getenv(3).
  public static func current() -> [String: String] {
    let bytes = (try? FileIO.read("/proc/self/environ")) ?? []
    var variables: [String: String] = [:]
    for entry in bytes.split(separator: 0) {
      guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
      let name = String(decoding: entry[..<equals], as: UTF8.self)
      if variables[name] == nil {
        variables[name] = String(decoding: entry[(equals + 1)...], as: UTF8.self)
      }
    }
    return variables
  }

  /// Its process id.
  public static var processID: Int32 { getpid() }

  /// Whether it was started with a signal ignored, as by nohup(1) or by a shell in the background.
  /// - Parameter signal: 1…64.
  /// - Returns: whether its action was to ignore when this was asked.
  public static func ignores(_ signal: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(signal, nil, &action) == 0 else { return false }
    // SIG_IGN is the address 1 and no function, so a comparison of function pointers is not possible.
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }

  /// Raises the number of files and sockets that this process may have open (RLIMIT_NOFILE).
  ///
  /// Children inherit it, and programs that use select(2) cannot live with many: give what this
  /// returns to ``setOpenFiles(_:)`` in a child.
  /// - Parameter wanted: how many; less when the hard limit is lower.
  /// - Returns: the soft limit that was in force before.
  public static func raiseOpenFiles(to wanted: Int) -> Int {
    var limit = openFiles()
    let before = Int(clamping: limit.rlim_cur)
    if before < wanted {
      limit.rlim_cur = min(rlim_t(wanted), limit.rlim_max)
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    return before
  }

  /// Sets the soft limit of open files.
  /// - Parameter soft: how many; less when the hard limit is lower.
  public static func setOpenFiles(_ soft: Int) {
    var limit = openFiles()
    limit.rlim_cur = min(rlim_t(clamping: soft), limit.rlim_max)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  private static func openFiles() -> rlimit {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return limit
  }

  /// Ends the process at once, without running anything that was registered for its end.
  /// - Parameter code: 0…255.
  public static func exitNow(_ code: Int32) -> Never { _exit(code) }
}
