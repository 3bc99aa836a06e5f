// What names files, runs and routes: request targets, paths below a run, ids, ranges, globs.

import Core
import EvalFiles
import EventStream
import Glibc

@testable import HTTPServer
@testable import RunArtifacts
@testable import Studio

@Sendable func fuzzPaths(_ bytes: [UInt8]) {
  guard bytes.count <= 4096 else { return }
  let text = String(decoding: bytes, as: UTF8.self)
  requestTarget(text)
  plainPaths(text)
  confinement(text)
  names(text)
  if bytes.count <= 64 { globs(bytes) }
}

private func requestTarget(_ text: String) {
  _ = HTTPRequest.parseQuery(text)
  guard let target = RequestTarget(text) else { return }
  check(target.path.utf8.first == UInt8(ascii: "/"), "a path begins with /")
  check(!target.segments.joined().utf8.contains(0), "no segment holds NUL")
  let digits = Array("0123456789ABCDEF".utf8)
  var again: [UInt8] = []
  for segment in target.segments {
    again.append(UInt8(ascii: "/"))
    for byte in segment.utf8 {
      again += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
  let encoded = RequestTarget(String(decoding: again, as: UTF8.self))
  check(encoded?.segments == target.segments, "segments are decoded once")
}

private func plainPaths(_ text: String) {
  guard !text.utf8.contains(0) else { return }
  let path = Path.absolute(text, in: "/project")
  let parts = path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
  check(path.utf8.first == UInt8(ascii: "/"), "an absolute path begins with /")
  check(!parts.contains("..") && !parts.contains("."), "no dots are left in \(path)")
  check(Path.normalize(path) == path, "a normal path stays as it is")
  let relative = Path.relative(path, to: "/project")
  check(Path.absolute(relative, in: "/project") == path, "a relative path leads back")
  check(
    Path.isInside(path, "/project") == !relative.utf8.starts(with: "..".utf8)
      || relative.utf8.starts(with: "...".utf8) || parts.first == "project",
    "inside is what needs no way up")
}

/// A project with a secret beside it and links of all kinds.
private let project: String = {
  Scratch.write("paths/secret", Array("secret".utf8))
  Scratch.write("paths/project/.agentv/results/runs/default/run/index.jsonl", Array("{}\n".utf8))
  Scratch.write("paths/project/.agentv/results/runs/default/run/a/b", Array("inside".utf8))
  let run = "\(Scratch.path)/paths/project/.agentv/results/runs/default/run"
  symlink("../../../../../../secret", "\(run)/out")
  symlink("\(Scratch.path)/paths/secret", "\(run)/abs")
  symlink("loop", "\(run)/loop")
  symlink("a", "\(run)/in")
  symlink("..", "\(run)/up")
  symlink("gone/away", "\(run)/dangling")
  symlink("../../../../../../elsewhere", "\(run)/new")
  return FileIO.realPath("\(Scratch.path)/paths/project") ?? ""
}()

private func confinement(_ text: String) {
  let run = "\(project)/.agentv/results/runs/default/run"
  if let file = FileIO.read(beneath: run, text, count: 100) {
    check(
      file.bytes == Array("{}\n".utf8) || file.bytes == Array("inside".utf8), "files of the run")
  }
  guard !text.utf8.contains(0),
    let directory = try? Confinement.runDirectory(text, project: project, field: "output")
  else { return }
  let root = "\(project)/.agentv/results"
  check(directory.utf8.starts(with: "\(root)/".utf8), "\(directory) is beneath the results")
  let parts = directory.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
  check(!parts.contains(".."), "\(directory) has no way up")
  if let real = FileIO.realPath(directory) {
    check(real.utf8.starts(with: "\(root)/".utf8), "\(real) is beneath the results")
  }
}

private func names(_ text: String) {
  if let id = EventID(text) { check(EventID(id.description) == id, "an event id is read back") }
  _ = Timestamp(text)
  for size in [0, 1, 1000] {
    if let range = LogFile.parse(text, size: size) {
      check(range.lowerBound >= 0 && range.upperBound <= size, "a range lies in the log")
    }
  }
  let parts = ArtifactLayout.Parts(suite: text, testID: text, target: text)
  let layout = ArtifactLayout(
    plan: [parts, ArtifactLayout.Parts(suite: nil, testID: "t", target: "u"), parts], existing: [])
  check(layout.directory(0) != layout.directory(2), "no two tests share a directory")
  for index in 0..<3 {
    let place = layout.directory(index)
    let segments = place.utf8.split(
      separator: UInt8(ascii: "/"), omittingEmptySubsequences: false
    ).map { Array($0) }
    check(segments.count <= 3, "\(place) has at most three levels")
    for segment in segments {
      check(!segment.isEmpty && segment.count <= 255, "\(place) can be made")
      check(segment.first != UInt8(ascii: "."), "\(place) is not hidden and leads not up")
    }
  }
}

/// Pattern and path separated by a line end.
private func globs(_ bytes: [UInt8]) {
  var input = Input(bytes)
  let pattern = input.line()
  _ = Glob.problem(in: pattern)
  _ = Glob(pattern).matches(String(decoding: input.remainder, as: UTF8.self))
}
