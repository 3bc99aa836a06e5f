import Core
import Glibc
import TestSupport
import Testing

@Suite struct FileIOTests {
  @Test func `replacing a file leaves the new content and no temporary file`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("a.json")
    try FileIO.replace(path, Array("one".utf8))
    try FileIO.replace(path, Array("two".utf8))
    #expect(try FileIO.read(path) == Array("two".utf8))
    #expect(try FileIO.list(directory.path) == ["a.json"])
  }

  @Test func `reading takes a range, and files without a size are read to their end`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("a")
    try FileIO.write(path, Array("0123456789".utf8))
    #expect(try FileIO.read(path, offset: 3, count: 4) == Array("3456".utf8))
    #expect(try FileIO.read(path, offset: 8, count: 100) == Array("89".utf8))
    #expect(try FileIO.read(path, offset: 100, count: 4).isEmpty)
    #expect(try !FileIO.read("/proc/self/stat").isEmpty)
  }

  @Test(.timeLimit(.minutes(5))) func `a pipe is not read, and nobody waits for its writer`() throws
  {
    let directory = try TemporaryDirectory()
    let pipe = directory.file("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(throws: FileError.self) { try FileIO.read(pipe) }
    #expect(throws: FileError.self) { try FileIO.read(pipe, offset: 0, count: 10) }
    #expect(FileIO.read(beneath: directory.path, "pipe", count: 10) == nil)
    #expect(FileLock.holder(of: pipe).isHeld == false)
  }

  @Test func `a file over the limit is refused`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("a")
    try FileIO.write(path, Array("0123456789".utf8))
    #expect(throws: FileError(operation: "read", path: path, code: EFBIG)) {
      try FileIO.read(path, limitBytes: 9)
    }
  }

  @Test func `errors name the operation, the file and the reason`() {
    let error = #expect(throws: FileError.self) { try FileIO.read("/nonexistent/file") }
    #expect(error?.description == "cannot open \"/nonexistent/file\": No such file or directory")
    #expect(error?.isMissing == true)
  }

  @Test func `appends go to the end whatever others append`() throws {
    let directory = try TemporaryDirectory()
    let first = try AppendFile(directory.file("log"))
    let second = try AppendFile(directory.file("log"))
    try first.append(Array("a\n".utf8))
    try second.append(Array("b\n".utf8))
    try first.append(Array("c\n".utf8))
    try first.sync()
    #expect(try first.size() == 6)
    #expect(try FileIO.read(directory.file("log")) == Array("a\nb\nc\n".utf8))
  }

  @Test func `a lock has one holder, and tells which process it is`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("lock")
    #expect(FileLock.holder(of: path) == (false, nil))
    do {
      let lock = try FileLock(path)
      #expect(FileLock.holder(of: path) == (true, getpid()))
      let error = #expect(throws: FileError.self) { _ = try FileLock(path) }
      #expect(error?.code == EAGAIN)
      _ = lock.path
    }
    #expect(FileLock.holder(of: path).isHeld == false)
    _ = try FileLock(path)
  }

  @Test func `a tree is removed without following its links`() throws {
    let directory = try TemporaryDirectory()
    try FileIO.createDirectories(directory.file("tree/a/b"))
    try FileIO.write(directory.file("kept"), [1])
    symlink(directory.file("kept"), directory.file("tree/a/link"))
    try FileIO.removeTree(directory.file("tree"))
    #expect(try FileIO.list(directory.path) == ["kept"])
  }
}

@Suite struct PathTests {
  @Test(arguments: [
    ("/a/./b//c/..", "/a/b"), ("a/../..", ".."), ("", "."), ("/..", "/"), ("../a", "../a"),
  ])
  func `paths are normalised`(path: String, expected: String) {
    #expect(Path.normalize(path) == expected)
  }

  @Test(arguments: [
    ("/a/b/c", "/a", "b/c"), ("/a", "/a/b", ".."), ("/a", "/a", "."), ("/x", "/", "x"),
  ])
  func `paths are related to a directory`(path: String, directory: String, expected: String) {
    #expect(Path.relative(path, to: directory) == expected)
  }

  @Test func `paths are bytes: an accent after a slash hides neither the slash nor the dots`() {
    // For Swift "/" and U+0301 are one character, so that this ".." would be part of a name.
    let hidden = "/a/b/../\u{301}x"
    #expect(Path.normalize(hidden) == "/a/\u{301}x")
    #expect(!Path.isInside(Path.normalize(hidden), "/a/b"))
    #expect(Path.isInside("/a/\u{301}x", "/a"))
    #expect(Path.name("/a/\u{301}x") == "\u{301}x" && Path.directory("/a/\u{301}x") == "/a")
    #expect(Path.join("/a", "/\u{301}") == "/\u{301}")
    // Equal texts, different files.
    #expect(!Path.isInside("/\u{E9}/x", "/e\u{301}"))
    #expect(Path.relative("/\u{E9}", to: "/e\u{301}") == "../\u{E9}")
  }

  @Test func `inside means the directory itself or below it, not a longer name`() {
    #expect(Path.isInside("/a/b", "/a") && Path.isInside("/a", "/a") && Path.isInside("/a", "/"))
    #expect(!Path.isInside("/ab", "/a"))
  }
}
