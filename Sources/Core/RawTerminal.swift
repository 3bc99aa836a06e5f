// The terminal as a source of single keys.

import Glibc

/// Standard input in raw mode, for as long as the value lives.
///
/// Keys come as they are pressed, nothing is echoed, Ctrl+C is a key. The size and the settings are
/// those of the terminal on descriptor 0.
public struct RawTerminal: ~Copyable {
  /// Settings of a terminal, to be given back.
  public struct Settings: Sendable {
    fileprivate var raw: termios

    /// Gives them to the terminal on descriptor 0.
    public func apply() {
      var settings = raw
      tcsetattr(0, TCSADRAIN, &settings)
    }
  }

  /// The settings before.
  public let saved: Settings

  /// Whether keys can be read and text be shown: stdin and stdout are terminals.
  public static var isInteractive: Bool { isatty(0) == 1 && isatty(1) == 1 }

  private init(saved: Settings) { self.saved = saved }

  /// Enters raw mode; `nil` when stdin is no terminal.
  public static func enter() -> RawTerminal? {
    var settings = termios()
    guard tcgetattr(0, &settings) == 0 else { return nil }
    let saved = Settings(raw: settings)
    cfmakeraw(&settings)
    // Newlines of what is printed keep their carriage return.
    settings.c_oflag |= tcflag_t(OPOST)
    guard tcsetattr(0, TCSADRAIN, &settings) == 0 else { return nil }
    return RawTerminal(saved: saved)
  }

  deinit { saved.apply() }

  /// Waits for input and reads it.
  /// - Parameter limitMilliseconds: longest wait; `nil` for no limit.
  /// - Returns: the bytes; empty after the limit; `nil` at the end of the input.
  public borrowing func read(limitMilliseconds: Int? = nil) -> [UInt8]? {
    while true {
      var entry = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
      let ready = poll(&entry, 1, limitMilliseconds.map(Int32.init) ?? -1)
      if ready < 0, errno == EINTR { continue }
      if ready == 0 { return [] }
      var count = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: 256) { buffer, filled in
        count = Glibc.read(0, buffer.baseAddress, 256)
        filled = max(0, count)
      }
      if count < 0, errno == EINTR { continue }
      return count > 0 ? bytes : nil
    }
  }
}

extension StandardStream {
  /// Height of the terminal in lines; `nil` when it is none or does not tell.
  public var lines: Int? {
    var size = winsize()
    guard ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else { return nil }
    return Int(size.ws_row)
  }
}
