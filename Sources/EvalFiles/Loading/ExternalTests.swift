// Tests that stand in files of their own.

import Core

/// A test as it was written, with the file it stands in.
struct RawTest {
  var node: SourceNode
  var file: SourceFile
  var field: String
  /// Files for its workspace.
  var files: [WorkspaceFile] = []
}

/// Reads files and directories of tests.
struct ExternalTests {
  let problems: Problems
  let environment: [String: String]
  let directory: String
  let workingDirectory: String

  /// Hands over the tests of a `tests: PATH` or of a `file://PATH` item.
  /// - Parameters:
  ///   - reference: the path, relative to the eval file, perhaps with glob characters.
  ///   - node: where it is written.
  ///   - place: the same, for messages.
  ///   - each: gets every test as it was written.
  func tests(
    _ reference: String, _ node: SourceNode, _ place: FieldPlace, _ each: (RawTest) -> Void
  ) {
    let relative = reference.hasPrefix("file://") ? String(reference.dropFirst(7)) : reference
    let path = Path.absolute(relative, in: directory)
    if FileIO.isDirectory(path) { return folder(path, place, each) }
    if !FileIO.exists(path), Glob.isPattern(relative) {
      let files = FileWalk.files(matching: Glob(relative), in: directory)
      if files.isEmpty {
        problems.note(
          place.warning("no file matches \(relative); no tests are taken from it", node))
      }
      for path in files { file(path, node, place, each) }
      return
    }
    file(path, node, place, each)
  }

  private func file(
    _ path: String, _ node: SourceNode, _ place: FieldPlace, _ each: (RawTest) -> Void
  ) {
    let source = SourceFile(path, workingDirectory: workingDirectory)
    let ending = FileWalk.ending(path)
    guard ["yaml", "yml", "jsonl", "json", "csv"].contains(ending) else {
      problems.fatal(
        place.error(
          "Unsupported external test file format '\(ending.isEmpty ? "" : ".\(ending)")': "
            + "\(source.display); expected a .yaml, .yml, .jsonl, .json or .csv file or a "
            + "directory", node))
      return
    }
    guard FileIO.exists(path) else {
      problems.fatal(
        place.error(
          "Cannot read external test file: \(source.display) does not exist; the path is taken "
            + "from the directory of this eval file", node))
      return
    }
    do throws(Diagnostic) {
      let text = try source.read()
      var count = 0
      func give(_ index: Int, _ node: SourceNode) {
        count += 1
        each(RawTest(node: node, file: source, field: "[\(index)]"))
      }
      switch ending {
      case "jsonl": try lines(text, source, give)
      case "csv": try CSVTests(file: source, problems: problems).read(text, environment, give)
      default: try items(text, source, give)
      }
      if count == 0 {
        problems.note(place.warning("\(source.display) is empty; no tests are taken from it", node))
      }
    } catch {
      problems.fatal(error)
    }
  }

  private func items(
    _ text: String, _ file: SourceFile, _ each: (Int, SourceNode) -> Void
  ) throws(Diagnostic) {
    guard var root = try YAMLReader.read(text, file: file, environment: environment) else { return }
    guard case .sequence(var items) = root.value else {
      throw file.problem(
        "External test file must contain a YAML array, found \(root.found); begin each test with "
          + "a dash", at: root.position)
    }
    root.value = .null
    for index in items.indices {
      let item = items[index]
      items[index].value = .null
      guard item.mapping != nil else {
        problems.fatal(
          file.problem(
            "expected a test, which is a mapping, found \(item.found)", at: item.position,
            field: "[\(index)]"))
        continue
      }
      each(index, item)
    }
  }

  /// Hands over the values of a JSONL file, one a line.
  func lines(
    _ text: String, _ file: SourceFile, _ each: (Int, SourceNode) -> Void
  ) throws(Diagnostic) {
    var number = 0
    var index = 0
    for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { continue }
      defer { index += 1 }
      do {
        let json = Interpolation.value(try JSON.parse(line), environment)
        let node = SourceNode(json: json, position: SourcePosition(line: number, column: 1))
        if node.mapping != nil {
          each(index, node)
        } else {
          problems.fatal(
            file.problem(
              "Malformed JSONL at line \(number): expected an object, found \(node.found)",
              at: node.position))
        }
      } catch {
        problems.fatal(
          file.problem(
            "Malformed JSONL at line \(number): \(error.message)",
            at: SourcePosition(line: number, column: error.offset + 1)))
      }
    }
  }

  /// Every subdirectory with a `case.yaml` or `case.yml` is a test.
  private func folder(_ path: String, _ place: FieldPlace, _ each: (RawTest) -> Void) {
    for name in (try? FileIO.list(path)) ?? [] where FileIO.isDirectory("\(path)/\(name)") {
      let folder = "\(path)/\(name)"
      guard
        let file = ["case.yaml", "case.yml"].map({ "\(folder)/\($0)" }).first(where: FileIO.isFile)
      else {
        let display = SourceFile.display(folder, workingDirectory)
        problems.note(
          Diagnostic(.warning, file: display, message: "no case.yaml in this directory; left out"))
        continue
      }
      let source = SourceFile(file, workingDirectory: workingDirectory)
      do throws(Diagnostic) {
        guard
          var node = try YAMLReader.read(
            try source.read(), file: source, environment: environment),
          var members = node.mapping
        else {
          throw source.problem("expected one test, which is a mapping with id and input")
        }
        if node["id"] == nil { members.append(member("id", .string(name), node)) }
        if node["workspace"] == nil, FileIO.isDirectory("\(folder)/workspace") {
          let template = member("template", .string("\(folder)/workspace"), node)
          members.append(member("workspace", .mapping([template]), node))
        }
        node.value = .mapping(members)
        each(RawTest(node: node, file: source, field: ""))
      } catch {
        problems.fatal(error)
      }
    }
  }

  private func member(
    _ key: String, _ value: SourceNode.Value, _ node: SourceNode
  ) -> SourceNode.Member {
    SourceNode.Member(
      key: key, position: node.position, value: SourceNode(value, node.position))
  }
}
