// The list of runs follows the disk by itself; on real directories, with the real inotify(7).

import Core
import EventLoop
import RunArtifacts
import TestSupport
import Testing

@testable import Studio

@LoopActor
@Suite(.timeLimit(.minutes(1))) struct RunIndexTests {
  private let project: TemporaryDirectory

  nonisolated init() throws { project = try TemporaryDirectory() }

  private func write(_ run: String, rows: Int = 1) throws {
    let lines = (0..<rows).map { #"{"test_id":"t\#($0)","target":"a","score":1}"# + "\n" }
    try project.write(".agentv/results/runs/\(run)/index.jsonl", lines.joined())
  }

  /// An index that is current.
  private func started(_ told: AsyncStream<(RunChange, ListedRun)>.Continuation? = nil) async
    -> RunIndex
  {
    final class Told { weak var index: RunIndex? }
    let told2 = Told()
    let index = RunIndex(
      project: project.path, home: project.file("home"), keepsCache: false,
      scans: KeptScans(), watcher: ProjectWatcher(project: project.path) { told2.index?.take($0) })
    told2.index = index
    index.onChange = { told?.yield(($0, $1)) }
    await withCheckedContinuation { current in
      var waiting: CheckedContinuation<Void, Never>? = current
      index.onCurrent = {
        waiting?.resume()
        waiting = nil
      }
      index.start {}
    }
    return index
  }

  private func list(_ index: RunIndex) async -> [String] {
    await withCheckedContinuation { given in
      index.list { list in
        given.resume(
          returning: list.runs.map { run in
            ([run.runID, "\(run.testCount)"] + run.meta.tags).joined(separator: " ")
          })
      }
    }
  }

  @Test func `a list shows what was changed just before, and reads only that`() async throws {
    for run in 0..<30 { try write("default/run-\(10 + run)") }
    let index = await started()
    let count = index.readCount
    #expect(await list(index).count == 30)
    #expect(index.readCount == count, "nothing changed")

    try write("default/run-20", rows: 3)
    try project.write(".agentv/results/runs/default/run-21/tags.json", #"{"tags":["kept"]}"#)
    try write("exp/new")
    try FileIO.removeTree(project.file(".agentv/results/runs/default/run-22"))
    let runs = await list(index)
    #expect(runs.count == 30)
    #expect(runs.contains("run-20 3") && runs.contains("run-21 1 kept"))
    #expect(runs.contains("exp::new 1") && !runs.contains("run-22 1"))
    #expect(index.isCurrent)
  }

  @Test func `tags that another program writes are told without a question`() async throws {
    try write("default/a")
    let (told, yield) = AsyncStream.makeStream(of: (RunChange, ListedRun).self)
    let index = await started(yield)
    var changes = told.makeAsyncIterator()
    let tags = project.file(".agentv/results/runs/default/a/tags.json")
    try FileIO.replace(tags, Array(#"{"tags":["x","y"]}"#.utf8))
    var next = await changes.next()
    #expect(next?.0 == .changed && next?.1.meta.tags == ["x", "y"])
    try FileIO.remove(tags)
    next = await changes.next()
    #expect(next?.0 == .changed && next?.1.meta.tags == [])
    #expect(index.isCurrent)
  }

  @Test func `an experiment that is renamed takes its runs along`() async throws {
    try write("old/a")
    try write("old/b")
    let index = await started()
    let runs = ".agentv/results/runs"
    try FileIO.rename(project.file("\(runs)/old"), to: project.file("\(runs)/new"))
    #expect(await list(index) == ["new::b 1", "new::a 1"])
    try write("new/a", rows: 2)
    #expect(await list(index) == ["new::b 1", "new::a 2"])
  }

  @Test func `a tree that is made later, or made again, is followed`() async throws {
    let index = await started()
    #expect(await list(index) == [])
    try write("default/a")
    #expect(await list(index) == ["a 1"])
    try FileIO.removeTree(project.file(".agentv"))
    #expect(await list(index) == [])
    try write("default/b")
    #expect(await list(index) == ["b 1"])
    try write("default/b", rows: 2)
    #expect(await list(index) == ["b 2"])
  }

  @Test func `a directory becomes a run when its index is written`() async throws {
    let index = await started()
    let run = ".agentv/results/runs/default/a"
    try FileIO.createDirectories(project.file("\(run)/suite/test"))
    #expect(await list(index) == [])
    try write("default/a")
    #expect(await list(index) == ["a 1"])
    try FileIO.removeTree(project.file(run))
    #expect(await list(index) == [])
  }

  @Test func `after events were lost the list is right at once and current again`() async throws {
    try write("default/a")
    let index = await started()
    await withCheckedContinuation { current in
      index.onCurrent = {
        index.onCurrent = {}
        current.resume()
      }
      index.take(.everythingChanged)
      #expect(!index.isCurrent)
    }
    #expect(await list(index) == ["a 1"])
    #expect(index.isCurrent)
  }

  @Test func `runs of a results repository are followed like the project's own`() async throws {
    try write("default/a")
    try project.write(
      ".agentv/config.yaml", "results:\n  export:\n    repo: owner/name\n    path: runs\n")
    let settings = try #require(
      RemoteSettings(project: project.path, home: project.file("home")))
    let index = await started()
    #expect(await list(index) == ["a 1"])
    let row = #"{"test_id":"t","target":"a","score":1}"# + "\n"
    try FileIO.createDirectories("\(settings.runsRoot)/default/far")
    try FileIO.write("\(settings.runsRoot)/default/far/index.jsonl", Array(row.utf8))
    #expect(await list(index).sorted() == ["a 1", "remote::far 1"])
    #expect(index.isCurrent)
  }
}
