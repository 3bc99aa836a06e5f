import Glibc

/// Why the loop could not watch something.
public struct EventLoopError: Error, Sendable, CustomStringConvertible {
  /// The closed set of causes.
  public enum Code: String, Sendable {
    /// The signal cannot be caught or does not exist.
    case signal
    /// The descriptor is not open or cannot be polled (a regular file).
    case descriptor
    /// The file or directory cannot be watched.
    case watch
    /// A limit of the system on watches was reached.
    case watchLimit
  }

  /// The cause.
  public let code: Code
  /// What could not be watched.
  public let object: String
  /// The error number of the system, 0 when there is none.
  public let errno: Int32

  /// What failed, on what, why, and what helps.
  public var description: String {
    let cause = errno == 0 ? "" : ": \(errnoText(errno))"
    switch code {
    case .signal: return "cannot catch signal \(object)\(cause)"
    case .descriptor: return "cannot watch descriptor \(object)\(cause)"
    case .watch: return "cannot watch \"\(object)\"\(cause)"
    case .watchLimit:
      return """
        cannot watch "\(object)"\(cause); raise fs.inotify.max_user_watches or \
        fs.inotify.max_user_instances
        """
    }
  }
}
