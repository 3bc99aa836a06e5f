// What `agentv studio` was asked to do.

import EventLoop

/// Settings of one server.
public struct StudioConfiguration: Sendable {
  /// The project's directory, absolute.
  public var project: String
  /// Run directory or index given on the command line; only told at the start.
  public var source: String?
  /// Address to listen on.
  public var host: String
  /// Port to listen on; 0 lets the system choose.
  public var port: Int
  /// Whether everything that changes something is refused.
  public var isReadOnly = false
  /// Whether the pages show one project or all registered ones.
  public var mode = StudioMode.automatic
  /// Jobs that run at the same time; the rest wait in `starting`.
  public var maximumJobs = 4
  /// Time from a stop until SIGKILL.
  public var stopGrace: Duration = .seconds(10)
  /// What becomes of the runs when the server is ended by a signal.
  public var onExit = OnExit.stop
  /// What every request must carry; `nil` for none.
  public var token: String?
  /// Absolute path of the chain of certificates, PEM; `nil` for plain HTTP.
  public var certificateFile: String?
  /// Absolute path of the certificate's private key, PEM.
  public var keyFile: String?
  /// Absolute path of the file that the token was read from; `nil` when not from a file.
  public var tokenFile: String?
  /// Whether the token was given where others can see it.
  public var isTokenOnCommandLine = false
  /// More names under which the server is reached, `name` or `name:port`.
  public var allowedHosts: [String] = []
  /// Whether listening beyond this machine without a token is wanted.
  public var isInsecure = false
  /// Directory with `index.html` and `assets`.
  public var webRoot: String
  /// The `agentv` executable, for holders.
  public var executable: String
  /// Variables of this process; runs inherit them, without the Studio's own.
  public var environment: [String: String]

  /// Settings with the defaults of the command.
  /// - Parameters:
  ///   - project: the project's directory, absolute.
  ///   - host: address to listen on.
  ///   - port: 0...65535.
  ///   - webRoot: directory with `index.html` and `assets`.
  ///   - executable: the `agentv` executable.
  ///   - environment: variables of this process.
  public init(
    project: String, host: String = "127.0.0.1", port: Int = defaultPort, webRoot: String,
    executable: String, environment: [String: String]
  ) {
    self.project = project
    self.host = host
    self.port = port
    self.webRoot = webRoot
    self.executable = executable
    self.environment = environment
  }

  /// The port when neither the flag nor `PORT` tells one.
  public static let defaultPort = 3117
  /// Variable that holds the token, so that it is not on a command line that others can read.
  public static let tokenVariable = "AGENTV_STUDIO_TOKEN"

  /// Tokens with fewer characters are warned of: 16 hexadecimal digits are 64 bits.
  static let shortToken = 16

  /// Environment of the runs: ours without what concerns the server only.
  var runEnvironment: [String: String] {
    var environment = environment
    environment[Self.tokenVariable] = nil
    environment["PORT"] = nil
    for name in ServiceNotifier.variables { environment[name] = nil }
    return environment
  }
}

/// Why the server could not start.
public struct StudioError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong and what helps.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Whether the pages show one project or all registered ones.
public enum StudioMode: Sendable, Hashable {
  /// All of them when more than one is registered.
  case automatic
  /// Only the server's own.
  case single
  /// All of them.
  case multi

  /// Whether all projects are shown.
  /// - Parameter count: number of registered projects.
  /// - Returns: whether they are.
  func isMulti(registered count: Int) -> Bool {
    switch self {
    case .automatic: count > 1
    case .single: false
    case .multi: true
    }
  }
}

/// What becomes of the runs when the server is ended by a signal.
public enum OnExit: String, Sendable, Hashable, CaseIterable {
  /// They are stopped so that they can be resumed.
  case stop
  /// They go on, and the next server adopts them.
  case detach
}
