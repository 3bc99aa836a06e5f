// A test of a large file, read again when it is its turn.

import Core
import Synchronization

/// Reads tests of one suite again from where they stand.
final class TestRereader: Sendable {
  /// Everything that tests are read with.
  struct Recipe: Sendable {
    /// The suite without its tests.
    var root: SourceNode
    /// The file that the suite's settings stand in.
    var settingsFile: SourceFile
    var file: SourceFile
    var workingDirectory: String
    var environment: [String: String]
    var name: String
    var category: String?
  }

  /// A file with tests.
  struct Source: Sendable, Hashable {
    var path: String
    var display: String
    var form: TestSpan.Form
  }

  private let recipe: Recipe
  private let sources: [Source]
  private let readers = Mutex<TestReader?>(nil)

  init(_ recipe: Recipe, _ sources: [Source]) {
    self.recipe = recipe
    self.sources = sources
  }

  /// Reads a test.
  /// - Throws: `TestChange` when another text stands there now.
  func test(_ entry: TestCatalog.Entry, id: String) throws(TestChange) -> EvalTest {
    let source = sources[Int(entry.source)]
    let file = SourceFile(source.path, workingDirectory: recipe.workingDirectory)
    func change(_ reason: String) -> TestChange {
      TestChange(
        description: "\(source.display):\(entry.line): \(reason); test '\(id)' was not run. Run it "
          + "again with --resume once the file is as it should be")
    }
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try FileIO.read(file.path, offset: Int(entry.offset), count: Int(entry.length))
    } catch {
      throw change("the file can no longer be read (\(error.description))")
    }
    guard bytes.count == Int(entry.length),
      UInt32(truncatingIfNeeded: Fingerprint.of(bytes)) == entry.fingerprint,
      let node = try? TestSpan.node(
        source.form, bytes[...], line: Int(entry.line), file, recipe.environment)
    else { throw change("the file was changed after the run had begun") }
    let result = readers.withLock { readers -> Result<EvalTest, TestChange> in
      let reader = readers ?? Self.reader(recipe)
      readers = reader
      let missing = reader.problems.found.missingCount
      guard let test = reader.test(RawTest(node: node, file: file, field: "")), test.id == id else {
        let reason = reader.problems.notes.last?.message ?? "it makes no sense any more"
        return .failure(change("what the test refers to was changed: \(reason)"))
      }
      if reader.problems.found.missingCount > missing, !entry.lacksFile {
        let reason = reader.problems.notes.last?.message ?? "a file is missing"
        return .failure(change("what the test refers to is no longer there: \(reason)"))
      }
      return .success(test)
    }
    return try result.get()
  }

  private static func reader(_ recipe: Recipe) -> TestReader {
    let builder = SuiteBuilder(
      root: recipe.root, place: FieldPlace(file: recipe.settingsFile, testID: nil, field: ""),
      file: recipe.file, workingDirectory: recipe.workingDirectory,
      environment: recipe.environment, problems: Problems())
    builder.name = recipe.name
    builder.category = recipe.category
    return builder.readers().tests
  }
}
