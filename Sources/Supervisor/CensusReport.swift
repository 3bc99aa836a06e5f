// What a supervisor tells the one above it: whom it ended itself. The upper one sees only that they
// went, and would count everybody as having obeyed.

import Core

/// A process that is gone, and what that took.
struct EndedProcess: Hashable, Sendable {
  var identity: ProcessIdentity
  /// Whether it needed SIGKILL.
  var wasKilled: Bool
  /// Whether a signal to its leader's process group missed it.
  var isOutsideGroup: Bool
}

/// The file in which supervisors below a holder note whom they ended in a stop.
///
/// One line for each process, `k|o i|x pid start-time`: killed or obeyed, inside of its group or
/// outside. Each tree's lines are one append, so several supervisors can share the file.
enum CensusReport {
  /// Names the file to everything below the holder.
  static let variable = "AGENTV_CENSUS_FILE"
  /// Largest report read: about 30,000 processes.
  static let limitBytes = 1 << 20

  /// Appends what ended to the file that the environment names, if it names one.
  ///
  /// Best effort: the census of a stop is not worth failing it.
  static func append(
    _ ended: [EndedProcess], environment: [String: String] = ProcessEnvironment.current()
  ) {
    guard !ended.isEmpty, let path = environment[variable] else { return }
    let lines = ended.map { process in
      "\(process.wasKilled ? "k" : "o") \(process.isOutsideGroup ? "x" : "i") "
        + "\(process.identity.pid) \(process.identity.startTime)\n"
    }
    try? AppendFile(path).append(Array(lines.joined().utf8))
  }

  /// The processes of a report; lines that are none are passed over.
  static func read(_ path: String) -> [EndedProcess] {
    guard let bytes = try? FileIO.read(path, limitBytes: limitBytes) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard words.count == 4, ["k", "o"].contains(words[0]), ["i", "x"].contains(words[1]),
        let pid = Int32(words[2]), let startTime = UInt64(words[3])
      else { return nil }
      return EndedProcess(
        identity: ProcessIdentity(pid: pid, startTime: startTime), wasKilled: words[0] == "k",
        isOutsideGroup: words[1] == "x")
    }
  }

  /// One list of both: everybody once, killed when anybody had to kill it.
  ///
  /// Whether a process was outside is the word of the supervisor next to it, since the groups of
  /// the trees below are all outside of ours.
  static func merge(_ own: [EndedProcess], reported: [EndedProcess]) -> [EndedProcess] {
    var merged: [EndedProcess] = []
    var positions: [ProcessIdentity: Int] = [:]
    for process in reported + own {
      if let position = positions[process.identity] {
        merged[position].wasKilled = merged[position].wasKilled || process.wasKilled
      } else {
        positions[process.identity] = merged.count
        merged.append(process)
      }
    }
    return merged
  }
}

extension Census {
  /// Counts what ended.
  init(_ ended: [EndedProcess], remaining: [Survivor]) {
    let killed = ended.count(where: \.wasKilled)
    self.init(
      obeyed: ended.count - killed, killed: killed,
      outsideGroup: ended.count(where: \.isOutsideGroup), remaining: remaining)
  }
}
