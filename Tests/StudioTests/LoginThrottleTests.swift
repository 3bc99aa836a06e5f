import Testing

@testable import Studio

struct LoginThrottleTests {
  @Test func `ten wrong attempts are free, then one every six seconds`() {
    var throttle = LoginThrottle()
    for _ in 0..<10 {
      #expect(throttle.wait(for: "10.0.0.1", at: 0) == nil)
      throttle.failed("10.0.0.1", at: 0)
    }
    #expect(throttle.wait(for: "10.0.0.1", at: 0) == 6)
    #expect(throttle.wait(for: "10.0.0.1", at: 5) == 1)
    #expect(throttle.wait(for: "10.0.0.1", at: 6) == nil)
    throttle.failed("10.0.0.1", at: 6)
    #expect(throttle.wait(for: "10.0.0.1", at: 6) == 6)
    #expect(throttle.wait(for: "10.0.0.2", at: 6) == nil)
    #expect(throttle.failures == 11 && throttle.refusals == 3)
  }

  @Test func `the right token frees its address, and a clock that stands still frees nobody`() {
    var throttle = LoginThrottle()
    for _ in 0..<9 { throttle.failed("a", at: 50) }
    throttle.succeeded("a", at: 50)
    for _ in 0..<10 { throttle.failed("a", at: 50) }
    #expect(throttle.wait(for: "a", at: 50) == 6)
    #expect(throttle.wait(for: "a", at: 40) == 6)
  }

  @Test func `guesses from everywhere hold up strangers and no known address`() {
    var throttle = LoginThrottle()
    throttle.succeeded("known", at: 0)
    for number in 0..<200 { throttle.failed("guesser \(number)", at: 0) }
    #expect(throttle.wait(for: "stranger", at: 0) == 1)
    #expect(throttle.wait(for: "known", at: 0) == nil)
    #expect(throttle.wait(for: "stranger", at: 0.5) == nil)
  }

  @Test func `a full table forgets who has the least on record`() {
    var throttle = LoginThrottle()
    throttle.succeeded("known", at: 0)
    for _ in 0..<10 { throttle.failed("caught", at: 0) }
    for number in 0..<(LoginThrottle.addresses + 200) { throttle.failed("x\(number)", at: 0) }
    #expect(throttle.wait(for: "caught", at: 0) != nil)
    #expect(throttle.wait(for: "known", at: 0) == nil)
  }

  @Test(arguments: [
    ("10.0.0.1", "10.0.0.1"), ("::ffff:10.0.0.1", "10.0.0.1"),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8::7", "2001:db8:0:0::/64"),
    ("::1", "0:0:0:0::/64"), ("fe80::", "fe80:0:0:0::/64"),
  ])
  func `an IPv6 address stands for its network`(_ address: String, _ key: String) {
    #expect(LoginThrottle.key(address) == key)
  }

  @Test func `only a proxy on this machine may name the client`() {
    let origin = LoginThrottle.origin
    #expect(origin("127.0.0.1", "10.9.9.9, 203.0.113.7") == "203.0.113.7")
    #expect(origin("::1", "203.0.113.7") == "203.0.113.7")
    #expect(origin("::ffff:127.0.0.1", "203.0.113.7") == "203.0.113.7")
    #expect(origin("198.51.100.1", "203.0.113.7") == "198.51.100.1")
    #expect(origin("::ffff:198.51.100.1", "203.0.113.7") == "::ffff:198.51.100.1")
    #expect(origin("127.0.0.1", nil) == "127.0.0.1")
    #expect(origin("127.0.0.1", " ,") == "127.0.0.1")
    #expect(origin("127.0.0.1", String(repeating: "1", count: 46)) == "127.0.0.1")
  }
}

struct SessionKeyTests {
  private let key = SessionKey(token: "correct horse")

  @Test func `a session holds for thirty days, for its token only`() {
    let session = key.make(at: 1000, id: 0xabc)
    let end = 1000 + SessionKey.lifetime
    #expect(key.read(session, at: 1000) == SessionKey.Session(id: "abc", holdsUntil: end))
    #expect(key.read(session, at: end - 1)?.id == "abc")
    #expect(key.read(session, at: end) == nil)
    #expect(SessionKey(token: "correct horses").read(session, at: 1000) == nil)
    #expect(SessionKey(token: "correct horse", salt: [1]).read(session, at: 1000) == nil)
    #expect(!session.contains("correct"))
  }

  @Test func `what was changed is no session`() {
    let session = key.make(at: 1000, id: 0xabc)
    let parts = session.split(separator: ".").map(String.init)
    let late = String(2_000_000_000, radix: 16)
    for changed in [
      "", ".", "..", session + "0", String(session.dropLast()), " \(session)",
      [late, parts[1], parts[2]].joined(separator: "."),
      [parts[0], "abd", parts[2]].joined(separator: "."),
      [parts[0], parts[1], ""].joined(separator: "."), parts[2],
      session + "." + String(repeating: "a", count: 500),
    ] {
      #expect(key.read(changed, at: 1000) == nil, "\(changed)")
    }
  }
}
