import EventLoop

// What is given up when there is too much of something, so that others are served: first what does
// nothing, then what takes most or has waited longest.
extension HTTPServer {
  /// Closes connections that do nothing, the longest idle ones first.
  ///
  /// Those are: kept alive between two requests; opened and silent; refused and not gone yet; and those
  /// whose request has been trickling in for some time, which on a full server is too long.
  ///
  /// - Parameters:
  ///   - newcomer: the connection that room is made for.
  ///   - ofItsAddress: whether only those of its address are looked at.
  /// - Returns: whether one was found.
  func makeRoom(for newcomer: Connection, ofItsAddress: Bool) -> Bool {
    var idle = connections.filter { connection in
      guard !connection.isDoomed, connection !== newcomer,
        !ofItsAddress || connection.address == newcomer.address
      else { return false }
      switch connection.state {
      case .idle, .lingering: return true
      case .reading:
        return connection.requestBytes == 0 || tick - connection.requestTick >= Self.patienceTicks
      case .handling, .streaming, .closed: return false
      }
    }
    // Many at a time, as looking for them costs more than closing them.
    idle.sort { $0.activity < $1.activity }
    for connection in idle.prefix(max(limits.connections / 64, 1)) { giveUp(connection) }
    return !idle.isEmpty
  }

  /// How many ticks (2 s) a request may trickle in while connections are scarce.
  private static let patienceTicks = 4

  private func giveUp(_ connection: Connection) {
    connection.isLeaving = true
    leavingCount += 1
    forgetAddress(of: connection)
    connection.doom()
  }

  func forgetAddress(of connection: Connection) {
    guard let count = perAddress[connection.address] else { return }
    perAddress[connection.address] = count > 1 ? count - 1 : nil
  }

  /// Cuts off the largest requests until there is room again for what is being read.
  func relieveReading() {
    let largest = connections.filter { !$0.isDoomed && $0.unread > 0 }
      .sorted { $0.unread > $1.unread }
    for connection in largest where unreadBytes > Self.relieved(limits.unreadBytes) {
      connection.countUnread(0)
      connection.doom()
    }
  }

  /// Cuts off the clients that have not taken their answers for the longest time, until there is room
  /// again for the rest.
  ///
  /// - Parameter newcomer: is spared; it had no time to take its answer.
  func relieveSending(but newcomer: Connection) {
    let oldest = connections.filter { !$0.isDoomed && $0.unsent > 0 && $0 !== newcomer }
      .sorted { $0.activity < $1.activity }
    for connection in oldest where unsentBytes > Self.relieved(limits.unsentBytes) {
      connection.countUnsent(0)
      connection.doom()
    }
  }

  /// Some room more than needed, so that it is not looked for again at the next request.
  private static func relieved(_ limit: Int) -> Int { limit / 4 * 3 }
}
