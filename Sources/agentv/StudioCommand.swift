import ArgumentParser
import Core
import EventLoop
import Studio

/// `agentv studio [SOURCE]`, also called `agentv serve`.
struct StudioCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "studio", abstract: "Serve the web dashboard and its HTTP API.",
    discussion: """
      Prints the address when it is ready. Ctrl+C stops every run so that it can be resumed, then \
      the server; a second one kills.

      Examples:
        agentv studio
        agentv studio --port 0 --dir ~/project
        AGENTV_STUDIO_TOKEN=... agentv studio --host 0.0.0.0
        agentv studio --host 0.0.0.0 --token-file token --tls-cert chain.pem --tls-key key.pem

      Exit codes: 0 ended by SIGINT or SIGTERM; 1 it could not start.
      """,
    aliases: ["serve"])

  @Argument(help: "A run directory or its index.jsonl to start from.")
  var source: String?

  @Option(
    name: [.short, .long],
    help: "Port to listen on; 0 lets the system choose. Default: PORT, else 3117.")
  var port: Int?

  @Option(help: "Address to listen on. Any but a loopback one needs --token.")
  var host = "127.0.0.1"

  @Option(name: [.short, .customLong("dir")], help: "The project's directory.")
  var directory = "."

  @Flag(help: "Refuse everything that starts, stops or changes something.")
  var readOnly = false

  @Option(help: "Runs at the same time; the rest wait.")
  var maxJobs = 4

  @Option(help: "Seconds from a stop until what ignores it is killed.")
  var stopGrace = 10.0

  @Option(
    help: "What a signal that ends the server does to the runs: stop, or detach: they go on.")
  var onExit = OnExitWord.stop

  @Option(help: "Require this token; AGENTV_STUDIO_TOKEN and --token-file are not seen by others.")
  var token: String?

  @Option(help: "Require the token in the first line of this file.")
  var tokenFile: String?

  @Option(help: "Speak HTTPS with this chain of certificates (PEM, the server's own first).")
  var tlsCert: String?

  @Option(help: "The certificate's private key (PEM, not encrypted).")
  var tlsKey: String?

  @Option(help: "Another name of this server, NAME or NAME:PORT; repeatable.")
  var allowHost: [String] = []

  @Flag(help: "Listen beyond this machine without a token.")
  var insecureNoAuth = false

  @Option(help: "Directory of the web pages.")
  var webRoot: String?

  @Flag(help: "Show this project only, however many are registered.")
  var single = false

  @Flag(help: "Show all registered projects. Deprecated: it follows from their number.")
  var multi = false

  @Option(help: "Register the project in this directory, print its id and exit.")
  var add: String?

  @Option(help: "Take the project of this id out of the registry and exit.")
  var remove: String?

  func run() async throws {
    do {
      if add != nil || remove != nil { return try changeRegistry() }
      if multi {
        StandardStream.error.write(
          "Warning: --multi is deprecated; the mode follows from the number of registered "
            + "projects.\n")
      }
      let server = try await StudioServer(try settings())
      try await server.start()
      for notice in await server.notices { StandardStream.error.write("Warning: \(notice)\n") }
      if let warning = Libevent.securityWarning { StandardStream.error.write(warning + "\n") }
      for warning in await server.warnings() { StandardStream.error.write(warning + "\n") }
      StandardStream.output.write(await server.banner())
      ProcessEnvironment.exitNow(await server.waitForEnd())
    } catch {
      Self.fail(error)
    }
  }

  /// `--add` and `--remove`.
  private func changeRegistry() throws {
    let registry = BenchmarkRegistry(home: ProcessEnvironment.current()["HOME"] ?? "/")
    if let add {
      let path = Path.absolute(add, in: FileIO.workingDirectory)
      let benchmark = try registry.add(path, at: .now())
      StandardStream.output.write("Added benchmark: \(benchmark.id) (\(benchmark.path))\n")
    }
    if let remove {
      guard try registry.remove(remove) else {
        throw ValidationError("no benchmark is called \"\(remove)\"")
      }
      StandardStream.output.write("Removed benchmark: \(remove)\n")
    }
  }

  private static func fail(_ error: any Error) -> Never {
    StandardStream.error.write("Error: \(error)\n")
    ProcessEnvironment.exitNow(1)
  }

  private func settings() throws -> StudioConfiguration {
    let environment = ProcessEnvironment.current()
    let workingDirectory = FileIO.workingDirectory
    let executable = FileIO.readLink("/proc/self/exe") ?? CommandLine.arguments[0]
    var configuration = StudioConfiguration(
      project: Path.absolute(directory, in: workingDirectory), host: host,
      port: try listenPort(environment),
      webRoot: webRoot.map { Path.absolute($0, in: workingDirectory) }
        ?? Self.webRoot(beside: executable),
      executable: executable, environment: environment)
    configuration.source = source.map { Path.absolute($0, in: workingDirectory) }
    configuration.isReadOnly = readOnly
    configuration.mode = single ? .single : multi ? .multi : .automatic
    configuration.maximumJobs = try check("--max-jobs", maxJobs, in: 1...1000)
    let grace = try check("--stop-grace", stopGrace, in: 0...86400)
    configuration.stopGrace = .milliseconds(Int(grace * 1000))
    configuration.onExit = onExit.onExit
    configuration.token =
      try tokenOfFile(in: workingDirectory) ?? nonEmpty(token)
      ?? nonEmpty(environment[StudioConfiguration.tokenVariable])
    configuration.isTokenOnCommandLine = nonEmpty(token) != nil
    configuration.tokenFile = tokenFile.map { Path.absolute($0, in: workingDirectory) }
    configuration.certificateFile = tlsCert.map { Path.absolute($0, in: workingDirectory) }
    configuration.keyFile = tlsKey.map { Path.absolute($0, in: workingDirectory) }
    configuration.allowedHosts = allowHost
    configuration.isInsecure = insecureNoAuth
    return configuration
  }

  private func tokenOfFile(in workingDirectory: String) throws -> String? {
    guard let tokenFile else { return nil }
    guard token == nil else { throw ValidationError("give --token or --token-file, not both") }
    let path = Path.absolute(tokenFile, in: workingDirectory)
    return try StudioConfiguration.token(inFile: path)
  }

  private func listenPort(_ environment: [String: String]) throws -> Int {
    if let port { return try check("--port", port, in: 0...65535) }
    guard let text = nonEmpty(environment["PORT"]) else { return StudioConfiguration.defaultPort }
    guard let port = Int(text) else {
      throw ValidationError("PORT must be a number from 0 to 65535; it is \"\(text)\"")
    }
    return try check("PORT", port, in: 0...65535)
  }

  private func check<Value: Comparable>(
    _ name: String, _ value: Value, in range: ClosedRange<Value>
  ) throws -> Value {
    guard range.contains(value) else {
      throw ValidationError(
        "\(name) must be from \(range.lowerBound) to \(range.upperBound); it is \(value)")
    }
    return value
  }

  private func nonEmpty(_ text: String?) -> String? { text?.isEmpty == false ? text : nil }

  /// The pages of this build, or those of an installation.
  private static func webRoot(beside executable: String) -> String {
    let directory = Path.directory(executable)
    let candidates = [
      "\(directory)/agentv_Studio.resources/public",
      Path.normalize("\(directory)/../share/agentv/web"),
    ]
    return candidates.first { FileIO.isFile("\($0)/index.html") } ?? candidates[0]
  }
}

/// The words of `--on-exit`.
enum OnExitWord: String, ExpressibleByArgument, CaseIterable {
  case stop, detach

  var onExit: OnExit { self == .stop ? .stop : .detach }
}
