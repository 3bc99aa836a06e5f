// How a process ended, as waitid(2) tells it and as a shell reports it.

import Glibc

/// The end of a process.
public enum ExitStatus: Sendable, Hashable {
  /// It called exit with this code, 0…255.
  case exited(Int32)
  /// It was killed by this signal, 1…64.
  case signaled(Int32)

  /// The code a shell reports: the exit code, or 128 + signal (POSIX.1-2024, 2.8.2).
  public var shellCode: Int {
    switch self {
    case .exited(let code): Int(code)
    case .signaled(let signal): 128 + Int(signal)
    }
  }

  /// The signal that ended it, also when the process caught it and exited with 128 + signal
  /// itself, as interactive programs do for SIGINT, SIGTERM and SIGHUP.
  public var signal: Int32? {
    switch self {
    case .signaled(let signal): signal
    case .exited(let code):
      [SIGHUP, SIGINT, SIGTERM].contains(code - 128) ? code - 128 : nil
    }
  }

  /// The name of `signal`, for example `SIGTERM`.
  public var signalName: String? { signal.map(SignalName.of) }

  /// Whether it is exit code 0.
  public var isSuccess: Bool { self == .exited(0) }
}

/// Names of signals (signal(7)).
public enum SignalName {
  /// The name with its `SIG` prefix; `SIG<n>` for one without a name.
  public static func of(_ signal: Int32) -> String { names[signal] ?? "SIG\(signal)" }

  private static let names: [Int32: String] = [
    SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP",
    SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL",
    SIGUSR1: "SIGUSR1", SIGSEGV: "SIGSEGV", SIGUSR2: "SIGUSR2", SIGPIPE: "SIGPIPE",
    SIGALRM: "SIGALRM", SIGTERM: "SIGTERM", SIGCHLD: "SIGCHLD", SIGCONT: "SIGCONT",
    SIGSTOP: "SIGSTOP", SIGTSTP: "SIGTSTP", SIGTTIN: "SIGTTIN", SIGTTOU: "SIGTTOU",
    SIGXCPU: "SIGXCPU", SIGXFSZ: "SIGXFSZ", SIGSYS: "SIGSYS",
  ]
}
