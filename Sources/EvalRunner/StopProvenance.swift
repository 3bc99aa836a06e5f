// Who stopped a run, when and why, as it is kept in run.json.

import Core
import RunArtifacts

enum StopProvenance {
  /// What is known of the stop; `nil` when nobody asked for one.
  ///
  /// A signal that came without a record was sent from a terminal, or by whoever ends the machine.
  static func of(
    _ control: RunControl, jobID: String?, since start: Timestamp, in directory: RunDirectory
  ) -> StopRequest? {
    if let drained = control.drained { return drained }
    guard let signal = control.signal else { return nil }
    return jobID.flatMap { ofJob($0, in: directory) } ?? directory.stopRequest(since: start)
      ?? StopRequest(
        reason: "got \(SignalName.of(signal))", actor: "terminal",
        mode: control.isForced ? .force : .now, requestedAt: .now())
  }

  /// What the Studio asked its job for.
  private static func ofJob(_ id: String, in directory: RunDirectory) -> StopRequest? {
    guard !id.isEmpty, !id.contains("/"),
      let bytes = try? FileIO.read(directory.file(".jobs/\(id)/stop.json"), limitBytes: 1 << 20)
    else { return nil }
    return (try? JSON.parse(bytes)).flatMap(StopRequest.init(json:))
  }
}
