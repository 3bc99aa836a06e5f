// Which process belongs to which tree, on pictures of a process table.

import Testing

@testable import Supervisor

@Suite struct AttributionTests {
  private let us: Int32 = 100

  private func tree(_ pid: Int32, _ startTime: UInt64, marks: [String] = []) -> TreeIdentity {
    TreeIdentity(
      leader: ProcessIdentity(pid: pid, startTime: startTime), ownsSession: true,
      cookie: "cookie-\(pid)", marks: marks)
  }

  private func process(
    _ pid: Int32, parent: Int32, group: Int32? = nil, session: Int32? = nil, start: UInt64 = 50,
    state: Character = "S"
  ) -> ProcessEntry {
    ProcessEntry(
      pid: pid, state: state.asciiValue ?? 0, parent: parent, group: group ?? pid,
      session: session ?? pid, startTime: start)
  }

  private func members(
    _ trees: [TreeIdentity], _ entries: [ProcessEntry], environments: [Int32: String] = [:]
  ) -> [[Int32]] {
    let picture = ProcessPicture(
      ourselves: us, entries: Dictionary(entries.map { ($0.pid, $0) }) { first, _ in first })
    var attribution = Attribution(trees: trees, picture: picture) { pid in
      environments[pid].map { Array($0.utf8) }
    }
    return attribution.members().map { $0.map(\.pid).sorted() }
  }

  @Test func `descendants belong to the leader they come from, whatever their session`() {
    let found = members(
      [tree(10, 1), tree(20, 1)],
      [
        process(10, parent: us, start: 1), process(20, parent: us, start: 1),
        process(11, parent: 10), process(12, parent: 11), process(21, parent: 20),
      ])
    #expect(found == [[11, 12], [21]])
  }

  @Test func `an orphan is known by its session or its group`() {
    let found = members(
      [tree(10, 1), tree(20, 1)],
      [
        process(11, parent: us, session: 10), process(21, parent: us, group: 20),
        process(22, parent: 21),
      ])
    #expect(found == [[11], [21, 22]])
  }

  @Test func `an orphan that was seen before is known again, and its session`() {
    var first = tree(10, 1)
    first.remember(process(11, parent: 10))
    let found = members(
      [first, tree(20, 1)], [process(11, parent: us), process(12, parent: us, session: 11)])
    #expect(found == [[11, 12], []])
  }

  @Test func `an orphan is known by its cookie`() {
    let found = members(
      [tree(10, 1), tree(20, 1)], [process(11, parent: us), process(12, parent: us)],
      environments: [11: "A=1\0AGENTV_TREE=cookie-20\0", 12: "AGENTV_TREE=cookie-200"])
    #expect(found == [[], [11]])
  }

  @Test func `a supervisor in the tree passes its own cookie on behind the outer one`() {
    let found = members(
      [tree(10, 1), tree(20, 1)], [process(11, parent: us)],
      environments: [11: "AGENTV_TREE=cookie-20/7-1-1/9-2-4"])
    #expect(found == [[], [11]])
  }

  @Test func `marks of the caller decide only when one tree has them`() {
    let environments: [Int32: String] = [11: "X=1\0AGENTV_TEST_ID=a"]
    let orphan = [process(11, parent: us)]
    #expect(
      members(
        [tree(10, 1, marks: ["AGENTV_TEST_ID=a"]), tree(20, 1)], orphan,
        environments: environments) == [[11], []])
    #expect(
      members(
        [tree(10, 1, marks: ["AGENTV_TEST_ID=a"]), tree(20, 1, marks: ["AGENTV_TEST_ID=a"])],
        orphan, environments: environments) == [[], []])
  }

  @Test func `an orphan without any trace belongs to the only tree it can come from`() {
    let orphan = process(11, parent: us, start: 50)
    #expect(members([tree(10, 1)], [orphan]) == [[11]])
    #expect(members([tree(10, 1), tree(20, 1)], [orphan]) == [[], []])
    // The second tree is younger than the orphan.
    #expect(members([tree(10, 1), tree(20, 60)], [orphan]) == [[11], []])
  }

  @Test func `a child that was there before any tree is left alone`() {
    #expect(members([tree(10, 60)], [process(11, parent: us, start: 50)]) == [[]])
    #expect(
      members([tree(10, 60)], [process(11, parent: us, session: 10, start: 50)]) == [[]])
  }

  @Test func `a stranger's child is ours only by the cookie`() {
    let entries = [process(11, parent: 1), process(12, parent: 1), process(1, parent: 0, start: 0)]
    let trees = [tree(10, 1, marks: ["AGENTV_TEST_ID=a"])]
    #expect(members(trees, entries) == [[]])
    #expect(
      members(
        trees, entries, environments: [11: "AGENTV_TREE=cookie-10", 12: "AGENTV_TEST_ID=a"])
        == [[11]])
  }

  @Test func `a recycled pid is another process`() {
    var known = tree(10, 1)
    known.remember(process(11, parent: 10, session: 10, start: 50))
    let other = process(11, parent: 1, start: 70)
    #expect(members([known], [other, process(1, parent: 0, start: 0)]) == [[]])
  }

  @Test func `zombies are no members`() {
    #expect(members([tree(10, 1)], [process(11, parent: us, session: 10, state: "Z")]) == [[]])
  }

  @Test func `a picture with a ring in it is survived`() {
    #expect(members([tree(10, 1)], [process(11, parent: 12), process(12, parent: 11)]) == [[]])
  }
}
