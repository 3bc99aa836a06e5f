// Reads how a run ended from what its holder left in the job directory. Blocking, but the files are
// bounded and small: the exit is to be on the wire in the loop turn that learns of it.

public import Core
import Supervisor

/// The reading of `end.json`.
public enum EndRecord {
  /// Largest `end.json` read; the holder writes less than 16 KiB.
  static let limitBytes = 256 << 10
  /// How much of `run.json` is parsed; of a larger one only the tail is looked at.
  static let runRecordLimitBytes = 64 << 10

  /// How the run ended, as the record in `<run directory>/.jobs/<job id>` and run.json tell it.
  ///
  /// - Parameters:
  ///   - jobDirectory: `<run directory>/.jobs/<job id>`.
  ///   - runDirectory: the run.
  ///   - holder: how the holder itself ended, for a message when it left no record; `nil` when it is
  ///     not our child.
  ///   - stop: what was asked for, if anything.
  /// - Returns: the end; its outcome is `lost` when neither record nor holder tell it.
  public static func read(
    jobDirectory: String, runDirectory: String, holder: ExitStatus?, stop: StopRequest?
  ) -> JobEnd {
    guard let bytes = try? FileIO.read("\(jobDirectory)/end.json", limitBytes: limitBytes),
      let record = try? JSON.parse(bytes), record.object != nil
    else {
      if case .exited(let code)? = holder, code != Holder.ownFailureCode {
        // It exits with the run's own code, also when there was no room for the record.
        var end = interpret(
          ["exit_code": .int(Int(code))], completion: completion(runDirectory: runDirectory),
          stop: stop)
        end.reason = end.reason ?? "the record of its end could not be written"
        return end
      }
      return JobEnd(
        exitCode: nil, signal: nil, outcome: .lost,
        reason: "the process that watched the run \(how(holder)) without leaving a record",
        actor: stop?.actor, endedAt: .now())
    }
    return interpret(
      record, completion: completion(runDirectory: runDirectory), stop: stop)
  }

  /// What an end record means; pure.
  static func interpret(_ record: JSON, completion: String?, stop: StopRequest?) -> JobEnd {
    let exitCode = record["exit_code"]?.int
    let wasStopped = record["stopped"]?.bool ?? false
    let outcome: JobOutcome =
      if exitCode == 0, completion != "interrupted" {
        // It had finished before the stop reached it.
        .completed
      } else if wasStopped || stop != nil {
        .stopped
      } else if completion == "completed" {
        .completed
      } else {
        .failed
      }
    return JobEnd(
      exitCode: exitCode, signal: signal(record, exitCode: exitCode), outcome: outcome,
      reason: record["error"]?.string ?? record["reason"]?.string ?? stop?.reason,
      actor: record["actor"]?.string ?? stop?.actor,
      census: record["census"].map(Census.init(json:)),
      endedAt: record["ended_at"]?.string.flatMap(Timestamp.init) ?? .now())
  }

  /// The `completion` word of `run.json`, `nil` when there is none to be had cheaply.
  static func completion(runDirectory: String) -> String? {
    let path = "\(runDirectory)/run.json"
    guard let size = FileIO.status(path)?.size else { return nil }
    if size <= runRecordLimitBytes {
      guard let bytes = try? FileIO.read(path, limitBytes: runRecordLimitBytes) else { return nil }
      return (try? JSON.parse(bytes))?["completion"]?.string
    }
    // The list of planned tests makes it long, and comes before the words about the end.
    guard let tail = try? FileIO.read(path, offset: size - 4096, count: 4096) else { return nil }
    let text = String(decoding: tail, as: UTF8.self)
    guard let name = text.firstRange(of: "\"completion\"") else { return nil }
    let words = text[name.upperBound...].split(separator: "\"", maxSplits: 2)
    return words.count > 1 ? String(words[1]) : nil
  }

  private static func signal(_ record: JSON, exitCode: Int?) -> String? {
    if let name = record["signal"]?.string { return name }
    if let number = record["signal"]?.int.flatMap(Int32.init(exactly:)) {
      return SignalName.of(number)
    }
    return exitCode.flatMap(Int32.init(exactly:)).flatMap { ExitStatus.exited($0).signalName }
  }

  private static func how(_ status: ExitStatus?) -> String {
    switch status {
    case nil: "ended"
    case .exited(let code): "exited with code \(code)"
    case .signaled(let signal): "was killed by \(SignalName.of(signal))"
    }
  }
}
