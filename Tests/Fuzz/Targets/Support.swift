// What all targets use: a broken rule ends the process, which libFuzzer keeps as a crash.

import Core
import Glibc

/// Ends the process when a rule does not hold.
func check(_ holds: Bool, _ rule: @autoclosure () -> String) {
  if holds { return }
  let text = "broken rule: \(rule())\n"
  _ = text.withCString { write(2, $0, strlen($0)) }
  abort()
}

/// A directory of this process for files that a target reads, in memory where the system has that.
enum Scratch {
  static let path: String = {
    let base = FileIO.isDirectory("/dev/shm") ? "/dev/shm" : "/tmp"
    let path = "\(base)/agentv-fuzz-\(getpid())"
    try? FileIO.createDirectories(path)
    atexit { try? FileIO.removeTree(Scratch.path) }
    return path
  }()

  /// Writes a file in it and returns its path.
  @discardableResult
  static func write(_ name: String, _ bytes: [UInt8]) -> String {
    let file = Path.join(path, name)
    do {
      try FileIO.createDirectories(Path.directory(file))
      try FileIO.write(file, bytes)
    } catch {
      check(false, "\(file) can be written: \(error)")
    }
    return file
  }
}

/// Hands out the parts of an input.
struct Input {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  /// The next byte; 0 at the end.
  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  /// The bytes up to a separator, which is taken too.
  mutating func part(until separator: UInt8) -> [UInt8] {
    let part = rest.prefix { $0 != separator }
    rest = rest.dropFirst(part.count + 1)
    return Array(part)
  }

  /// The text up to the next line end.
  mutating func line() -> String { String(decoding: part(until: 0x0A), as: UTF8.self) }

  /// What is left.
  var remainder: [UInt8] { Array(rest) }
  var isEmpty: Bool { rest.isEmpty }
}
