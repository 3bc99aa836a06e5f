// The clone of a results repository: what is known of it, and how it is brought up to date
// (reference: studio-api 11). git runs as a supervised process; nothing waits for it on the loop.

import Core
import EventLoop
import RunArtifacts
import RunControl
import Supervisor

@LoopActor
final class RemoteSync {
  /// A repository that does not answer must not keep a sync for ever.
  static let timeout = Duration.seconds(120)
  /// Kept of what git says about a failure, characters.
  static let maximumError = 500

  private let environment: [String: String]
  private let worker = FileWorker("remote")
  /// Syncs under way by clone; whoever asks meanwhile gets the same one's end.
  private var waiting: [String: [Caller]] = [:]

  private struct Caller {
    var step: @LoopActor (String) -> Void
    var done: @LoopActor () -> Void
  }

  init(environment: [String: String]) { self.environment = environment }

  /// Whether a clone is being brought up to date.
  func isSyncing(_ settings: RemoteSettings) -> Bool { waiting[settings.clone] != nil }

  /// What is known of a repository; blocking.
  nonisolated static func status(_ settings: RemoteSettings?) -> JSON {
    guard let settings else {
      return [
        "configured": false, "available": false, "repo": "", "cache_dir": "", "run_count": 0,
      ]
    }
    let isAvailable = FileIO.isDirectory(settings.clone)
    let last = (try? FileIO.read(settings.statusFile, limitBytes: 65536)).flatMap {
      try? JSON.parse($0)
    }
    var object: JSONObject = [
      "configured": true, "available": .bool(isAvailable),
      "repo": .string(settings.repository),
    ]
    if let path = settings.path { object["path"] = .string(path) }
    if let push = settings.autoPush { object["auto_push"] = .bool(push) }
    if let prefix = settings.branchPrefix { object["branch_prefix"] = .string(prefix) }
    object["cache_dir"] = .string(settings.cacheDirectory)
    if let time = last?["last_synced_at"]?.string { object["last_synced_at"] = .string(time) }
    if let commit = last?["commit"]?.string { object["commit"] = .string(commit) }
    let error = last?["last_error"]?.string
    if let error { object["last_error"] = .string(error) }
    let tree = RunTree(root: settings.runsRoot, isRemote: true)
    object["run_count"] = .int(isAvailable && error == nil ? tree.runCount() : 0)
    return .object(object)
  }

  /// Clones the repository, or fetches and fast-forwards, then calls back; a failure is in the status.
  /// - Parameters:
  ///   - settings: the repository.
  ///   - step: told what git does now: `clone`, `fetch`, `checkout`.
  ///   - done: called at the end.
  func sync(
    _ settings: RemoteSettings, step: @escaping @LoopActor (String) -> Void,
    then done: @escaping @LoopActor () -> Void
  ) {
    let caller = Caller(step: step, done: done)
    if waiting[settings.clone] != nil {
      waiting[settings.clone]?.append(caller)
      return step("fetch")
    }
    waiting[settings.clone] = [caller]
    Task { await run(settings) }
  }

  private func run(_ settings: RemoteSettings) async {
    var error = await failure(settings)
    let known = settings.repository
    let commit = error == nil ? await commit(settings) : nil
    if error == nil, commit == nil {
      error = "the default branch of \(known) has no commit; push results, or set its HEAD"
    }
    let status: JSON =
      if let error {
        ["repo": .string(known), "last_error": .string(Self.shown(error, settings))]
      } else {
        [
          "repo": .string(known), "last_synced_at": .string(Timestamp.now().description),
          "commit": .optional(commit),
        ]
      }
    await withCheckedContinuation { continuation in
      worker.run {
        try? FileIO.createDirectories(settings.cacheDirectory)
        var object = status.object ?? [:]
        if object["last_synced_at"] == nil,
          let old = (try? FileIO.read(settings.statusFile, limitBytes: 65536)).flatMap({
            try? JSON.parse($0)
          })
        {
          // What the last good sync brought is still what there is.
          for name in ["last_synced_at", "commit"] { object[name] = old[name] }
        }
        try? FileIO.replace(settings.statusFile, JSON.object(object).pretty() + [0x0A])
      } then: {
        continuation.resume()
      }
    }
    for caller in waiting.removeValue(forKey: settings.clone) ?? [] { caller.done() }
  }

