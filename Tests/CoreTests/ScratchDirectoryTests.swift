import Core
import Glibc
import TestSupport
import Testing

@Suite struct ScratchDirectoryTests {
  @Test func `it is made when it is asked for, and only its owner may look into it`() throws {
    let parent = try TemporaryDirectory()
    let scratch = ScratchDirectory(in: parent.path)
    #expect(try FileIO.list(parent.path).isEmpty)
    let path = try scratch.path()
    #expect(try scratch.path() == path)
    #expect(FileIO.status(path)?.mode == 0o700)
  }

  @Test func `it goes with everything in it, and comes again when it is asked for again`() throws {
    let parent = try TemporaryDirectory()
    let scratch = ScratchDirectory(in: parent.path)
    let path = try scratch.path()
    try FileIO.createDirectories("\(path)/deep/deeper")
    try FileIO.write("\(path)/deep/file", [1])
    scratch.remove()
    #expect(!FileIO.exists(path))
    #expect(try scratch.path() != path)
  }

  @Test func `what a killed process left is removed, what a living one uses is not`() throws {
    let parent = try TemporaryDirectory()
    let abandoned = "\(parent.path)/agentv-scratch-abandoned"
    try FileIO.createDirectories("\(abandoned)/prompts")
    try FileIO.createDirectories("\(parent.path)/agentv-other")
    let living = ScratchDirectory(in: parent.path)
    let used = try living.path()
    #expect(!FileIO.exists(abandoned))
    let second = ScratchDirectory(in: parent.path)
    _ = try second.path()
    #expect(FileIO.isDirectory(used))
    #expect(FileIO.isDirectory("\(parent.path)/agentv-other"))
  }

  @Test func `a parent that is not there is named`() {
    #expect(throws: FileError.self) {
      try ScratchDirectory(in: "/nonexistent").path()
    }
  }
}
