// The list of runs kept in a file, so that a server over 10,000 runs need not read them all when it
// starts. A cache: whatever is wrong with it, it is built again.

public import Core

extension RunListing {
  /// The version of the form; another one is not read.
  static let cacheSchema = 2
  static let cacheLimitBytes = 512 << 20

  /// Takes the runs of a cache file, as far as they have not been read yet.
  ///
  /// Each is checked against the disk by the next scan. A file that is missing, damaged, of another
  /// version or about another tree is passed over, and so is a damaged line.
  /// - Parameter path: the file.
  public mutating func load(_ path: String) {
    guard let bytes = try? FileIO.read(path, limitBytes: Self.cacheLimitBytes) else { return }
    var isHeader = true
    for line in bytes.split(separator: 0x0A) {
      guard let json = try? JSON.parse(line) else {
        if isHeader { return }
        continue
      }
      if isHeader {
        guard json["agentv_index"]?.int == Self.cacheSchema, json["root"]?.string == tree.root
        else { return }
        isHeader = false
      } else if let entry = Entry(json: json, tree: tree), known[entry.meta.directory] == nil {
        known[entry.meta.directory] = entry
      }
    }
    isUnsaved = false
  }

  /// Writes the cache file; live runs and those that have just been written are left out.
  /// - Parameter path: the file; replaced as a whole.
  /// - Throws: `FileError`.
  public mutating func save(_ path: String) throws(FileError) {
    let header: JSON = ["agentv_index": .int(Self.cacheSchema), "root": .string(tree.root)]
    var bytes = header.serialized() + [0x0A]
    for (path, entry) in known where entry.isSettled && !entry.meta.isLive {
      bytes += entry.json(Path.relative(path, to: tree.root)).serialized()
      bytes.append(0x0A)
    }
    isUnsaved = false
    try FileIO.createDirectories(Path.directory(path))
    try FileIO.replace(path, bytes)
  }
}

extension RunListing.Entry {
  fileprivate func json(_ path: String) -> JSON {
    [
      "path": .string(path),
      "stamp": [
        .int(stamp.directory), .int(Int(clamping: stamp.inode)), .int(stamp.indexSize),
        .int(stamp.index), .int(stamp.tags),
      ], "run": meta.json, "groups": .array(meta.groups.map(\.json)),
      "marks": .string(meta.marks.text), "first_row": .optional(meta.firstRowAt),
      "last_group": .int(meta.lastGroup),
    ]
  }

  fileprivate init?(json: JSON, tree: RunTree) {
    guard let path = json["path"]?.string, let values = json["stamp"]?.array, values.count == 5,
      let directory = values[0].int, let inode = values[1].int, let size = values[2].int,
      let index = values[3].int, let tags = values[4].int,
      let marks = json["marks"]?.string.map(TestMarks.init(text:)),
      let groups = json["groups"]?.array?.compactMap({ RunGroup(json: $0, ofRun: marks) }),
      let meta = RunMeta(
        cached: json["run"] ?? .null, directory: tree.directory(Path.join(tree.root, path)),
        groups: groups, marks: marks, firstRowAt: json["first_row"]?.string,
        lastGroup: json["last_group"]?.int ?? 0)
    else { return nil }
    self.init(
      stamp: .init(
        directory: directory, inode: UInt64(clamping: inode), indexSize: size, index: index,
        tags: tags), meta: meta, isSettled: true)
  }
}

extension RunMeta {
  /// Reads the form on the wire again; `nil` when something that must be there is not.
  fileprivate init?(
    cached json: JSON, directory: RunDirectory, groups: [RunGroup], marks: TestMarks,
    firstRowAt: String?, lastGroup: Int
  ) {
    guard let status = json["status"]?.string.flatMap(RunStatus.init),
      let timestamp = json["timestamp"]?.string, let tests = json["test_count"]?.int,
      let ok = json["ok"]?.int, let failures = json["quality_failures"]?.int,
      let errors = json["execution_errors"]?.int, let size = json["size_bytes"]?.int,
      let bad = json["bad_lines"]?.int, let attempts = json["attempts"]?.int
    else { return nil }
    func strings(_ name: String) -> [String] { (json[name]?.array ?? []).compactMap(\.string) }
    func time(_ name: String) -> Timestamp? { json[name]?.string.flatMap(Timestamp.init) }
    self.init(
      runID: directory.runID, displayName: Path.name(directory.path), directory: directory.path,
      timestamp: timestamp, testCount: tests, okCount: ok, qualityFailureCount: failures,
      executionErrorCount: errors, averageScore: json["avg_score"]?.double, sizeBytes: size,
      targets: strings("targets"), experiment: json["experiment"]?.string, tags: strings("tags"),
      status: status, jobID: json["job_id"]?.string, pid: nil,
      plannedTestCount: json["planned_test_count"]?.int, costUSD: json["cost_usd"]?.double,
      badLines: bad, attempts: attempts, signal: json["signal"]?.string,
      exitCode: json["exit_code"]?.int, suiteFilter: json["suite_filter"]?.string,
      startedAt: time("started_at"), resumedAt: time("resumed_at"),
      finishedAt: time("finished_at"), stop: json["stop"].flatMap(StopRequest.init(json:)),
      isRemote: directory.isRemote, groups: groups, marks: marks, firstRowAt: firstRowAt,
      lastGroup: groups.indices.contains(lastGroup) ? lastGroup : 0)
  }
}
