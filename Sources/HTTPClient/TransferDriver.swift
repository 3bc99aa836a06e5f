// libcurl's multi handle on the loop: its sockets and its one timer are events of ours
// (libcurl-multi(3), "MULTI_SOCKET").

import CCurl
import EventLoop

/// Drives all transfers of the process.
@LoopActor
final class TransferDriver {
  static let shared = TransferDriver()

  private var multi: UnsafeMutableRawPointer?
  private var sockets: [Int32: DescriptorSource] = [:]
  private var transfers: [UnsafeMutableRawPointer: Transfer] = [:]
  private lazy var timer = LoopTimer { [weak self] in self?.act(-1, 0) }

  private init() {
    // The driver lives as long as the process, so libcurl may hold it unretained.
    var loop = agentv_curl_loop(
      watch: { context, socket, events in
        LoopActor.enter(context, (socket, events)) { (driver: TransferDriver, change) in
          driver.watch(change.0, change.1)
        }
      },
      timer: { context, milliseconds in
        LoopActor.enter(context, milliseconds) { (driver: TransferDriver, milliseconds) in
          driver.setTimer(milliseconds)
        }
      }, context: Unmanaged.passRetained(self).toOpaque())
    multi = agentv_curl_multi(&loop, HTTPClientLimits.keptConnections)
  }

  // MARK: Transfers

  func begin(
    _ transfer: Transfer, _ request: HTTPClientRequest, _ failure: inout agentv_curl_failure
  ) -> UnsafeMutableRawPointer? {
    guard let multi else {
      failure = AGENTV_CURL_OTHER
      return nil
    }
    let call = TransferCall(request)
    let handle = call.begin(multi, Unmanaged.passUnretained(transfer).toOpaque(), &failure)
    if let handle { transfers[handle] = transfer }
    return handle
  }

  func end(_ transfer: Transfer, _ handle: UnsafeMutableRawPointer) {
    guard let multi, transfers.removeValue(forKey: handle) != nil else { return }
    agentv_curl_end(multi, handle)
  }

  // MARK: Events

  private func act(_ socket: Int32, _ events: Int32) {
    guard let multi else { return }
    agentv_curl_act(multi, socket, events)
    var failure = AGENTV_CURL_OK
    while let context = agentv_curl_ended(multi, &failure) {
      // Alive: `transfers` holds it until `end`, which takes it away from libcurl first.
      Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().ended(failure)
    }
  }

  private func watch(_ socket: Int32, _ events: Int32) {
    var wanted: DescriptorSource.Events = []
    if events & Int32(AGENTV_CURL_READ.rawValue) != 0 { wanted.insert(.read) }
    if events & Int32(AGENTV_CURL_WRITE.rawValue) != 0 { wanted.insert(.write) }
    if wanted.isEmpty {
      sockets.removeValue(forKey: socket)?.cancel()
    } else if let source = sockets[socket] {
      source.events = wanted
    } else {
      do throws(EventLoopError) {
        sockets[socket] = try DescriptorSource(descriptor: socket, events: wanted) {
          [weak self] ready in self?.isReady(socket, ready)
        }
      } catch {
        // Not from here: libcurl is calling.
        LoopActor.post { [weak self] in
          self?.act(socket, Int32(AGENTV_CURL_ERROR.rawValue))
        }
      }
    }
  }

  private func isReady(_ socket: Int32, _ ready: DescriptorSource.Events) {
    var events: Int32 = 0
    if ready.contains(.read) { events |= Int32(AGENTV_CURL_READ.rawValue) }
    if ready.contains(.write) { events |= Int32(AGENTV_CURL_WRITE.rawValue) }
    act(socket, events)
  }

  private func setTimer(_ milliseconds: Int) {
    if milliseconds < 0 {
      timer.cancel()
    } else {
      timer.schedule(after: .milliseconds(milliseconds))
    }
  }
}
