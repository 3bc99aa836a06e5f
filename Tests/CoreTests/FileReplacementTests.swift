import Core
import TestSupport
import Testing

@Suite struct FileReplacementTests {
  @Test(arguments: [true, false])
  func `several files are replaced and leave no temporary ones`(isDurable: Bool) throws {
    let directory = try TemporaryDirectory()
    try directory.write("b", "old")
    try FileIO.replace(
      ["a", "b", "c"].map { FileContent(directory.file($0), Array("new \($0)".utf8)) },
      isDurable: isDurable)
    #expect(try FileIO.list(directory.path) == ["a", "b", "c"])
    #expect(try FileIO.read(directory.file("b")) == Array("new b".utf8))
  }

  @Test func `the files before the one that cannot be replaced are new, the others old`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("last", "old")
    try FileIO.createDirectories(directory.file("taken/by/a/directory"))
    #expect(throws: FileError.self) {
      try FileIO.replace(
        ["first", "taken", "last"].map { FileContent(directory.file($0), Array("new".utf8)) })
    }
    #expect(try FileIO.list(directory.path) == ["first", "last", "taken"])
    #expect(try FileIO.read(directory.file("last")) == Array("old".utf8))
  }

  @Test func `nothing changes when one of them cannot be written`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("a", "old")
    #expect(throws: FileError.self) {
      try FileIO.replace([
        FileContent(directory.file("a"), Array("new".utf8)),
        FileContent(directory.file("missing/b"), Array("new".utf8)),
      ])
    }
    #expect(try FileIO.list(directory.path) == ["a"])
    #expect(try FileIO.read(directory.file("a")) == Array("old".utf8))
  }
}
