// A suite while its tests are being read.

import Core

/// Puts a suite together; lives on the stack of one load.
final class SuiteBuilder {
  /// What reads the tests.
  struct Readers {
    var settings: SuiteSettings
    var execution: ExecutionSettings
    var preprocessors: [Preprocessor]
    var tests: TestReader
  }

  /// Everything at the top of the file but the tests.
  let root: SourceNode
  let place: FieldPlace
  let file: SourceFile
  let workingDirectory: String
  let environment: [String: String]
  let problems: Problems
  var name: String
  var category: String?
  private var catalog = CatalogBuilder()

  init(
    root: SourceNode, place: FieldPlace, file: SourceFile, workingDirectory: String,
    environment: [String: String], problems: Problems
  ) {
    self.root = root
    self.place = place
    self.file = file
    self.workingDirectory = workingDirectory
    self.environment = environment
    self.problems = problems
    name = SuiteSettings(root: root, place: place, problems: problems).name(file.path)
  }

  private var directory: String { Path.directory(file.path) }

  /// Reads the settings of the suite; name and category must be final.
  func readers() -> Readers {
    let settings = SuiteSettings(root: root, place: place, problems: problems)
    settings.checkMetadata()
    let execution = settings.execution()
    let references = FileReferences(
      roots: FileReferences.searchRoots(
        directory: directory, workingDirectory: workingDirectory))
    let inputs = InputReader(references: references, problems: problems)
    let preprocessors =
      root.present("preprocessors").map {
        PreprocessorReader(references: references, problems: problems)
          .preprocessors($0, place.member("preprocessors"))
      } ?? []
    let assertions = AssertionReader(
      references: references, problems: problems, environment: environment,
      workingDirectory: workingDirectory, preprocessors: preprocessors)
    var defaults = SuiteDefaults(
      name: name, category: category, assertionsPlace: place.member("assertions"))
    if let input = root.present("input") {
      defaults.input = inputs.messages(input, place.member("input")) ?? []
    }
    defaults.inputFiles = settings.strings("input_files", place)
    defaults.governance = settings.governance()
    defaults.evaluator = root["evaluator"]?.string
    defaults.graders = suiteGraders(assertions)
    let workspaces = WorkspaceReader(
      directory: directory, workingDirectory: workingDirectory, environment: environment,
      problems: problems)
    defaults.workspace = root.present("workspace").flatMap {
      workspaces.workspace($0, place.member("workspace")).map(Shared.init)
    }
    return Readers(
      settings: settings, execution: execution, preprocessors: preprocessors,
      tests: TestReader(
        defaults: defaults, directory: directory, references: references, problems: problems,
        inputs: inputs, assertions: assertions, workspaces: workspaces))
  }

  /// Reads a test and keeps it, unless it is left out or its id is there already.
  func add(_ raw: RawTest, _ readers: Readers) {
    let missing = problems.found.missingCount
    guard let test = readers.tests.test(raw) else { return }
    let lacksFile = problems.found.missingCount > missing
    if let other = catalog.add(test, raw, lacksFile: lacksFile) {
      problems.fatal(
        raw.file.problem(
          "Duplicate test ID '\(test.id)' — each test must have a unique ID; the first one is at "
            + "\(other.file):\(other.line)",
          at: raw.node["id"]?.position, testID: test.id,
          field: raw.field.isEmpty ? "id" : "\(raw.field).id"))
    }
  }

  /// The suite with all tests that were added.
  func suite(_ readers: Readers) -> EvalSuite {
    var suite = EvalSuite(
      path: file.path, relativePath: Path.relative(file.path, to: workingDirectory), name: name,
      description: root["description"]?.string, category: category,
      tags: readers.settings.strings("tags", place) ?? [], execution: readers.execution,
      searchRoots: readers.tests.references.roots,
      preprocessors: readers.preprocessors, workspace: readers.tests.defaults.workspace,
      raw: .object(root.object))
    suite.catalog = catalog.catalog(
      TestRereader.Recipe(
        root: root, settingsFile: place.file, file: file, workingDirectory: workingDirectory,
        environment: environment, name: name, category: category))
    return suite
  }

  /// The suite's graders; `nil` when one of them makes every test that inherits them unusable.
  private func suiteGraders(_ reader: AssertionReader) -> [GraderSpec]? {
    let block = root.present("execution")
    let inner = place.member("execution")
    let candidates: [(SourceNode?, FieldPlace)] = [
      (root.present("assertions"), place.member("assertions")),
      (root.present("assert"), place.member("assert")),
      (block?.present("assertions"), inner.member("assertions")),
      (block?.present("assert"), inner.member("assert")),
      (block?.present("evaluators"), inner.member("evaluators")),
      (root.present("evaluators"), place.member("evaluators")),
    ]
    for (node, here) in candidates {
      guard let node else { continue }
      do throws(Diagnostic) {
        return try reader.graders(node, here)
      } catch {
        problems.note(error)
        return nil
      }
    }
    return []
  }
}
