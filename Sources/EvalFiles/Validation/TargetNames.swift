// Whether the targets that an eval file names are there.

import Core

/// Checks names of targets against targets.yaml.
struct TargetNames {
  let workingDirectory: String
  let targetsFile: String?
  let problems: Problems

  /// Checks a suite: what it runs on, what its tests are restricted to, what its graders ask.
  func check(_ suite: EvalSuite, _ root: SourceNode?, _ file: SourceFile) {
    let set: TargetSet
    do throws(EvalFileError) {
      let path = try TargetsFile.find(
        explicit: targetsFile, evalFile: suite.path, workingDirectory: workingDirectory)
      set = try TargetsFile.load(path, workingDirectory: workingDirectory)
    } catch {
      problems.note(
        file.problem(
          error.code == .targetsMissing
            ? "\(error.description) Names of targets are not checked."
            : "the targets file cannot be read, so names of targets are not checked: "
              + error.description, severity: .warning))
      return
    }
    let known = Set(set.names)
    checkSuite(suite, root, file, known, set)
    // Tests of other files have lines of their own.
    let lines = Set((root?["tests"]?.sequence ?? []).map(\.position.line))
    for test in suite.tests {
      for name in test.targets ?? [] where !known.contains(name) && !isEntry(name, suite) {
        report(
          name, set, .error, file, at: place(of: test, lines), test.id,
          "execution.targets")
      }
      for grader in test.assertions { check(grader, test, lines, file, known, set) }
    }
  }

  private func place(of test: EvalTest, _ lines: Set<Int>) -> SourcePosition? {
    lines.contains(test.line) ? SourcePosition(line: test.line, column: 1) : nil
  }

  private func isEntry(_ name: String, _ suite: EvalSuite) -> Bool {
    suite.execution.targets.contains { $0.name == name }
  }

  private func checkSuite(
    _ suite: EvalSuite, _ root: SourceNode?, _ file: SourceFile, _ known: Set<String>,
    _ set: TargetSet
  ) {
    let block = root?["execution"]
    if suite.execution.targets.isEmpty {
      let name = suite.execution.target ?? "default"
      guard !known.contains(name) else { return }
      let node = block?["target"] ?? root?["target"]
      if suite.execution.target == nil {
        problems.note(
          file.problem(
            "no target is named here, and there is no target 'default' in \(set.display); name one "
              + "with execution.target or --target", severity: .warning))
      } else {
        report(name, set, .error, file, at: node?.position, nil, "execution.target")
      }
      return
    }
    for (index, reference) in suite.execution.targets.enumerated() {
      let delegate = reference.useTarget ?? reference.name
      // An empty one is the environment variable of another machine.
      let name = delegate.trimmed.isEmpty ? set.names.first ?? "" : delegate
      guard !known.contains(name), Interpolation.wholeReference(name) == nil else { continue }
      let node = block?["targets"]?.sequence.flatMap {
        $0.indices.contains(index) ? $0[index] : nil
      }
      report(
        name, set, .error, file, at: node?.position, nil, "execution.targets[\(index)]")
    }
  }

  private func check(
    _ grader: GraderSpec, _ test: EvalTest, _ lines: Set<Int>, _ file: SourceFile,
    _ known: Set<String>, _ set: TargetSet
  ) {
    if GraderTypes.all.contains(grader.type), grader.type != "code-grader",
      let name = grader.config["target"]?.string, !known.contains(name)
    {
      report(
        name, set, .warning, file, at: place(of: test, lines), test.id,
        "assertions '\(grader.name)' target")
    }
    for member in grader.members { check(member, test, lines, file, known, set) }
  }

  private func report(
    _ name: String, _ set: TargetSet, _ severity: Diagnostic.Severity, _ file: SourceFile,
    at position: SourcePosition?, _ testID: String?, _ field: String
  ) {
    let hint = KnownFields.nearest(name, in: set.names).map { " Did you mean '\($0)'?" } ?? ""
    let available = set.names.isEmpty ? "none" : set.names.joined(separator: ", ")
    problems.note(
      file.problem(
        "Target '\(name)' not found in \(set.display). Available targets: \(available).\(hint)",
        at: position, testID: testID, field: field,
        severity: severity))
  }
}
