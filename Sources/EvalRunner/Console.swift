// Everything the run says, in order, written by a queue of its own: a reader that does not read may
// hold up the text but no test.

import Core
import Dispatch
import Synchronization

/// The two standard streams and the live line under them.
final class Console: Sendable {
  private let queue = DispatchQueue(label: "agentv.console")
  /// Text of the live line, only on a terminal; empty when there is none.
  private let live = Mutex("")
  private let sink: @Sendable (StandardStream, String) -> Void

  /// Whether texts may be coloured.
  let hasColor: Bool

  /// A console.
  /// - Parameters:
  ///   - hasColor: whether escape sequences may be used for colours.
  ///   - sink: where texts go, by default the streams themselves.
  init(
    hasColor: Bool,
    sink: @escaping @Sendable (StandardStream, String) -> Void = { $0.write($1) }
  ) {
    self.hasColor = hasColor
    self.sink = sink
  }

  /// Says lines on stdout.
  /// - Parameters:
  ///   - text: one line or more.
  ///   - bar: the live line from then on; `nil` leaves it as it is.
  func say(_ text: String = "", live bar: String? = nil) { post(.output, text + "\n", bar) }

  /// Says lines on stderr.
  func complain(_ text: String) { post(.error, text + "\n") }

  private func post(_ stream: StandardStream, _ text: String, _ newBar: String? = nil) {
    queue.async { [self] in
      let (old, bar) = live.withLock { bar in
        let old = bar
        bar = newBar ?? old
        return (old, bar)
      }
      if old.isEmpty, bar.isEmpty {
        sink(stream, text)
      } else if stream == .output {
        sink(.output, "\r\u{1B}[2K\(text)\(bar)")
      } else {
        sink(.output, "\r\u{1B}[2K")
        sink(.error, text)
        sink(.output, bar)
      }
    }
  }

  /// Replaces the live line; an empty text takes it away.
  func show(_ line: String) {
    queue.async { [self] in
      let old = live.withLock { bar in
        let old = bar
        bar = line
        return old
      }
      if old != line { sink(.output, "\r\u{1B}[2K\(line)") }
    }
  }

  /// Waits until everything said so far is written.
  func drain() async {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume() }
    }
  }

  /// Waits until everything said so far is written, for at most some time.
  func drain(within limit: Duration?) async {
    let (ends, end) = AsyncStream.makeStream(of: Never.self)
    Task {
      await drain()
      end.finish()
    }
    if let limit {
      Task {
        try? await Task.sleep(for: limit)
        end.finish()
      }
    }
    for await _ in ends {}
  }

  /// The text in a colour (ECMA-48 SGR), bold; plain when there are no colours.
  func paint(_ text: String, _ color: Color) -> String {
    hasColor ? "\u{1B}[1;\(color.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// Colours in use.
  enum Color: Int, Sendable {
    case red = 31
    case green = 32
    case yellow = 33
  }
}
