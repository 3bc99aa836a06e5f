// One run with its results, whole when it is small and in pieces when it is not. Blocking.

import Core
import HTTPServer
import RunArtifacts

struct RunDetail: Sendable {
  /// Larger bodies are sent in pieces.
  static let wholeBytes = 1 << 20

  private(set) var headers: [(name: String, value: String)] = [
    ("Content-Type", "application/json"), ("Cache-Control", "no-cache"),
    ("Vary", "Accept-Encoding"),
  ]
  /// The answer, when it is made already.
  private(set) var whole: HTTPResponse?

  private var results: ResultStream
  private var head: [UInt8]
  private let tail: [UInt8]
  private var gzip: Gzip?
  private var isEnded = false

  init(
    _ directory: RunDirectory, project: String, scans: KeptScans, query: ListQuery,
    view: ResultView, form: AnswerForm
  ) throws(RequestError) {
    // The lock first, so that a run that ends meanwhile is seen as live with all its rows.
    let lock = directory.lockState()
    let header = RunHeader(directory)
    let read = try RunLibrary.read(directory, scans) { run in
      Read(directory, project, &run, lock, header, query, view, form)
    }
    results = ResultStream(directory, read.scan, order: read.order, view: view)
    head = Array("{\"results\":[".utf8)
    tail = read.tail
    headers.append(("ETag", read.tag))
    if form.knows(read.tag) {
      whole = .notModified(read.tag)
      return
    }
    if let columns = read.columns {
      var response = HTTPResponse.jsonBytes(
        head + tail.dropLast() + Array(#","columns":"#.utf8) + columns + [UInt8(ascii: "}")])
      response.headers.append(("ETag", read.tag))
      whole = response.finished(form)
      return
    }
    var body = head
    while !results.isAtEnd, body.count < Self.wholeBytes { body += results.piece() }
    if results.isAtEnd {
      var response = HTTPResponse.jsonBytes(body + tail)
      response.headers.append(("ETag", read.tag))
      whole = response.finished(form)
      return
    }
    head = body
    if form.acceptsGzip {
      gzip = Gzip()
      headers.append(("Content-Encoding", "gzip"))
    }
  }

  /// What an answer takes from a run while it has it.
  private struct Read {
    /// The rows; none of them when the columns are all that is told.
    var scan = IndexScan.empty
    /// The rows of a page; `nil` for all.
    var order: [Int]?
    var columns: [UInt8]?
    let tail: [UInt8]
    let tag: String

    init(
      _ directory: RunDirectory, _ project: String, _ run: inout KeptRun, _ lock: RunLockState,
      _ header: RunHeader, _ query: ListQuery, _ view: ResultView, _ form: AnswerForm
    ) {
      let scan = run.scan
      let meta = RunMeta(directory, run: &run, header: header, lock: lock)
      var page: ListQuery.Page<Int>?
      if !query.isPlain {
        let found = scan.rows.indices.filter { query.accepts(scan.rows[$0]) }
        page = query.page(found) {
          String($0 + 1_000_000_000)
        } key: {
          scan.rows[$0].sortKey($1, index: $0)
        }
      }
      order = page?.elements
      tail = RunDetail.tail(
        directory, project, scan, header, meta, view, page.map(query.members))
      let changed = FileIO.status(directory.file(RunFile.index))?.modifiedNanoseconds ?? 0
      tag = HTTPResponse.tag(tail + Array("\(scan.sizeBytes)/\(query)/\(changed)".utf8))
      guard view == .columns else {
        self.scan = scan
        return
      }
      guard !form.knows(tag) else { return }
      columns = page.map { ResultColumns.json(scan, order: $0.elements) } ?? run.columnsJSON()
    }
  }

  /// The next bytes of the body; empty at the end.
  mutating func piece() -> [UInt8] {
    guard !isEnded else { return [] }
    var bytes = head
    head = []
    if bytes.isEmpty { bytes = results.piece() }
    if results.isAtEnd, bytes.isEmpty || bytes.count < ResultStream.pieceBytes {
      bytes += tail
      isEnded = true
    }
    guard gzip != nil else { return bytes }
    var coded = gzip?.add(bytes) ?? []
    if isEnded { coded += gzip?.finish() ?? [] }
    return coded
  }

  private static func tail(
    _ directory: RunDirectory, _ project: String, _ scan: IndexScan, _ header: RunHeader,
    _ meta: RunMeta, _ view: ResultView, _ page: [(name: String, value: [UInt8])]?
  ) -> [UInt8] {
    var object: JSONObject = [
      "source": directory.isRemote ? "remote" : "local",
      "source_label": .string(Path.name(directory.path)),
    ]
    if !directory.isRemote {
      object["run_dir"] = .string(
        Path.isInside(directory.path, project)
          ? Path.relative(directory.path, to: project) : directory.path)
      if let filter = header.suiteFilter { object["suite_filter"] = .string(filter) }
      if let planned = header.plannedTestCount { object["planned_test_count"] = .int(planned) }
    }
    object["run_id"] = .string(directory.runID)
    object["view"] = .string(view.rawValue)
    object["bad_lines"] = .int(scan.badLines)
    object["run"] = meta.json
    if let launch = header.record?.launch { object["launch"] = launch.json }
    var members = RawJSON.object(object.map { ($0.name, $0.value.serialized()) } + (page ?? []))
    members[0] = UInt8(ascii: ",")
    return [UInt8(ascii: "]")] + members
  }
}

/// Takes a run away; blocking.
enum RunRemoval {
  /// Removes a run directory that nobody writes.
  /// - Throws: `RequestError`: it is live, it comes from a results repository, the disk refuses.
  static func remove(_ directory: RunDirectory, job: String?) throws(RequestError) {
    guard !directory.isRemote else {
      throw .badRequest("remote-run", "Only local runs can be removed")
    }
    if let job {
      throw RequestError(
        status: 409, code: "run-is-live",
        message: "Run is still active: job \(job) writes it; stop it first")
    }
    if directory.lockState().isHeld {
      throw RequestError(
        status: 409, code: "run-is-live", message: "Run is still active; stop it first")
    }
    do {
      // Out of the list in one step, whatever becomes of its files; names with a dot are no runs.
      let parent = Path.directory(directory.path)
      let aside = "\(parent)/.removed-\(Path.name(directory.path))-\(UInt32.random(in: 0 ... .max))"
      try FileIO.rename(directory.path, to: aside)
      try FileIO.removeTree(aside)
      FileIO.syncDirectory(parent)
    } catch {
      throw RequestError(
        status: 500, code: "run-not-removed", message: "Failed to remove run: \(error)")
    }
  }
}
