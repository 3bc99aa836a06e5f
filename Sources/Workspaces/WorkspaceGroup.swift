// A workspace that several tests share, or the slots of a pool that they take in turns.

import Core
import EvalFiles

/// One shared workspace.
actor WorkspaceGroup {
  /// A workspace that is ready for a test.
  struct Place: Sendable {
    var path: String
    var slot: WorkspacePool.Slot?
    var beforeAllOutput: String?
  }

  private let spec: WorkspaceSpec?
  private let plan: WorkspacePlan
  private let path: String
  private let name: String
  private let settings: WorkspaceSettings
  private let targetHooks: HookSet?
  private let runID: String
  private let hooks: HookRun
  private let checkout: RepoCheckout

  private let gate: SlotGate
  private var preparing: Task<Result<Place, WorkspaceError>, Never>?
  private var slots: [Place] = []
  private var idle: [Place] = []
  private var failure: WorkspaceError?
  private var hasFailure = false

  init(
    spec: WorkspaceSpec?, plan: WorkspacePlan, path: String, name: String,
    settings: WorkspaceSettings, targetHooks: HookSet?, slots: Int, runID: String,
    hooks: HookRun, checkout: RepoCheckout
  ) {
    self.spec = spec
    self.plan = plan
    self.path = path
    self.name = name
    self.settings = settings
    self.targetHooks = targetHooks
    self.runID = runID
    self.hooks = hooks
    self.checkout = checkout
    gate = SlotGate(count: max(1, slots))
  }

  /// A workspace for one test, made by the first who asks.
  func take() async throws(WorkspaceError) -> Place {
    if let failure { throw failure }
    return plan == .pooled ? try await takeSlot() : try await takeShared()
  }

  /// Takes a workspace back.
  func give(back lease: WorkspaceLease, failed: Bool) async {
    if failed { hasFailure = true }
    guard let slot = lease.slot else { return }
    idle.append(Place(path: lease.path, slot: slot))
    await gate.leave()
  }

  /// Runs the last hooks and puts the workspace away.
  /// - Returns: whose it is and where, when it is kept.
  func close() async -> (name: String, path: String)? {
    if let preparing {
      if Task.isCancelled { preparing.cancel() }
      if case .success(let place) = await preparing.value { slots = [place] }
    }
    if !Task.isCancelled { for place in slots { await afterAll(place) } }
    for place in slots { place.slot?.lock.release() }
    guard plan == .shared, FileIO.exists(path) else { return nil }
    if settings.keepsAll || (hasFailure && !Task.isCancelled) { return (name, path) }
    await remove()
    return nil
  }

  // MARK: - One for all

  private func takeShared() async throws(WorkspaceError) -> Place {
    let isFirst = preparing == nil
    let task =
      preparing
      ?? Task {
        do throws(WorkspaceError) {
          return .success(try await prepare())
        } catch {
          return .failure(error)
        }
      }
    preparing = task
    let result = await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
    if Task.isCancelled { throw .cancelled }
    var place = try result.get()
    if !isFirst { place.beforeAllOutput = nil }
    return place
  }

  private func prepare() async throws(WorkspaceError) -> Place {
    var place = Place(path: path)
    if case .fixed(let fixed, let isFilled) = plan {
      place.path = fixed
      try await prepareFixed(fixed, isFilled: isFilled)
    } else if let spec {
      do throws(WorkspaceError) {
        try await WorkspaceMaker(checkout: checkout).make(spec, at: path)
      } catch {
        await remove()
        throw error
      }
    }
    do throws(WorkspaceError) {
      place.beforeAllOutput = try await beforeAll(place)
    } catch {
      if plan == .shared { await remove() }
      throw error
    }
    return place
  }

  /// A directory of the user's: filled once, and its missing repositories cloned.
  private func prepareFixed(
    _ fixed: String, isFilled: Bool
  ) async throws(WorkspaceError) {
    guard isFilled, let spec else {
      guard FileIO.isDirectory(fixed) else {
        throw WorkspaceError(.setup, "the workspace \(fixed) is no directory that exists")
      }
      return
    }
    let repos = (spec.repos ?? []).filter { $0.source != nil }
    try RepoCheckout.checkLocalSources(repos)
    let isEmpty = ((try? FileIO.list(fixed)) ?? []).isEmpty
    if isEmpty {
      try await WorkspaceMaker(checkout: checkout).fill(spec, at: fixed)
    }
    for repo in repos where isEmpty || !FileIO.exists(Path.absolute(repo.path, in: fixed)) {
      try await checkout.materialize(repo, in: fixed)
    }
  }

  // MARK: - Slots of a pool

  private func takeSlot() async throws(WorkspaceError) -> Place {
    do {
      try await gate.enter()
    } catch {
      throw .cancelled
    }
    if let place = idle.popLast() { return place }
    do throws(WorkspaceError) {
      return try await openSlot()
    } catch {
      await gate.leave()
      if !error.isCancelled { failure = error }
      throw error
    }
  }

  private func openSlot() async throws(WorkspaceError) -> Place {
    if let failure { throw failure }
    guard let spec else { throw WorkspaceError(.setup, "a pool needs repositories") }
    let repos = spec.repos ?? []
    try RepoCheckout.checkLocalSources(repos)
    if let template = spec.template { _ = try Template.directory(template) }
    let pool = WorkspacePool(
      root: settings.home.pool, repos: repos, template: spec.template, checkout: checkout)
    // Runs of other processes have slots of the same pool, so more are looked at than are used.
    let most = max(settings.poolSlots, WorkspaceSettings.defaultPoolSlots)
    guard let slot = try await pool.acquire(most: most, reset: .fast) else {
      if let place = idle.popLast() { return place }
      throw WorkspaceError(
        .setup,
        "All \(most) pool slots are locked for fingerprint \(Path.name(pool.directory).prefix(12))"
          + "...; wait for the other runs, or use --workspace-mode temp")
    }
    var place = Place(path: slot.path, slot: slot)
    do throws(WorkspaceError) {
      place.beforeAllOutput = try await beforeAll(place)
    } catch {
      slot.lock.release()
      throw error
    }
    slots.append(Place(path: slot.path, slot: slot))
    return place
  }

  // MARK: - Hooks and removal

  private func beforeAll(_ place: Place) async throws(WorkspaceError) -> String? {
    var said: [String] = []
    let all = [
      (spec?.hooks?.active(.beforeAll), "__before_all__"),
      (targetHooks?.active(.beforeAll), "__target_before_all__"),
    ]
    for (hook, id) in all {
      guard let hook else { continue }
      do throws(WorkspaceError) {
        said.append(
          try await hooks.run(
            hook, .beforeAll, in: place.path, directory: spec?.directory ?? place.path,
            HookContext(testID: id, runID: runID)))
      } catch {
        if error.isCancelled { throw error }
        // Upstream's word for a set-up that all tests of the file miss.
        throw WorkspaceError(.setup, error.description)
      }
    }
    let text = said.joined()
    return text.isEmpty ? nil : text
  }

  private func afterAll(_ place: Place) async {
    let all = [
      (targetHooks?.active(.afterAll), "__target_after_all__"),
      (spec?.hooks?.active(.afterAll), "__after_all__"),
    ]
    for (hook, id) in all {
      guard let hook else { continue }
      do throws(WorkspaceError) {
        _ = try await hooks.run(
          hook, .afterAll, in: place.path, directory: spec?.directory ?? place.path,
          HookContext(testID: id, runID: runID))
      } catch {
        if !error.isCancelled { settings.warn("Warning: \(error)") }
      }
    }
  }

  private func remove() async {
    let path = self.path
    do throws(FileError) {
      try await FileWork.run { _ throws(FileError) in try FileIO.removeTree(path) }
    } catch {
      settings.warn("Warning: the workspace \(path) cannot be removed: \(error)")
    }
  }
}
