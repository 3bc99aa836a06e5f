import CLibevent
import Glibc

/// Process-wide set-up of libevent, and what is known about the library that was loaded.
public enum Libevent {
  /// The version of the loaded library, such as "2.1.12-stable".
  public static var version: String { String(cString: event_get_version()) }

  /// A line that warns of a libevent without the security fixes of 2.1.13, or nil.
  ///
  /// Distributions backport them without a new version number, so what is looked for is a function
  /// that came with them (CVE-2026-63382 and others).
  public static var securityWarning: String? {
    if dlsym(nil, "evhttp_check_transfer_encoding_") != nil { return nil }
    return """
      warning: libevent \(version) lacks the security fixes of 2.1.13 (CVE-2026-63382 and others); \
      install the newest libevent of your distribution (Debian 12: 2.1.12-stable-8+deb12u1 or newer)
      """
  }

  /// Must run before the first `event_base` is made: locks, and what libevent says and how it ends.
  static func prepare() {
    evthread_use_pthreads()
    event_set_log_callback { severity, message in
      guard severity >= EVENT_LOG_WARN, let message else { return }
      Libevent.report(String(cString: message))
    }
    event_set_fatal_callback { code in Libevent.die("fatal error \(code)") }
  }

  /// Writes one line to standard error, or drops it when nobody reads there: a full pipe must not
  /// stop the loop.
  package static func report(_ message: String) {
    var entry = pollfd(fd: 2, events: Int16(POLLOUT), revents: 0)
    guard poll(&entry, 1, 0) == 1 else { return }
    // A pipe that is ready takes this much without blocking (pipe(7), PIPE_BUF).
    let line = Array("libevent: \(message)".utf8.prefix(Int(PIPE_BUF) - 1)) + [UInt8(ascii: "\n")]
    _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
  }

  /// Ends the process: the loop is the server, without it nothing can be answered or saved.
  package static func die(_ message: String) -> Never {
    report(message)
    abort()
  }
}

package func errnoText(_ code: Int32) -> String { String(cString: strerror(code)) }
