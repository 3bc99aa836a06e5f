// A file for each test that shows what an agent does while it does it.

import Core

/// The stream log of one call.
///
/// Not being able to write it is a warning, never the end of a test.
final class StreamLog: Sendable {
  let path: String
  private let file: AppendFile
  private let isRaw: Bool
  private let began = ContinuousClock.now

  /// Opens the log and writes its head.
  /// - Parameters:
  ///   - directory: where logs go; created when missing.
  ///   - title: name of the agent.
  ///   - target: name of the target.
  ///   - test: id of the test.
  ///   - attempt: from 0.
  ///   - isRaw: whole events instead of summaries.
  /// - Throws: `FileError`.
  init(
    directory: String, title: String, target: String, test: String, attempt: Int, isRaw: Bool
  ) throws(FileError) {
    let now = Timestamp.now()
    let number = attempt > 0 ? "_attempt-\(attempt + 1)" : ""
    let random = String(UInt32.random(in: 0 ... .max), radix: 16)
    let suffix = String(repeating: "0", count: 8 - random.count) + random
    let name =
      [now.directoryName, Self.safe(target), Self.safe(test)].joined(separator: "_") + number
    try FileIO.createDirectories(directory)
    path = Path.join(directory, "\(name)_\(suffix).log")
    file = try AppendFile(path)
    self.isRaw = isRaw
    try file.append(
      Array(
        """
        # \(title) stream log
        # target: \(Self.line(target))
        # eval: \(Self.line(test))
        # attempt: \(attempt + 1)
        # started: \(now)


        """.utf8))
  }

  /// Adds an event.
  func add(_ line: AgentLogLine?, event: JSON, at instant: AgentInstant) throws(FileError) {
    if isRaw {
      let object: JSON = [
        "time": .string(instant.time.description),
        "event": .string(event["type"]?.string ?? line?.event ?? "event"), "data": event,
      ]
      try file.append(object.serialized() + [0x0A])
    } else if let line {
      let seconds = Int(began.duration(to: instant.clock).components.seconds)
      let clock = "\(Self.two(seconds / 60)):\(Self.two(seconds % 60))"
      try file.append(Array("[+\(clock)] [\(line.event)] \(Self.line(line.summary))\n".utf8))
    }
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  /// Longest summary, characters.
  private static let summaryLimit = 500

  private static func line(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ⏎ ")
    return line.count > summaryLimit ? "\(line.prefix(summaryLimit))…" : line
  }

  /// A text as part of a file name.
  static func safe(_ text: String) -> String {
    String(
      text.unicodeScalars.prefix(80).map { scalar -> Character in
        let isSafe =
          scalar.isASCII
          && (scalar == "." || scalar == "_" || scalar == "-"
            || (0x30...0x39).contains(scalar.value)
            || (0x41...0x5A).contains(scalar.value & ~0x20))
        return isSafe ? Character(scalar) : "_"
      })
  }
}
