// Slows down who guesses tokens. Pure: the time is told.

/// Counts attempts with a wrong token, by address and in all, in constant memory.
///
/// Each count leaks away with time; while one is full, attempts of that address (or of all addresses
/// that never had the right token) are not even looked at. Sessions are not concerned: they cannot be
/// guessed, so whoever is logged in stays it, whatever others try.
struct LoginThrottle: Sendable {
  /// Wrong attempts of one address before it has to wait.
  static let attemptsPerAddress = 10.0
  /// One more attempt each so many seconds.
  static let secondsPerAttempt = 6.0
  /// Wrong attempts of all addresses before those that are not known have to wait.
  static let attemptsInAll = 200.0
  static let secondsPerAttemptInAll = 0.5
  /// Addresses that are remembered.
  static let addresses = 1024

  private struct Count: Sendable {
    var level = 0.0
    var updated: Double
    /// Whether the right token came from here.
    var isKnown = false

    mutating func leak(until now: Double, secondsPerAttempt: Double) {
      level = max(0, level - max(0, now - updated) / secondsPerAttempt)
      updated = max(updated, now)
    }
  }

  private var counts: [String: Count] = [:]
  private var all = Count(updated: 0)
  /// Wrong attempts so far.
  private(set) var failures = 0
  /// Attempts that were not looked at so far.
  private(set) var refusals = 0

  /// Seconds until an address may try again; `nil` when it may now.
  ///
  /// - Parameters:
  ///   - address: where the attempt comes from.
  ///   - now: seconds of a clock that never goes back.
  /// - Returns: whole seconds.
  mutating func wait(for address: String, at now: Double) -> Int? {
    var count = counts[Self.key(address)] ?? Count(updated: now)
    count.leak(until: now, secondsPerAttempt: Self.secondsPerAttempt)
    all.leak(until: now, secondsPerAttempt: Self.secondsPerAttemptInAll)
    var seconds = (count.level + 1 - Self.attemptsPerAddress) * Self.secondsPerAttempt
    if !count.isKnown {
      seconds = max(seconds, (all.level + 1 - Self.attemptsInAll) * Self.secondsPerAttemptInAll)
    }
    guard seconds > 0 else { return nil }
    refusals += 1
    return Int(seconds.rounded(.up))
  }

  /// Counts a wrong attempt.
  mutating func failed(_ address: String, at now: Double) {
    failures += 1
    update(address, at: now) { $0.level += 1 }
    all.leak(until: now, secondsPerAttempt: Self.secondsPerAttemptInAll)
    all.level += 1
  }

  /// Remembers that an address had the right token.
  mutating func succeeded(_ address: String, at now: Double) {
    update(address, at: now) { count in
      count.level = 0
      count.isKnown = true
    }
  }

  private mutating func update(_ address: String, at now: Double, _ change: (inout Count) -> Void) {
    let key = Self.key(address)
    if counts[key] == nil, counts.count >= Self.addresses { forgetOne(at: now) }
    var count = counts[key] ?? Count(updated: now)
    count.leak(until: now, secondsPerAttempt: Self.secondsPerAttempt)
    change(&count)
    counts[key] = count
  }

  /// The address that has the least to lose: a full table must not free who was just caught.
  private mutating func forgetOne(at now: Double) {
    let least = counts.min { left, right in
      let (first, second) = (left.value, right.value)
      if first.isKnown != second.isKnown { return !first.isKnown }
      return first.level - (now - first.updated) / Self.secondsPerAttempt
        < second.level - (now - second.updated) / Self.secondsPerAttempt
    }
    if let least { counts[least.key] = nil }
  }

  /// An IPv4 address, or the network of an IPv6 address: who has one of its addresses has all 2^64.
  static func key(_ address: String) -> String {
    guard address.contains(":"), !address.contains(".") else {
      return address.split(separator: ":").last.map(String.init) ?? address
    }
    let halves = address.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
    var groups = halves[0].split(separator: ":").map(String.init)
    if halves.count == 2 {
      let tail = halves[1].split(separator: ":").map(String.init)
      groups += [String](repeating: "0", count: max(0, 8 - groups.count - tail.count)) + tail
    }
    return groups.prefix(4).joined(separator: ":") + "::/64"
  }

  /// Where an attempt comes from: the client that a proxy on this machine names, else the peer.
  ///
  /// A program on this machine can name any; then the count of all still holds it.
  static func origin(peer: String, forwardedFor: String?) -> String {
    // An IPv4 peer of a socket that listens on all addresses (RFC 4291 §2.5.5.2).
    let mapped = "::ffff:"
    let plain = peer.hasPrefix(mapped) ? String(peer.dropFirst(mapped.count)) : peer
    guard TrustPolicy.isLoopback(plain), let last = forwardedFor?.split(separator: ",").last else {
      return peer
    }
    let text = last.filter { $0 != " " && $0 != "\t" }
    return text.isEmpty || text.utf8.count > 45 ? peer : text
  }
}
