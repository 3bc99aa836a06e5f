// One exchange on the loop: libcurl's callbacks on one side, a waiting task on the other.

import CCurl
import EventLoop

/// One exchange, from its start to its end.
@LoopActor
final class Transfer {
  private enum State {
    case running
    case complete
    case failed(HTTPClientError)
  }

  private let request: HTTPClientRequest
  private var state = State.running
  private var reader: HeadReader
  private var received = 0
  /// Body bytes that nobody has taken yet.
  private var pending: [UInt8] = []
  private var waiters: [CheckedContinuation<Void, Never>] = []
  private var handle: UnsafeMutableRawPointer?
  private var total: LoopTimer?
  private var idle: LoopTimer?
  private var moved: Int64 = -1
  private var silentChecks = 0
  private var isDraining = false
  /// How long a body may go on after it said that it is complete.
  private static let drainLimit = Duration.seconds(1)

  private init(_ request: HTTPClientRequest) {
    self.request = request
    reader = HeadReader(followsRedirects: request.redirects > 0)
  }

  /// Starts an exchange; what becomes of it is asked for with `head` and `next`.
  static func start(_ request: HTTPClientRequest) -> Transfer {
    let transfer = Transfer(request)
    transfer.begin()
    return transfer
  }

  private func begin() {
    var failure = AGENTV_CURL_OK
    handle = TransferDriver.shared.begin(self, request, &failure)
    guard handle != nil else {
      return end(.failed(HTTPClientError(failure, "libcurl cannot start a request", request)))
    }
    if let limit = request.timeouts.total {
      let timer = LoopTimer { [weak self] in
        self?.expire("the whole exchange may take \(limit.milliseconds) ms")
      }
      timer.schedule(after: limit)
      total = timer
    }
    let timer = LoopTimer { [weak self] in self?.checkIdle() }
    timer.schedule(every: request.timeouts.idle / 4)
    idle = timer
  }

  // MARK: What the task asks

  /// Waits for status and header.
  func head() async throws(HTTPClientError) -> HTTPClientHead {
    while true {
      if let head = reader.head { return head }
      switch state {
      case .running: await change()
      case .failed(let error): throw error
      case .complete:
        throw HTTPClientError(.broken, server: request.server, "it ended within the header")
      }
    }
  }

  /// Waits for more of the body; `nil` at its end.
  func next() async throws(HTTPClientError) -> [UInt8]? {
    while true {
      if !pending.isEmpty {
        var bytes: [UInt8] = []
        swap(&bytes, &pending)
        return bytes
      }
      switch state {
      case .running: await change()
      case .failed(let error): throw error
      case .complete: return nil
      }
    }
  }

  /// Ends the exchange unless it has ended.
  func cancel() {
    end(.failed(HTTPClientError(.cancelled, server: request.server, "")))
  }

  /// Ends the exchange, unless only its end is waited for.
  func close() {
    if !isDraining { cancel() }
  }

  /// Throws the rest away, and gives it a second to end.
  func drain() {
    guard handle != nil else { return }
    isDraining = true
    pending = []
    idle = nil
    let timer = LoopTimer { [weak self] in self?.cancel() }
    timer.schedule(after: Self.drainLimit)
    total = timer
  }

  private func change() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { waiters.append($0) }
    } onCancel: {
      LoopActor.post { self.cancel() }
    }
  }

  // MARK: What libcurl tells

  /// Takes a line of the header; `false` ends the exchange.
  func take(headerLine line: [UInt8]) -> Bool {
    guard reader.take(line) else { return false }
    if reader.head != nil { wake() }
    return true
  }

  /// Takes a part of the body; `false` ends the exchange.
  func take(body bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    reader.finish()
    received += bytes.count
    guard received <= request.responseLimitBytes else { return false }
    if isDraining { return true }
    pending.append(contentsOf: bytes)
    wake()
    return true
  }

  /// libcurl is done.
  func ended(_ failure: agentv_curl_failure) {
    switch failure {
    case AGENTV_CURL_OK:
      reader.finish()
      end(.complete)
    case AGENTV_CURL_REFUSED:
      let reason =
        reader.isTooLarge
        ? "its header has more than \(HTTPClientLimits.headerBytes) bytes"
        : "it has more than \(request.responseLimitBytes) bytes"
      end(.failed(HTTPClientError(.tooLarge, server: request.server, reason)))
    default:
      let text = handle.map { String(cString: agentv_curl_reason($0)) } ?? ""
      end(.failed(HTTPClientError(failure, text, request)))
    }
  }

  // MARK: Time

  private func checkIdle() {
    guard let handle else { return }
    let now = agentv_curl_moved(handle)
    silentChecks = now == moved ? silentChecks + 1 : 0
    moved = now
    if silentChecks >= 4 {
      expire("\(request.timeouts.idle.milliseconds) ms went by without a byte")
    }
  }

  private func expire(_ reason: String) {
    end(.failed(HTTPClientError(.timedOut, server: request.server, reason)))
  }

  // MARK: The end

  private func end(_ state: State) {
    guard case .running = self.state else { return }
    self.state = state
    total = nil
    idle = nil
    if let handle { TransferDriver.shared.end(self, handle) }
    handle = nil
    wake()
  }

  private func wake() {
    var waiting: [CheckedContinuation<Void, Never>] = []
    swap(&waiting, &waiters)
    for waiter in waiting { waiter.resume() }
  }
}
