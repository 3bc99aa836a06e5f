// Tests that stand in files of their own.

import Core

/// Reads files and directories of tests.
struct ExternalTests {
  let problems: Problems
  let environment: [String: String]
  let directory: String
  let workingDirectory: String
  /// From which size on the tests of a file are not kept.
  let keptFileBytes: Int

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
      var count = 0
      func give(_ index: Int, _ node: SourceNode, _ span: TestSpan?) {
        count += 1
        each(RawTest(node: node, file: source, field: "[\(index)]", span: span))
      }
      switch ending {
      case "jsonl": try lines(source, give)
      case "csv":
        try CSVTests(file: source, problems: problems).read(try source.read(), environment) {
          give($0, $1, nil)
        }
      default: try items(source, give)
      }
      if count == 0 {
        problems.note(place.warning("\(source.display) is empty; no tests are taken from it", node))
      }
    } catch {
      problems.fatal(error)
    }
  }

  private func items(
    _ file: SourceFile, _ each: (Int, SourceNode, TestSpan?) -> Void
  ) throws(Diagnostic) {
    let reader = TestSpanReader(file: file, environment: environment)
    // What was handed over cannot be taken back, so every item is tried first.
    if isLarge(file), let found = YAMLTestSpans.find(in: file, .document),
      isBlank(found.rest, file), (try? reader.read(found.spans) { _, _, _ in }) != nil
    {
      return try reader.read(found.spans) { item($0, $1, $2, file, each) }
    }
    guard var root = try YAMLReader.read(try file.read(), file: file, environment: environment)
    else { return }
    guard case .sequence(var items) = root.value else {
      throw file.problem(
        "External test file must contain a YAML array, found \(root.found); begin each test with "
          + "a dash", at: root.position)
    }
    root.value = .null
    for index in items.indices {
      let item = items[index]
      items[index].value = .null
      self.item(index, item, nil, file, each)
    }
  }

  private func item(
    _ index: Int, _ item: SourceNode, _ span: TestSpan?, _ file: SourceFile,
    _ each: (Int, SourceNode, TestSpan?) -> Void
  ) {
    guard item.mapping != nil else {
      problems.fatal(
        file.problem(
          "expected a test, which is a mapping, found \(item.found)", at: item.position,
          field: "[\(index)]"))
      return
    }
    each(index, item, span)
  }

  /// Whether nothing but comments stands beside the items.
  private func isBlank(_ rest: [UInt8], _ file: SourceFile) -> Bool {
    guard let text = String(validating: rest, as: UTF8.self) else { return false }
    return ((try? YAMLReader.read(text, file: file, environment: nil)) ?? nil) == nil
  }

  func isLarge(_ file: SourceFile) -> Bool {
    FileIO.status(file.path).map { $0.size > keptFileBytes } ?? false
  }

  /// Hands over the values of a JSONL file, one a line.
  func lines(
    _ file: SourceFile, _ each: (Int, SourceNode, TestSpan?) -> Void
  ) throws(Diagnostic) {
    let isLarge = isLarge(file)
    var index = 0
    try SourceLines(file: file).forEach { line throws(Diagnostic) in
      guard String(validating: line.bytes, as: UTF8.self) != nil else {
        throw file.notUTF8(Array(line.bytes), line: line.number)
      }
      guard !line.isBlank else { return }
      defer { index += 1 }
      do throws(Diagnostic) {
        let node = try TestSpan.node(.jsonLine, line.bytes, line: line.number, file, environment)
        guard node.mapping != nil else {
          throw file.problem(
            "Malformed JSONL at line \(line.number): expected an object, found \(node.found)",
            at: node.position)
        }
        let span = TestSpan(
          form: .jsonLine, offset: line.offset, length: line.bytes.count,
          fingerprint: Fingerprint.of(line.bytes))
        each(index, node, isLarge ? span : nil)
      } catch {
        problems.fatal(error)
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
