// From what a person writes for a run to the run: its id, its directory, a job id, or the beginning of
// one of them. Blocking.

import Core
public import RunArtifacts

/// A run that was named.
public struct NamedRun: Sendable, Hashable {
  /// The run.
  public var directory: RunDirectory
  /// The job, when its id was what named it.
  public var jobID: String?

  /// A run by its directory.
  public init(directory: RunDirectory, jobID: String? = nil) {
    self.directory = directory
    self.jobID = jobID
  }
}

/// Finds runs of one project.
public struct RunFinder: Sendable {
  /// Candidates listed in a message.
  static let maximumListed = 10

  /// The project's directory, absolute.
  public let project: String
  /// What relative directories start from, absolute.
  public let workingDirectory: String

  /// A finder.
  public init(project: String, workingDirectory: String) {
    self.project = project
    self.workingDirectory = workingDirectory
  }

  /// Every directory that holds a run or records of one that never began to write, newest first.
  public func directories() -> [RunDirectory] {
    var found: [RunDirectory] = []
    collect(RunDirectory.runsRoot(project: project), depth: 0, into: &found)
    // A run with --output may lie anywhere; of those, the last one is known.
    if let last = LastRun.read(project: project), Self.isRun(last) {
      let directory = RunDirectory(path: last, project: project)
      if !found.contains(directory) { found.append(directory) }
    }
    return found.sorted {
      (Path.name($0.path), $0.runID) > (Path.name($1.path), $1.runID)
    }
  }

  private func collect(_ path: String, depth: Int, into found: inout [RunDirectory]) {
    guard depth < 8, let names = try? FileIO.list(path) else { return }
    for name in names where !name.hasPrefix(".") {
      let child = Path.join(path, name)
      guard FileIO.linkStatus(child)?.kind == .directory else { continue }
      if Self.isRun(child) {
        found.append(RunDirectory(path: child, project: project))
      } else {
        collect(child, depth: depth + 1, into: &found)
      }
    }
  }

  private static func isRun(_ path: String) -> Bool {
    RunDirectory.holdsRun(path) || FileIO.isDirectory(Path.join(path, RunFile.jobs))
  }

  /// The live runs, newest first.
  public func live() -> [ControlledRun] {
    // Most runs ended long ago: two looks tell, before all records are read.
    directories().filter { directory in
      directory.lockState().isHeld
        || JobRecord.all(inRun: directory.path).contains {
          !$0.hasEnded && ($0.livingHolder != nil || $0.isBeingLaunched)
        }
    }.map(ControlledRun.init).filter(\.isLive)
  }

  /// The run that a person names.
  /// - Parameter name: a directory or its index.jsonl, a run id, a job id, or the beginning of an id
  ///   that no other run shares.
  /// - Returns: the run, and the job when its id named it.
  /// - Throws: `RunControlError`, listing the candidates.
  public func find(_ name: String) throws(RunControlError) -> NamedRun {
    guard !name.isEmpty, !name.contains("\0") else {
      throw RunControlError(.unknown, name, "a run id, a job id or a run directory is needed")
    }
    if let directory = directory(at: name) { return NamedRun(directory: directory) }
    if name.contains("/") {
      throw RunControlError(
        .unknown, name, "there is no run in that directory; agentv ps --all lists the runs")
    }
    let known = entries()
    // A whole id means itself, also where it is the beginning of another one.
    if let found = try single(known.filter { $0.id == name }, name) { return found }
    if let found = try single(known.filter { $0.names.contains(name) }, name) { return found }
    let beginning = known.filter { $0.names.contains { $0.hasPrefix(name) } }
    if let found = try single(beginning, name) { return found }
    throw RunControlError(
      .unknown, name, Self.list(known, "no run of \"\(project)\" has that id"))
  }

  private func directory(at name: String) -> RunDirectory? {
    var path = Path.absolute(name, in: workingDirectory)
    if Path.name(path) == RunFile.index { path = Path.directory(path) }
    return Self.isRun(path) ? RunDirectory(path: path, project: project) : nil
  }

  /// A run or one of its jobs, with what it may be called.
  private struct Entry {
    var directory: RunDirectory
    var jobID: String?
    var names: [String]

    var id: String { jobID ?? directory.runID }
  }

  private func entries() -> [Entry] {
    directories().flatMap { directory -> [Entry] in
      let jobs = ((try? FileIO.list(directory.file(RunFile.jobs))) ?? []).map {
        Entry(directory: directory, jobID: $0, names: [$0])
      }
      let names = [directory.runID, Path.name(directory.path)]
      return [Entry(directory: directory, names: names)] + jobs
    }
  }

  /// The run that all entries mean; `nil` without entries.
  private func single(_ entries: [Entry], _ name: String) throws(RunControlError) -> NamedRun? {
    guard let first = entries.first else { return nil }
    guard Set(entries.map(\.directory)).count == 1 else {
      throw RunControlError(
        .ambiguous, name, Self.list(entries, "that is the beginning of several"))
    }
    return NamedRun(
      directory: first.directory, jobID: entries.count == 1 ? first.jobID : nil)
  }

  private static func list(_ entries: [Entry], _ problem: String) -> String {
    var seen = Set<String>()
    let ids = entries.map(\.id).filter { seen.insert($0).inserted }
    guard !ids.isEmpty else { return "\(problem); it has no runs" }
    let shown = ids.prefix(maximumListed).joined(separator: ", ")
    let more = ids.count > maximumListed ? " and \(ids.count - maximumListed) more" : ""
    return "\(problem); there are: \(shown)\(more)"
  }
}
