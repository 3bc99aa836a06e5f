// A stop that lets the running tests finish: a file that whoever asks puts into the run directory and
// that the run looks for before it starts a test. No signal could say it to a run that does not know
// the signal yet.

public import Core

/// Requests to start no further tests.
public enum RunDrain {
  /// Asks a run to start no further tests.
  /// - Parameters:
  ///   - request: who asks, when and why.
  ///   - directory: the run.
  ///   - jobID: the job that is meant, which may not have come as far as its start.
  /// - Throws: `FileError`.
  public static func request(
    _ request: StopRequest, in directory: RunDirectory, jobID: String?
  ) throws(FileError) {
    var object = request.json.object ?? [:]
    object["job_id"] = .optional(jobID)
    try FileIO.replace(directory.file(RunFile.drain), JSON.object(object).pretty() + [0x0A])
  }

  /// The request that a run is under; one of another job, or from before the start, is about an
  /// earlier start.
  public static func read(
    _ directory: RunDirectory, jobID: String?, since start: Timestamp
  ) -> StopRequest? {
    let path = directory.file(RunFile.drain)
    guard FileIO.linkStatus(path) != nil,
      let bytes = try? FileIO.read(path, limitBytes: 65536),
      let json = try? JSON.parse(bytes), let request = StopRequest(json: json)
    else { return nil }
    if let job = json["job_id"]?.string { return job == jobID ? request : nil }
    return request.requestedAt >= start ? request : nil
  }

  /// Forgets a request that was met, or that an earlier start was under.
  public static func clear(_ directory: RunDirectory) {
    try? FileIO.remove(directory.file(RunFile.drain))
  }
}
