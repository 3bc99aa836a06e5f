// What the tests with real processes share.

import Core
import EventLoop
import Glibc
import TestSupport
import Testing

@testable import Supervisor

/// Programs that tests start.
enum Program {
  /// Directory of the test binary, where SwiftPM puts every other one as well.
  private static let buildDirectory = Path.directory(FileIO.readLink("/proc/self/exe") ?? "/")
  /// Our own misbehaving child.
  static let testChild = "\(buildDirectory)/TestChild"
  /// The product.
  static let agentv = "\(buildDirectory)/agentv"

  /// The `stubborn` tool, compiled once; `nil` when `AGENTV_TEST_TOOLS` is not set or holds none.
  ///
  /// Through the supervisor, because no other wait for a child works beside it.
  static let stubborn = Task<String?, Never> {
    guard let tools = ProcessEnvironment.current()["AGENTV_TEST_TOOLS"], let home = toolDirectory
    else { return nil }
    let source = "\(tools)/stubborn/stubborn.c"
    let program = home.file("stubborn")
    let result = try? await output(["cc", "-std=c99", "-O2", "-o", program, source])
    return result?.exit.isSuccess == true ? program : nil
  }
  private static let toolDirectory = try? TemporaryDirectory()
}

/// A tree of `TestChild tree`, or of `stubborn`, which takes the same options.
struct TreeProgram: Sendable, CustomTestStringConvertible {
  /// The path of `stubborn`; `nil` for our own child.
  var stubborn: String?
  var testDescription: String { stubborn == nil ? "TestChild" : "stubborn" }

  static var all: [TreeProgram] {
    get async {
      let stubborn = await Program.stubborn.value
      return [TreeProgram()] + (stubborn == nil ? [] : [TreeProgram(stubborn: stubborn)])
    }
  }

  func command(_ options: [String], pids: String) -> [String] {
    let first = stubborn.map { [$0] } ?? [Program.testChild, "tree"]
    return first + ["--pids", pids, "--life", "40"] + options
  }

  func spec(
    _ options: [String], pids: String, output: ProcessSpec.Output = .capture(limitBytes: 1024)
  ) -> ProcessSpec {
    let command = command(options, pids: pids)
    return ProcessSpec(
      executable: command[0], arguments: Array(command.dropFirst()),
      environment: ProcessEnvironment.current(), output: output)
  }
}

/// Waits for changes in a directory instead of sleeping.
@LoopActor
final class DirectoryChanges {
  private var watcher: FileWatcher?
  private let condition: @LoopActor () -> Bool
  private var continuation: CheckedContinuation<Void, Never>?

  /// Waits until a condition on the files of a directory holds.
  static func wait(in directory: String, until condition: @escaping @LoopActor () -> Bool) async {
    await DirectoryChanges(condition).wait(directory)
  }

  /// Waits until a file holds some text.
  static func wait(for text: String, in path: String) async {
    await wait(in: Path.directory(path)) {
      (try? FileIO.read(path)).map { String(decoding: $0, as: UTF8.self).contains(text) } ?? false
    }
  }

  private init(_ condition: @escaping @LoopActor () -> Bool) { self.condition = condition }

  private func wait(_ directory: String) async {
    await withCheckedContinuation { continuation in
      self.continuation = continuation
      watcher = try? FileWatcher { [weak self] _ in self?.look() }
      _ = try? watcher?.watch(directory)
      look()
    }
  }

  private func look() {
    guard let continuation, condition() else { return }
    self.continuation = nil
    watcher = nil
    continuation.resume()
  }
}

/// Processes of a pids file that are still alive, as `role pid`.
func survivors(_ pids: String) throws -> [String] {
  let lines = String(decoding: try FileIO.read(pids), as: UTF8.self).split(separator: "\n")
  return lines.filter { !$0.hasPrefix("#") }.compactMap { line in
    let fields = line.split(separator: " ")
    guard fields.count == 6, let pid = Int32(fields[1]), let startTime = UInt64(fields[5]),
      let entry = ProcFS.entry(pid), entry.startTime == startTime, !entry.isGone
    else { return nil }
    return "\(fields[0]) \(pid)"
  }
}

/// A command line run through the supervisor, with what it printed.
func output(_ command: [String], timeout: Duration = .seconds(40)) async throws -> ProcessResult {
  try await Supervisor.shared.run(
    ProcessSpec(
      executable: command[0], arguments: Array(command.dropFirst()),
      environment: ProcessEnvironment.current()), timeout: timeout)
}