  /// What went wrong; `nil` when the clone is up to date.
  private func failure(_ settings: RemoteSettings) async -> String? {
    let clone = settings.clone
    let isThere = await withCheckedContinuation { continuation in
      worker.run {
        try? FileIO.createDirectories(settings.cacheDirectory)
        return FileIO.isDirectory(Path.join(clone, ".git"))
      } then: {
        continuation.resume(returning: $0)
      }
    }
    let steps: [[String]] =
      isThere
      ? [
        ["-C", clone, "fetch", "--prune", "--filter=blob:none", "origin"],
        ["-C", clone, "remote", "set-head", "origin", "--auto"],
        ["-C", clone, "checkout", "--quiet", "--detach", "origin/HEAD"],
      ] : [["clone", "--quiet", "--filter=blob:none", "--", settings.url, clone]]
    for step in steps {
      let verb = Self.verb(step)
      if verb != "remote" { for caller in waiting[clone] ?? [] { caller.step(verb) } }
      if let error = await git(step, in: settings.cacheDirectory) { return error }
    }
    return nil
  }

  private func git(_ arguments: [String], in directory: String) async -> String? {
    do throws(SupervisorError) {
      let result = try await Supervisor.shared.run(
        spec(arguments, in: directory), timeout: Self.timeout)
      if result.exit == .exited(0) { return nil }
      let said = trim(result.stderr.text.isEmpty ? result.stdout.text : result.stderr.text)
      if result.timedOut {
        return "git \(Self.verb(arguments)) took longer than 120 s and was stopped. \(said)"
      }
      return said.isEmpty
        ? "git \(Self.verb(arguments)) ended with exit code \(result.exit.shellCode)" : said
    } catch {
      return error.description
    }
  }

  /// The commit that the clone shows; `nil` when git cannot tell.
  private func commit(_ settings: RemoteSettings) async -> String? {
    let result = try? await Supervisor.shared.run(
      spec(["-C", settings.clone, "rev-parse", "HEAD"], in: settings.cacheDirectory),
      timeout: Self.timeout)
    guard let result, result.exit == .exited(0) else { return nil }
    return trim(result.stdout.text)
  }

  /// How far the clone is from its repository as it was last fetched.
  ///
  /// A run that is pushed fetches as well. Empty when git cannot tell.
  func distance(_ settings: RemoteSettings) async -> JSON {
    let result = try? await Supervisor.shared.run(
      spec(
        [
          "-C", settings.clone, "rev-list", "--left-right", "--count",
          "HEAD...refs/remotes/origin/HEAD",
        ], in: settings.cacheDirectory), timeout: Self.timeout)
    guard let result, result.exit == .exited(0) else { return [:] }
    let counts = result.stdout.text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    guard counts.count == 2 else { return [:] }
    return ["ahead": .int(counts[0]), "behind": .int(counts[1])]
  }

  private func spec(_ arguments: [String], in directory: String) -> ProcessSpec {
    var environment = environment
    // Nobody is there to be asked for a password.
    environment["GIT_TERMINAL_PROMPT"] = "0"
    environment["GIT_ASKPASS"] = "true"
    environment["GIT_SSH_COMMAND"] = environment["GIT_SSH_COMMAND"] ?? "ssh -oBatchMode=yes"
    environment["LC_ALL"] = "C"
    return ProcessSpec(
      executable: "git", arguments: arguments, environment: environment,
      workingDirectory: directory, output: .capture(limitBytes: 65536))
  }

  private static func verb(_ arguments: [String]) -> String {
    arguments.first == "-C" ? arguments[2] : arguments[0]
  }

  /// An error as it may be shown: a password in the address of the repository is not repeated.
  private static func shown(_ error: String, _ settings: RemoteSettings) -> String {
    var text = error
    if let scheme = settings.repository.firstRange(of: "://"),
      let at = settings.repository[scheme.upperBound...].lastIndex(of: "@")
    {
      let secret = String(settings.repository[scheme.upperBound..<at])
      text = text.split(separator: secret, omittingEmptySubsequences: false).joined(
        separator: "***")
    }
    return String(text.prefix(maximumError))
  }
}
