import CShims
import Glibc

/// Tells the service manager how this process is doing, as sd_notify(3) does, without its library.
///
/// One datagram for each message to the socket that `NOTIFY_SOCKET` names. Nothing waits: a message
/// that the manager has no room for is sent again a little later, in order. While the watchdog is
/// on, the loop itself says that it lives, so a loop that hangs is found out.
@LoopActor
public final class ServiceNotifier {
  /// Variables of the manager that concern this process only: no child may speak in its name.
  public nonisolated static let variables = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]
  /// Time after which a message is sent again that found the manager's queue full.
  static let retryInterval = Duration.milliseconds(100)

  private let address: String
  private let watchdogInterval: Duration?
  private var waiting: [String] = []
  private var watchdog: LoopTimer?
  private var retry: LoopTimer?
  private var hasFailed = false

  /// A notifier, or `nil` when no service manager waits for messages.
  ///
  /// - Parameter environment: of this process, as it was started.
  public init?(environment: [String: String]) {
    guard let address = environment["NOTIFY_SOCKET"], !address.isEmpty else { return nil }
    self.address = address
    watchdogInterval = Self.watchdogInterval(environment, processID: getpid())
    retry = LoopTimer { [weak self] in self?.flush() }
  }

  /// Half of the time that the manager waits, as sd_watchdog_enabled(3) advises; `nil` without a
  /// watchdog, or with one of another process.
  nonisolated static func watchdogInterval(
    _ environment: [String: String], processID: Int32
  ) -> Duration? {
    if let owner = environment["WATCHDOG_PID"], Int32(owner) != processID { return nil }
    guard let micros = environment["WATCHDOG_USEC"].flatMap({ Int64($0) }), micros > 0 else {
      return nil
    }
    return .microseconds(micros) / 2
  }

  /// Says that the service can be used, and starts to answer for its life.
  ///
  /// - Parameter status: one line for `systemctl status`.
  public func ready(status: String) {
    send(["READY=1", "MAINPID=\(getpid())", "STATUS=\(Self.line(status))"])
    guard let watchdogInterval, watchdog == nil else { return }
    let timer = LoopTimer { [weak self] in self?.send(["WATCHDOG=1"]) }
    timer.schedule(every: watchdogInterval)
    watchdog = timer
  }

  /// Says that the service has begun to end.
  ///
  /// - Parameters:
  ///   - status: one line for `systemctl status`.
  ///   - limit: the longest time that the end takes; the manager waits so long even when
  ///     `TimeoutStopSec` is shorter.
  public func stopping(status: String, within limit: Duration) {
    let micros = (limit.components.seconds + 1) * 1_000_000
    send(["STOPPING=1", "EXTEND_TIMEOUT_USEC=\(micros)", "STATUS=\(Self.line(status))"])
  }

  /// Changes the line of `systemctl status`.
  ///
  /// - Parameter text: one line.
  public func status(_ text: String) { send(["STATUS=\(Self.line(text))"]) }

  /// A line end would begin another assignment.
  private nonisolated static func line(_ text: String) -> String {
    String(text.unicodeScalars.map { $0.value < 0x20 ? " " : Character($0) })
  }

  private func send(_ assignments: [String]) {
    // What waits is overtaken by nothing; of messages that only say "alive" one is enough.
    let message = assignments.joined(separator: "\n")
    if !waiting.contains(message) { waiting.append(message) }
    flush()
  }

  private func flush() {
    while let message = waiting.first {
      switch agentv_send_datagram(address, message) {
      case 0: waiting.removeFirst()
      case EAGAIN, ENOBUFS, ENOMEM, EMFILE, ENFILE:
        retry?.schedule(after: Self.retryInterval)
        return
      case let failure:
        waiting.removeAll()
        fail(failure)
      }
    }
  }

  /// Said once: the service works without its manager, which gives up on it after `TimeoutStartSec`.
  private func fail(_ code: Int32) {
    guard !hasFailed else { return }
    hasFailed = true
    Libevent.report(
      "cannot notify the service manager at NOTIFY_SOCKET \"\(address)\": \(errnoText(code)); "
        + "a path or @NAME of a datagram socket is needed")
  }
}
