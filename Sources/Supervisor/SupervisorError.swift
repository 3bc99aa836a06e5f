// Why a process could not be started.

import Glibc

/// A process that could not be started.
public struct SupervisorError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What stood in the way.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// No such executable, or none of that name in `PATH`.
    case executableNotFound = "executable-not-found"
    /// It is there, but it may not be executed or is in no format that the system runs.
    case notExecutable = "not-executable"
    /// The working directory is missing, or no directory.
    case badWorkingDirectory = "bad-working-directory"
    /// An argument or a variable that no process can be given (a NUL byte, too long).
    case badArgument = "bad-argument"
    /// The system has no more processes, descriptors or memory for us.
    case outOfResources = "out-of-resources"
    /// Starts are refused because everything is being stopped.
    case stopping = "stopping"
  }

  /// What stood in the way.
  public let code: Code
  /// The executable as it was asked for.
  public let executable: String
  /// The system's error number, if there was one (errno(3)).
  public let errno: Int32?
  /// What failed, on what, and the remedy.
  public let description: String

  init(_ code: Code, _ executable: String, errno: Int32? = nil, _ text: String) {
    self.code = code
    self.executable = executable
    self.errno = errno
    let cause = errno.map { ": \(String(cString: strerror($0)))" } ?? ""
    description = "cannot start \"\(executable)\"\(cause); \(text)"
  }

  /// The error of a start that a cancelled task asked for.
  public init(stoppedBefore executable: String) {
    self.init(.stopping, executable, "its task was cancelled before the start")
  }

  /// What a shell exits with: 127 when the executable is missing, else 126 (POSIX.1-2024, 2.8.2).
  public var shellCode: Int { code == .executableNotFound ? 127 : 126 }
}
