import EventLoop

// What subscribers begin with, and how much of it may wait for them.
extension EventHub {
  /// A beginning for subscribers that know nothing.
  struct FreshOpening {
    /// Tells it from others, from 1 on.
    var number: UInt64
    var variant: String
    var isChunked: Bool
    /// The last event that is in the snapshot.
    var sequence: UInt64
    var bytes: [UInt8]
  }

  /// Everything else is shared by all, but a snapshot that is not taken is held for its subscriber, or
  /// for those that came to the same state: many that never read are cut off, whoever has waited longest
  /// first.
  ///
  /// The sum is counted only when it may be too large, and then brought well below.
  func boundOpenings(_ newcomer: Subscriber) {
    let number = newcomer.sharedOpening
    guard number == 0 || number != countedOpening else { return }
    countedOpening = number
    openingBytes += newcomer.ownBytes
    guard openingBytes > configuration.openingBytes else { return }
    var waiting = subscribers.filter { $0.ownBytes > 0 }
    var holders: [UInt64: Int] = [:]
    openingBytes = 0
    for subscriber in waiting {
      holders[subscriber.sharedOpening, default: 0] += 1
      if subscriber.sharedOpening == 0 || holders[subscriber.sharedOpening] == 1 {
        openingBytes += subscriber.ownBytes
      }
    }
    guard openingBytes > configuration.openingBytes / 2 else { return }
    waiting.sort { $0.serial < $1.serial }
    for subscriber in waiting.dropLast() where openingBytes > configuration.openingBytes / 2 {
      let left = (holders[subscriber.sharedOpening] ?? 0) - 1
      holders[subscriber.sharedOpening] = left
      if subscriber.sharedOpening == 0 || left == 0 { openingBytes -= subscriber.ownBytes }
      drop(subscriber)
    }
  }
}
