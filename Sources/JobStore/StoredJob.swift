// A job as the journal keeps it: the columns that lists ask for, and two documents that only the owner
// understands.

/// One job in the journal.
public struct StoredJob: Sendable, Hashable {
  /// Job id.
  public var id: String
  /// Absolute path of the project.
  public var project: String
  /// Absolute path of the run directory.
  public var runDirectory: String
  /// Whether it has not ended.
  public var isLive: Bool
  /// Status word of the API.
  public var status: String
  /// How it ended.
  public var outcome: String?
  /// The targets asked for, separated by commas.
  public var target: String?
  /// When it was asked for, in a form that sorts.
  public var startedAt: String
  /// When it ended, in the same form.
  public var finishedAt: String?
  /// What a search looks in, lower case.
  public var text: String
  /// The job object of the API.
  public var object: [UInt8]
  /// What a later server needs to go on with it.
  public var record: [UInt8]

  /// A job.
  public init(
    id: String, project: String, runDirectory: String, isLive: Bool, status: String,
    outcome: String?, target: String?, startedAt: String, finishedAt: String?, text: String,
    object: [UInt8], record: [UInt8]
  ) {
    self.id = id
    self.project = project
    self.runDirectory = runDirectory
    self.isLive = isLive
    self.status = status
    self.outcome = outcome
    self.target = target
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.text = text
    self.object = object
    self.record = record
  }
}

extension StoredJob {
  static let columns =
    "id, project, run_dir, is_live, status, outcome, target, started_at, finished_at, text, "
    + "object, record"

  init?(row: [SQLValue]) {
    guard row.count == 12, let id = row[0].string, let project = row[1].string,
      let runDirectory = row[2].string, let isLive = row[3].int, let status = row[4].string,
      let startedAt = row[7].string, let text = row[9].string, let object = row[10].bytes,
      let record = row[11].bytes
    else { return nil }
    self.init(
      id: id, project: project, runDirectory: runDirectory, isLive: isLive != 0, status: status,
      outcome: row[5].string, target: row[6].string, startedAt: startedAt,
      finishedAt: row[8].string, text: text, object: object, record: record)
  }

  var row: [SQLValue] {
    [
      .text(id), .text(project), .text(runDirectory), .integer(isLive ? 1 : 0), .text(status),
      SQLValue(outcome), SQLValue(target), .text(startedAt), SQLValue(finishedAt), .text(text),
      .blob(object), .blob(record),
    ]
  }
}
