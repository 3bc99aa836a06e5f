// The workspaces of the tests of one file on one target.

import Core
public import EvalFiles

/// Makes workspaces when tests need them, and takes them away again.
///
/// Tests that ask for the same workspace share it, unless they want one of their own. It is made for
/// the first of them and put away after the last.
public actor WorkspaceSet {
  private let settings: WorkspaceSettings
  private let targetHooks: HookSet?
  private let runID: String
  private let workers: Int
  private let hooks: HookRun
  private let checkout: RepoCheckout
  private var groups: [Shared<WorkspaceSpec>: WorkspaceGroup] = [:]
  private var usesLeft: [Shared<WorkspaceSpec>: Int]
  private var names: Set<String> = []
  private var checked: [Shared<WorkspaceSpec>: WorkspaceError?] = [:]
  private var stores = 0
  private var hasWarned = false

  /// Workspaces that were kept: whose they are, and where.
  public private(set) var preserved: [(name: String, path: String)] = []

  /// Stands for the workspace of tests that ask for none, when the command line gives one.
  private static let nothing = Shared(WorkspaceSpec(directory: "/"))

  /// The workspaces of some tests.
  /// - Parameters:
  ///   - workspaces: what each test that will come asks for, each perhaps several times.
  ///   - settings: how workspaces are made.
  ///   - targetHooks: hooks of the target, inside of the workspace's own.
  ///   - workers: tests at the same time.
  public init(
    workspaces: some Sequence<Shared<WorkspaceSpec>?>, settings: WorkspaceSettings,
    targetHooks: HookSet?, workers: Int
  ) {
    self.settings = settings
    self.targetHooks = targetHooks
    self.workers = max(1, workers)
    runID = Self.makeID()
    hooks = HookRun(environment: settings.environment)
    checkout = RepoCheckout(git: Git(environment: settings.environment, log: settings.log))
    usesLeft = workspaces.reduce(into: [:]) { $0[$1 ?? Self.nothing, default: 0] += 1 }
  }

  /// Whether any test can need this.
  public static func isNeeded(
    _ workspaces: some Sequence<Shared<WorkspaceSpec>?>, _ settings: WorkspaceSettings
  ) -> Bool {
    settings.path != nil || workspaces.contains { $0 != nil }
  }

  /// A random id in the form of a UUID (RFC 9562, section 5.4).
  private static func makeID() -> String {
    var digits = Array((0..<32).map { _ in "0123456789abcdef".randomElement() ?? "0" })
    digits[12] = "4"
    digits[16] = "89ab".randomElement() ?? "8"
    var text = ""
    for (index, digit) in digits.enumerated() {
      if [8, 12, 16, 20].contains(index) { text.append("-") }
      text.append(digit)
    }
    return text
  }

  private var directory: String { "\(settings.home.workspaces)/\(runID)" }

  // MARK: - One test

  /// Gives a test its workspace, hooks before it run.
  /// - Returns: `nil` for a test without one.
  /// - Throws: `WorkspaceError`; `.cancelled` when the run was stopped.
  public func begin(_ test: EvalTest) async throws(WorkspaceError) -> WorkspaceLease? {
    let key = test.workspace ?? Self.nothing
    let spec = test.workspace?.value
    let plan = try WorkspacePlan(spec, settings)
    try await checkRequirements(key, spec)
    let context = HookContext(
      testID: test.id, runID: runID, caseInput: test.prompt(style: .agent),
      caseMetadata: test.metadata)
    var lease: WorkspaceLease
    switch plan {
    case .none: return nil
    case .perTest:
      guard let spec else { return nil }
      lease = try await makeOwn(spec, context)
    case .shared, .pooled, .fixed:
      let place = try await group(key, spec, plan).take()
      lease = WorkspaceLease(
        path: place.path, beforeAllOutput: place.beforeAllOutput, spec: spec, context: context,
        isOwn: false, groupKey: key, slot: place.slot)
    }
    do throws(WorkspaceError) {
      try await beforeEach(&lease)
      try await takeBaseline(&lease)
    } catch {
      _ = await end(lease, failed: true)
      throw error
    }
    return lease
  }

  /// Looks at what a target did, and runs what comes after it.
  /// - Throws: `WorkspaceError.cancelled` when the run was stopped; nothing else.
  public func answered(_ lease: WorkspaceLease) async throws(WorkspaceError) -> WorkspaceOutcome {
    var outcome = WorkspaceOutcome()
    do throws(WorkspaceError) {
      outcome.fileChanges = try await lease.changes?.diff()
    } catch {
      if error.isCancelled { throw error }
      settings.warn("changes of \(lease.path) cannot be told: \(error)")
    }
    var said: [String] = []
    for hook in [targetHooks?.active(.afterEach), lease.spec?.hooks?.active(.afterEach)] {
      guard let hook else { continue }
      do throws(WorkspaceError) {
        said.append(
          try await hooks.run(
            hook, .afterEach, in: lease.path, directory: lease.spec?.directory ?? lease.path,
            lease.context))
      } catch {
        if error.isCancelled { throw error }
        settings.warn("test '\(lease.context.testID)': \(error)")
      }
    }
    let text = said.joined()
    outcome.afterEachOutput = text.isEmpty ? nil : text
    return outcome
  }

  /// Takes a workspace back.
  /// - Parameters:
  ///   - lease: the workspace.
  ///   - failed: whether somebody may want to look at it.
  /// - Returns: where it is kept; `nil` when it is gone or others still use it.
  public func end(_ lease: WorkspaceLease, failed: Bool) async -> String? {
    if let store = lease.store { await remove(store) }
    let isStopped = Task.isCancelled
    if !isStopped, let reset = lease.spec?.hooks?.active(.afterEach)?.reset {
      // After the graders, so that they still see what the target did.
      do throws(WorkspaceError) {
        try await checkout.reset(lease.spec?.repos ?? [], in: lease.path, reset)
      } catch {
        if !error.isCancelled { settings.warn("after_each reset of \(lease.path): \(error)") }
      }
    }
    if lease.isOwn {
      if settings.keepsAll || (failed && !isStopped) {
        preserved.append((lease.context.testID, lease.path))
        return lease.path
      }
      await remove(lease.path)
      return nil
    }
    guard let key = lease.groupKey, let group = groups[key] else { return nil }
    await group.give(back: lease, failed: failed && !isStopped)
    return nil
  }

  /// Says that a test with this workspace will not come again; the last one puts it away.
  public func finished(_ workspace: Shared<WorkspaceSpec>?) async {
    let key = workspace ?? Self.nothing
    guard let left = usesLeft[key], left > 0 else { return }
    usesLeft[key] = left - 1
    if left == 1, let group = groups.removeValue(forKey: key) { await putAway(group) }
  }

  /// Puts everything away that is left; with a stop, without hooks.
  public func close() async {
    let left = groups.values
    groups = [:]
    for group in left { await putAway(group) }
    if preserved.isEmpty { try? FileIO.removeTree("\(directory)/.baselines") }
    // Only when nothing in it was kept.
    if ((try? FileIO.list(directory)) ?? []).isEmpty { try? FileIO.removeTree(directory) }
  }

  private func putAway(_ group: WorkspaceGroup) async {
    if let kept = await group.close() { preserved.append(kept) }
  }

  // MARK: - Parts

  private func checkRequirements(
    _ key: Shared<WorkspaceSpec>, _ spec: WorkspaceSpec?
  ) async throws(WorkspaceError) {
    guard let spec, spec.requirements != nil || spec.docker != nil else { return }
    if let known = checked[key] {
      if let known { throw known }
      return
    }
    let preflight = Preflight(environment: settings.environment)
    do throws(WorkspaceError) {
      if let wanted = spec.requirements { try await preflight.check(wanted) }
      if let docker = spec.docker { try await preflight.checkDocker(docker) }
      checked[key] = .some(nil)
    } catch {
      if !error.isCancelled { checked[key] = error }
      throw error
    }
  }

  private func group(
    _ key: Shared<WorkspaceSpec>, _ spec: WorkspaceSpec?, _ plan: WorkspacePlan
  ) -> WorkspaceGroup {
    if let group = groups[key] { return group }
    if case .shared = plan { warnAboutSharing(key) }
    if case .fixed = plan { warnAboutSharing(key) }
    let name = unusedName("shared")
    let group = WorkspaceGroup(
      spec: spec, plan: plan, path: "\(directory)/\(name)", name: name, settings: settings,
      targetHooks: targetHooks, slots: min(workers, settings.poolSlots), runID: runID,
      hooks: hooks, checkout: checkout)
    groups[key] = group
    return group
  }

  private func warnAboutSharing(_ key: Shared<WorkspaceSpec>) {
    guard !hasWarned, workers > 1, usesLeft[key] ?? 0 > 1 else { return }
    hasWarned = true
    settings.warn(
      "Warning: This eval uses a shared workspace with \(workers) workers. Tests change the same "
        + "files at the same time; use --workers 1 or isolation: per_test to keep them apart.")
  }

  private func unusedName(_ wanted: String) -> String {
    var name = wanted
    var number = 2
    while !names.insert(name).inserted {
      name = "\(wanted)-\(number)"
      number += 1
    }
    return name
  }

  private func makeOwn(
    _ spec: WorkspaceSpec, _ context: HookContext
  ) async throws(WorkspaceError) -> WorkspaceLease {
    let path = "\(directory)/\(unusedName(Self.safe(context.testID)))"
    do throws(WorkspaceError) {
      try await WorkspaceMaker(checkout: checkout).make(spec, at: path)
      var said: [String] = []
      for hook in [spec.hooks?.active(.beforeAll), targetHooks?.active(.beforeAll)] {
        guard let hook else { continue }
        said.append(
          try await hooks.run(
            hook, .beforeAll, in: path, directory: spec.directory, context))
      }
      let text = said.joined()
      return WorkspaceLease(
        path: path, beforeAllOutput: text.isEmpty ? nil : text, spec: spec, context: context,
        isOwn: true, groupKey: nil, slot: nil)
    } catch {
      if settings.keepsAll || (error.code == .script && !error.isCancelled) {
        preserved.append((context.testID, path))
      } else {
        await remove(path)
      }
      throw error
    }
  }

  /// A test id as the name of a directory.
  private static func safe(_ id: String) -> String {
    let name = String(
      id.trimmed.map { "/\\:*?\"<>|".contains($0) || $0.isNewline || $0 == "\0" ? "_" : $0 })
    let cut = String(decoding: name.utf8.prefix(120), as: UTF8.self)
    return cut.isEmpty || cut.hasPrefix(".") ? "_\(cut)" : cut
  }

  private func beforeEach(_ lease: inout WorkspaceLease) async throws(WorkspaceError) {
    var said: [String] = []
    let directory = lease.spec?.directory ?? lease.path
    if let hook = lease.spec?.hooks?.active(.beforeEach) {
      if let reset = hook.reset {
        do throws(WorkspaceError) {
          try await checkout.reset(lease.spec?.repos ?? [], in: lease.path, reset)
        } catch {
          if error.isCancelled { throw error }
          throw WorkspaceError(.script, "before_each reset: \(error)")
        }
      }
      said.append(
        try await hooks.run(
          hook, .beforeEach, in: lease.path, directory: directory, lease.context))
    }
    if let hook = targetHooks?.active(.beforeEach) {
      said.append(
        try await hooks.run(
          hook, .beforeEach, in: lease.path, directory: directory, lease.context))
    }
    let text = said.joined()
    lease.beforeEachOutput = text.isEmpty ? nil : text
  }

  private func takeBaseline(_ lease: inout WorkspaceLease) async throws(WorkspaceError) {
    stores += 1
    let store = "\(directory)/.baselines/\(stores)"
    do throws(FileError) {
      try FileIO.createDirectories(Path.directory(store))
    } catch {
      return
    }
    lease.store = store
    lease.changes = try await FileChanges.take(
      of: lease.path, store: store,
      git: Git(environment: settings.environment, log: nil))
  }

  private func remove(_ path: String) async {
    let warn = settings.warn
    do throws(FileError) {
      try await FileWork.run { _ throws(FileError) in try FileIO.removeTree(path) }
    } catch {
      warn("Warning: the workspace \(path) cannot be removed: \(error)")
    }
  }
}
