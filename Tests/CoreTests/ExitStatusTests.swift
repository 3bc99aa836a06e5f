import Core
import Glibc
import Testing

@Suite struct ExitStatusTests {
  @Test(arguments: [
    (Core.ExitStatus.exited(0), 0, nil), (.exited(1), 1, nil), (.signaled(SIGKILL), 137, "SIGKILL"),
    (.signaled(SIGTERM), 143, "SIGTERM"), (.exited(143), 143, "SIGTERM"),
    (.exited(130), 130, "SIGINT"), (.exited(137), 137, nil),
  ])
  func `a status is told as shells tell it, with the signal's name`(
    status: Core.ExitStatus, code: Int, name: String?
  ) {
    #expect(status.shellCode == code)
    #expect(status.signalName == name)
  }

  @Test func `stop request and census survive the way through JSON`() {
    let request = StopRequest(
      reason: "r", actor: "api", force: true,
      requestedAt: Timestamp(millisecondsSinceEpoch: 1_778_232_873_123))
    #expect(StopRequest(json: request.json) == request)
    let census = Census(
      obeyed: 3, killed: 1, outsideGroup: 2, remaining: [.init(pid: 7, command: "sleep 1")])
    #expect(Census(json: census.json) == census)
  }
}
