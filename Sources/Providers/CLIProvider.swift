// `cli`: any program that takes a prompt on its command line or in a file.

import Core
import EvalFiles
import EventLoop
import Supervisor

/// Runs a command of the user's for each test.
struct CLIProvider: Provider {
  /// Largest answer that is read, in bytes.
  static let answerLimitBytes = 64 << 20
  /// Most of stdout and of stderr that is kept for messages, in bytes.
  static let outputLimitBytes = 256 << 10
  /// Longest command line that Linux takes as one argument, MAX_ARG_STRLEN, less its final NUL.
  static let commandLimitBytes = 131_071
  /// Longest error text that goes into a row, in characters.
  static let errorTextLimit = 4000

  let promptStyle = PromptStyle.agent
  let configuration: CLIConfiguration
  let log: (@Sendable (String) -> Void)?
  private let health = HealthGate()

  init(configuration: CLIConfiguration, log: (@Sendable (String) -> Void)? = nil) {
    self.configuration = configuration
    self.log = log
  }

  func invoke(_ request: ProviderRequest) async throws(ProviderError) -> ProviderResponse {
    if Task.isCancelled { throw .cancelled }
    if request.test.workspace?.value.makesDirectory == true, request.workingDirectory == nil {
      throw ProviderError(
        .unavailable,
        "test '\(request.test.id)' asks for a workspace and has none; it is not run, so that "
          + "target '\(configuration.targetName)' changes nothing in \(request.test.directory)")
    }
    try await passHealthCheck(request)
    let files = try TemporaryFiles(request, areKept: configuration.keepsTemporaryFiles)
    defer { files.remove() }
    let command = try render(configuration.command, request, files)
    let answersInFile = CLITemplate.placeholders(in: configuration.command).contains("OUTPUT_FILE")
    let directory = directory(request)
    if configuration.isVerbose {
      log?("[cli-provider:\(configuration.targetName)] cwd=\(directory) command=\(command)")
    }
    let limit = limit(request)
    let result = try await run(
      command, request, directory: directory, timeout: limit?.duration,
      outputLimit: answersInFile ? Self.outputLimitBytes : Self.answerLimitBytes)
    if result.timedOut {
      throw ProviderError(
        .timedOut,
        "CLI provider timed out after \(Self.seconds(limit?.duration)) s\(limit?.source ?? "")")
    }
    if result.stopped || Task.isCancelled { throw .cancelled }
    guard result.exit.isSuccess else { throw Self.error(result) }
    var response = CLIAnswer.parse(
      try answersInFile ? answer(files.output) : Self.answer(result.stdout))
    if response.metrics.durationMS == nil {
      response.metrics.durationMS = Self.milliseconds(result.duration)
    }
    return response
  }

  // MARK: Commands

  func run(
    _ command: String, _ request: ProviderRequest, directory: String, timeout: Duration?,
    outputLimit: Int
  ) async throws(ProviderError) -> ProcessResult {
    guard command.utf8.count <= Self.commandLimitBytes else {
      throw ProviderError(
        .configuration,
        "the command of target '\(configuration.targetName)' is \(command.utf8.count) bytes long "
          + "with the prompt in it, the system takes \(Self.commandLimitBytes); use {PROMPT_FILE} "
          + "instead of {PROMPT}")
    }
    let spec = ProcessSpec(
      executable: "/bin/sh", arguments: ["-c", command], environment: request.environment,
      workingDirectory: directory, output: .capture(limitBytes: outputLimit),
      cookie: [("AGENTV_TEST_ID", request.test.id.replacing("\0", with: ""))])
    do {
      return try await Supervisor.shared.run(spec, timeout: timeout)
    } catch {
      if error.code == .stopping || Task.isCancelled { throw .cancelled }
      let code: ProviderError.Code =
        switch error.code {
        case .badWorkingDirectory, .badArgument: .configuration
        default: .failed
        }
      throw ProviderError(code, "target '\(configuration.targetName)': \(error.description)")
    }
  }

  func render(
    _ template: String, _ request: ProviderRequest, _ files: TemporaryFiles,
    inputFiles: [String]? = nil
  ) throws(ProviderError) -> String {
    if template.contains("{PROMPT_FILE}") {
      do {
        try FileIO.write(files.prompt, Array(request.prompt.utf8))
      } catch {
        throw ProviderError(.failed, error.description)
      }
    }
    guard !template.contains("{PROMPT}") || !request.prompt.utf8.contains(0) else {
      throw ProviderError(
        .configuration,
        "the prompt holds a NUL character, which no command line can; use {PROMPT_FILE} instead of "
          + "{PROMPT} in the command of target '\(configuration.targetName)'")
    }
    return CLITemplate.render(
      template,
      [
        "PROMPT": CLITemplate.quoted(request.prompt),
        "PROMPT_FILE": CLITemplate.quoted(files.prompt),
        "OUTPUT_FILE": CLITemplate.quoted(files.output),
        "EVAL_ID": CLITemplate.quoted(request.test.id),
        "ATTEMPT": CLITemplate.quoted(String(request.attempt)),
        "FILES": CLITemplate.files(
          inputFiles ?? request.test.inputFiles, format: configuration.filesFormat),
      ])
  }

  func directory(_ request: ProviderRequest) -> String {
    request.workingDirectory
      ?? configuration.cwd.map { Path.absolute($0, in: request.test.directory) }
      ?? request.test.directory
  }

  /// The shorter of the target's and the run's limit, with the name of the one it is.
  func limit(_ request: ProviderRequest) -> (duration: Duration, source: String)? {
    switch (configuration.timeout, request.timeout) {
    case (let own?, let run?) where run < own: (run, " (--agent-timeout)")
    case (let own?, _): (own, "")
    case (nil, let run?): (run, " (--agent-timeout)")
    case (nil, nil): nil
    }
  }

