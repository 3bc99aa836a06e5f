// What is kept of one call while its events come in.

import Core
import Supervisor

/// Reads events in order; an actor, because they come from the loop by way of a task of their own.
actor AgentSession {
  /// Most of the raw events kept for the transcript; the rest is counted.
  static let transcriptLimitBytes = 64 << 20

  /// All that was seen.
  struct Seen: Sendable {
    var reader: any AgentReader
    var outcome: AgentOutcome?
    /// The events as the agent wrote them, one a line, without secrets.
    var transcript: [UInt8]
    var leftOutBytes: Int
    var logPath: String?
  }

  private var reader: any AgentReader
  private let redactor: SecretRedactor
  private var log: StreamLog?
  private let logPath: String?
  private var transcript: [UInt8] = []
  private var leftOutBytes = 0
  private var outcome: AgentOutcome?

  init(reader: any AgentReader, redactor: SecretRedactor, log: StreamLog?) {
    self.reader = reader
    self.redactor = redactor
    self.log = log
    logPath = log?.path
  }

  /// Takes one line.
  /// - Parameters:
  ///   - line: without its end.
  ///   - instant: when it came.
  ///   - isLate: whether a stop had been asked for before; what comes then completes nothing.
  /// - Returns: whether the final event has been read.
  func take(_ line: [UInt8], at instant: AgentInstant, isLate: Bool) -> Bool {
    let line = redactor.redacted(line)
    guard let event = try? JSON.parse(line), event.object != nil else { return outcome != nil }
    keep(line)
    let logLine = reader.read(event, at: instant)
    if outcome == nil, !isLate { outcome = reader.outcome }
    if let log {
      do throws(FileError) {
        try log.add(logLine, event: event, at: instant)
      } catch {
        self.log = nil
      }
    }
    return outcome != nil
  }

  /// Everything, once the process has ended.
  func finish() -> Seen {
    log = nil
    return Seen(
      reader: reader, outcome: outcome, transcript: transcript, leftOutBytes: leftOutBytes,
      logPath: logPath)
  }

  private func keep(_ line: [UInt8]) {
    guard transcript.count + line.count < Self.transcriptLimitBytes else {
      leftOutBytes += line.count
      return
    }
    transcript += line
    transcript.append(0x0A)
  }
}
