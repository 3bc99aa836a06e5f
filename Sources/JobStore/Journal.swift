// The journal as the loop sees it: what is to be written is handed over, answers come back. SQLite
// runs on a queue of its own, and what comes in during one commit is written by the next.

public import Core
import Dispatch
public import EventLoop

/// What was found at the start.
public struct JournalState: Sendable, Hashable {
  /// Whether there is a file; else everything ends with this process.
  public var isKept: Bool
  /// Whether nothing is known of jobs before this server.
  public var isNew: Bool
  /// Whether jobs that live are another server's.
  public var isTaken: Bool
  /// What people must know, without a line end.
  public var notices: [String]
}

/// All jobs of a server, those of earlier servers included.
@LoopActor
public final class Journal {
  /// After a failed write the next try comes after this time, then after twice it, and so on.
  static let firstRetry = Duration.seconds(1)
  static let longestRetry = Duration.seconds(30)

  /// What was found at the start.
  public let state: JournalState
  /// Told once when writing begins to fail, with the cause, and once when it works again, with nil.
  public var onTrouble: (@LoopActor (JobStoreError?) -> Void)?

  /// Commits so far.
  package private(set) var commits = 0

  private let store: Store
  private let queue: DispatchQueue
  /// What the next commit writes; of each job the newest state.
  private var pending: [String: StoredJob] = [:]
  private var order: [String] = []
  private var pendingSessions: [SessionChange] = []
  private var waiting: [@LoopActor () -> Void] = []
  private var isWriting = false
  private var failures = 0
  private lazy var retry = LoopTimer { [weak self] in self?.write() }

  private init(_ store: Store, _ queue: DispatchQueue) {
    self.store = store
    self.queue = queue
    state = store.state
  }

