import EventLoop

// How long a request may take to come, and a client that was refused to read why.
extension HTTPServer {
  private static let tickInterval = Duration.milliseconds(500)

  /// Looks at the connections in half a second, and on while any is waited for.
  func watchDeadlines() {
    if deadlineTimer?.isScheduled == false { deadlineTimer?.schedule(after: Self.tickInterval) }
  }

  func checkDeadlines() {
    tick += 1
    let limit = Int((limits.requestDeadline / Self.tickInterval).rounded(.up))
    var isWaiting = false
    for connection in connections {
      let age = tick - connection.requestTick
      switch connection.state {
      case .reading where age > limit: timeOut(connection)
      case .lingering where age > Self.lingerTicks: connection.doom()
      case .reading, .lingering: break
      default: continue
      }
      isWaiting = true
    }
    if isWaiting { watchDeadlines() }
  }

  /// How many ticks a client that was refused has to read why.
  private static let lingerTicks = 4

  private func timeOut(_ connection: Connection) {
    guard connection.requestBytes > 0 else { return connection.doom() }
    connection.refuse(
      .error(
        408, code: "request-timeout",
        message: "the request was not complete within \(limits.requestDeadline)"))
  }
}