  // MARK: Health

  /// Waits for the health check of the target, if it has one.
  func passHealthCheck(_ request: ProviderRequest) async throws(ProviderError) {
    guard configuration.healthCheck != nil else { return }
    try await health.pass { () async throws(ProviderError) in try await checkHealth(request) }
  }

  private func checkHealth(_ request: ProviderRequest) async throws(ProviderError) {
    let name = configuration.targetName
    var command: String
    var directory = directory(request)
    let timeout: Duration?
    switch configuration.healthCheck {
    case nil: return
    case .command(let template, let cwd, let limit):
      var probe = request
      probe.prompt = ""
      probe.test.id = "healthcheck"
      let files = try TemporaryFiles(probe, areKept: false)
      defer { files.remove() }
      command = try render(template, probe, files, inputFiles: [])
      if let cwd { directory = Path.absolute(cwd, in: request.test.directory) }
      timeout = limit ?? configuration.timeout
    case .url(let url, let limit):
      return try await HealthURL(
        url: url, timeout: limit ?? configuration.timeout ?? .seconds(30), targetName: name
      ).check(request.environment)
    }
    let result = try await run(
      command, request, directory: directory, timeout: timeout,
      outputLimit: Self.outputLimitBytes)
    if result.timedOut {
      throw ProviderError(
        .configuration,
        "CLI healthcheck failed for '\(name)': timed out after \(Self.seconds(timeout)) s")
    }
    if result.stopped || Task.isCancelled { throw .cancelled }
    guard result.exit.isSuccess else {
      throw ProviderError(
        .configuration,
        "CLI healthcheck failed for '\(name)': "
          + Self.failure(result, "CLI healthcheck command exited with code"))
    }
  }

  // MARK: Answers

  func answer(_ path: String) throws(ProviderError) -> [UInt8] {
    if let status = FileIO.status(path), status.kind != .file {
      throw ProviderError(
        .badAnswer, "Failed to read output file '\(path)': it is not a regular file")
    }
    do {
      return try FileIO.read(path, limitBytes: Self.answerLimitBytes)
    } catch {
      let hint =
        error.isMissing
        ? "; the command must write its answer to {OUTPUT_FILE}"
        : "; an answer may have \(Self.answerLimitBytes >> 20) MiB at most"
      throw ProviderError(.badAnswer, "Failed to read output file '\(path)': \(error)\(hint)")
    }
  }

  static func answer(_ output: CapturedOutput) throws(ProviderError) -> [UInt8] {
    guard output.cutBytes == 0 else {
      throw ProviderError(
        .badAnswer,
        "the command wrote more than \(answerLimitBytes >> 20) MiB to stdout, which is its answer "
          + "without {OUTPUT_FILE}")
    }
    return output.bytes.last == 0x0A ? output.bytes.dropLast() : output.bytes
  }

  /// The error of a command that failed; one that the shell did not find (POSIX: 126, 127) will not
  /// be there the next time.
  static func error(_ result: ProcessResult) -> ProviderError {
    let isMissing = [126, 127].contains(result.exit.shellCode)
    return ProviderError(
      isMissing ? .configuration : .failed, failure(result, "CLI exited with code"))
  }

  /// stderr, else stdout, and the exit code.
  static func failure(_ result: ProcessResult, _ silent: String) -> String {
    let code = result.exit.shellCode
    let stderr = result.stderr.text.trimmed
    var detail = stderr.isEmpty ? result.stdout.text.trimmed : stderr
    if detail.isEmpty { return "\(silent) \(code)" }
    if detail.count > errorTextLimit {
      let half = errorTextLimit / 2
      detail =
        "\(detail.prefix(half))\n[\(detail.count - 2 * half) characters left out]\n"
        + detail.suffix(half)
    }
    return "\(detail) (exit code \(code))"
  }

  static func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }

  static func seconds(_ duration: Duration?) -> String {
    let milliseconds = milliseconds(duration ?? .zero)
    return milliseconds % 1000 == 0
      ? String(milliseconds / 1000) : String(Double(milliseconds) / 1000)
  }
}

/// The files of one call, with names that nobody can guess and no id can break.
struct TemporaryFiles {
  let prompt: String
  let output: String
  private let areKept: Bool

  /// Names for the files of a call; with `areKept` they outlive it, in the system's temporary
  /// directory.
  init(_ request: ProviderRequest, areKept: Bool) throws(ProviderError) {
    self.areKept = areKept
    let directory: String
    if areKept {
      directory = request.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    } else {
      do throws(FileError) {
        directory = try ScratchDirectory.shared.path()
      } catch {
        throw ProviderError(.failed, error.description)
      }
    }
    let name = String(
      request.test.id.unicodeScalars.prefix(60).map { scalar -> Character in
        let isSafe =
          scalar == "." || scalar == "_" || scalar == "-" || (0x30...0x39).contains(scalar.value)
          || (0x41...0x5A).contains(scalar.value & ~0x20)
        return isSafe && scalar.isASCII ? Character(scalar) : "_"
      })
    let random = String(UInt64.random(in: 0 ... .max), radix: 36)
    let base = Path.join(
      directory, "agentv-\(name)-\(Timestamp.now().millisecondsSinceEpoch)-\(random)")
    prompt = base + ".prompt.txt"
    output = base + ".json"
  }

  func remove() {
    if areKept { return }
    try? FileIO.remove(prompt)
    try? FileIO.remove(output)
  }
}