  /// Opens a journal; what cannot be opened is set aside or replaced by one in memory.
  /// - Parameters:
  ///   - path: the file; `nil` for one in memory.
  ///   - time: now, for the name of a file that is set aside.
  /// - Returns: the journal; its `state` tells what happened.
  public static func open(_ path: String?, at time: Timestamp = .now()) async -> Journal {
    let queue = DispatchQueue(label: "agentv.journal")
    let store = await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: Store(path: path, on: queue, at: time)) }
    }
    return Journal(store, queue)
  }

  /// Opens a copy of a journal for a server that changes nothing: it tells of the jobs that have
  /// ended, as they are now, and its file stays untouched.
  /// - Parameter path: the file; there need not be one.
  /// - Returns: the journal; nothing that is put into it outlives this process.
  public static func openCopy(of path: String) async -> Journal {
    let queue = DispatchQueue(label: "agentv.journal")
    let store = await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: Store(copyOf: path, on: queue)) }
    }
    return Journal(store, queue)
  }

  // MARK: - Writing

  /// Writes a job's present state.
  /// - Parameters:
  ///   - job: its state.
  ///   - done: called when a later server will find it, or when that has failed, which
  ///     `onTrouble` tells; it is tried again then.
  public func put(_ job: StoredJob, _ done: (@LoopActor () -> Void)? = nil) {
    if pending.updateValue(job, forKey: job.id) == nil { order.append(job.id) }
    if let done { waiting.append(done) }
    if failures == 0 { write() } else { giveUpWaiting() }
  }

  /// Writes what happened to sessions.
  /// - Parameters:
  ///   - change: what happened.
  ///   - done: called as that of `put(_:_:)`.
  public func put(_ change: SessionChange, _ done: @escaping @LoopActor () -> Void) {
    pendingSessions.append(change)
    waiting.append(done)
    if failures == 0 { write() } else { giveUpWaiting() }
  }

  private var isEmpty: Bool { pending.isEmpty && pendingSessions.isEmpty }

  /// Calls back when everything handed over so far is written.
  public func whenWritten(_ done: @escaping @LoopActor () -> Void) {
    guard !isEmpty || isWriting else { return done() }
    waiting.append(done)
    if failures > 0 { giveUpWaiting() }
  }

  private func write() {
    guard !isWriting, !isEmpty else { return }
    isWriting = true
    let batch = order.compactMap { pending[$0] }
    let sessions = pendingSessions
    let told = waiting
    pending = [:]
    order = []
    pendingSessions = []
    waiting = []
    perform { store throws(JobStoreError) in
      try store.write(batch, sessions)
    } then: { [self] result in
      isWriting = false
      switch result {
      case .success: succeeded()
      case .failure(let error):
        pendingSessions = sessions + pendingSessions
        failed(error, batch)
      }
      for done in told { done() }
      if failures == 0 {
        if isEmpty { giveUpWaiting() } else { write() }
      }
    }
  }

  private func succeeded() {
    commits += 1
    if failures > 0 { onTrouble?(nil) }
    failures = 0
  }

  /// Nothing is lost: what could not be written waits, unless it is out of date already.
  private func failed(_ error: JobStoreError, _ batch: [StoredJob]) {
    let newer = order
    order = []
    for job in batch {
      order.append(job.id)
      if pending[job.id] == nil { pending[job.id] = job }
    }
    order += newer.filter { !order.contains($0) }
    if failures == 0 { onTrouble?(error) }
    failures += 1
    let pause = Self.firstRetry * (1 << min(failures - 1, 5))
    retry.schedule(after: min(pause, Self.longestRetry))
    giveUpWaiting()
  }

  private func giveUpWaiting() {
    let told = waiting
    waiting = []
    for done in told { done() }
  }

  /// Lets go of the file; what is asked for later finds nothing.
  public func close() async {
    await withCheckedContinuation { done in whenWritten { done.resume() } }
    await withCheckedContinuation { done in
      let store = store
      queue.async {
        store.close()
        done.resume()
      }
    }
  }

  // MARK: - Questions

  /// The jobs that have not ended, oldest first.
  public func live() async -> [StoredJob] {
    await withCheckedContinuation { continuation in
      ask([]) { store throws(JobStoreError) in
        try store.live()
      } then: {
        continuation.resume(returning: $0)
      }
    }
  }

  /// The last jobs that have ended, newest first.
  /// - Parameter limit: most jobs.
  /// - Returns: the jobs.
  public func ended(limit: Int) async -> [StoredJob] {
    await withCheckedContinuation { continuation in
      ask([]) { store throws(JobStoreError) in
        try store.ended(limit: limit)
      } then: {
        continuation.resume(returning: $0)
      }
    }
  }

  /// One job.
  /// - Parameters:
  ///   - id: its id.
  ///   - then: gets it, or `nil` when there is none.
  public func job(_ id: String, then: @escaping @LoopActor (StoredJob?) -> Void) {
    ask(nil) { store throws(JobStoreError) in
      try store.job(id)
    } then: {
      then($0)
    }
  }

  /// A page of the jobs, with everything handed over before.
  public func page(_ query: JobQuery, then: @escaping @LoopActor (JobPage) -> Void) {
    whenWritten { [self] in
      ask(JobPage(jobs: [], total: 0)) { store throws(JobStoreError) in
        try store.page(query)
      } then: {
        then($0)
      }
    }
  }

  /// Jobs that have ended, by outcome.
  public func outcomes() async -> [String: Int] {
    await withCheckedContinuation { continuation in
      ask([:]) { store throws(JobStoreError) in
        try store.outcomes()
      } then: {
        continuation.resume(returning: $0)
      }
    }
  }

  /// What is remembered of the sessions of browsers.
  /// - Parameter now: seconds since 1970; what has run out by then is forgotten.
  /// - Returns: the records; when they cannot be read, those of a journal that was just begun.
  public func sessions(at now: Int) async -> SessionRecords {
    await withCheckedContinuation { continuation in
      ask(SessionRecords()) { store throws(JobStoreError) in
        try store.sessions(at: now)
      } then: {
        continuation.resume(returning: $0)
      }
    }
  }

  /// Asks for something; a question that fails is answered as if nothing were there.
  private func ask<Answer: Sendable>(
    _ nothing: Answer,
    _ question: @escaping @Sendable (Store) throws(JobStoreError) -> Answer,
    then: @escaping @LoopActor (Answer) -> Void
  ) {
    perform(question) { [self] result in
      switch result {
      case .success(let answer): then(answer)
      case .failure(let error):
        if failures == 0 { onTrouble?(error) }
        then(nothing)
      }
    }
  }

  private func perform<Answer: Sendable>(
    _ work: @escaping @Sendable (Store) throws(JobStoreError) -> Answer,
    then: @escaping @LoopActor (Result<Answer, JobStoreError>) -> Void
  ) {
    let store = store
    queue.async {
      let result: Result<Answer, JobStoreError>
      do throws(JobStoreError) {
        result = .success(try work(store))
      } catch {
        result = .failure(error)
      }
      LoopActor.post { then(result) }
    }
  }
}
