// A project in a directory of a test's own.

import Core
import Glibc
import TestSupport

@testable import EvalFiles

/// A project with eval files.
struct Project {
  let directory: TemporaryDirectory

  init(_ files: [String: String] = [:]) throws {
    directory = try TemporaryDirectory()
    // Without it the search for the repository's root would leave the directory.
    try FileIO.createDirectories(directory.file(".git"))
    for (name, text) in files { try directory.write(name, text) }
  }

  func load(
    _ paths: String..., environment: [String: String] = [:]
  ) throws(EvalFileError) -> LoadedEvals {
    try EvalLoader.load(
      paths: paths, workingDirectory: directory.path, environment: environment)
  }
}

/// The suite of one eval file, and what was said about it.
func load(
  _ yaml: String, files: [String: String] = [:], environment: [String: String] = [:]
) throws -> (suite: EvalSuite, notes: [String], project: Project) {
  let project = try Project(files)
  try project.directory.write("evals/a.eval.yaml", yaml)
  let loaded = try project.load("evals/a.eval.yaml", environment: environment)
  guard let suite = loaded.suites.first else { throw EvalFileError(.noEvalFiles, "no suite") }
  return (suite, loaded.diagnostics.map(\.description), project)
}

/// The only test of a suite, given the lines of the test after its id.
func test(
  _ lines: String, suite: String = "", files: [String: String] = [:],
  environment: [String: String] = [:]
) throws -> (test: EvalTest?, notes: [String], project: Project) {
  let body = lines.split(separator: "\n", omittingEmptySubsequences: false)
    .map { "    \($0)" }.joined(separator: "\n")
  let yaml = "\(suite.isEmpty ? "" : suite + "\n")tests:\n  - id: t\n\(body)\n"
  let (loaded, notes, project) = try load(yaml, files: files, environment: environment)
  return (loaded.tests.first, notes, project)
}

/// The message with which loading fails; nil when it does not.
func failure(_ yaml: String, files: [String: String] = [:]) throws -> String? {
  do {
    _ = try load(yaml, files: files)
    return nil
  } catch let error as EvalFileError {
    return error.description
  }
}

extension Project {
  /// Makes a symbolic link.
  func link(_ name: String, to target: String) throws {
    guard symlink(target, directory.file(name)) == 0 else {
      throw FileError(operation: "link", path: name, code: errno)
    }
  }
}
