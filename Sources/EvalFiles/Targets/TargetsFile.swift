// targets.yaml: finding and reading it.

import Core

/// Where targets are defined.
public enum TargetsFile {
  /// Names that are tried in a directory, in order.
  static let names = ["targets.yaml", "targets.yml", ".agentv/targets.yaml", ".agentv/targets.yml"]

  /// Finds the targets file of an eval file.
  /// - Parameters:
  ///   - explicit: the argument of `--targets`, a file or a directory; `nil` to search.
  ///   - evalFile: the eval file, absolute; `nil` to search from the working directory.
  ///   - workingDirectory: what relative paths start from, absolute.
  /// - Returns: the file, absolute.
  /// - Throws: `EvalFileError` with `.targetsMissing`.
  public static func find(
    explicit: String?, evalFile: String?, workingDirectory: String
  ) throws(EvalFileError) -> String {
    if let explicit {
      let path = Path.absolute(explicit, in: workingDirectory)
      if FileIO.isFile(path) { return path }
      if let found = find(in: path) { return found }
      throw EvalFileError(
        .targetsMissing,
        FileIO.isDirectory(path)
          ? "No targets file in \(path) (tried \(names.joined(separator: ", ")))"
          : "The targets file \(path) does not exist. Check --targets.")
    }
    let roots = FileReferences.searchRoots(
      directory: evalFile.map(Path.directory) ?? workingDirectory,
      workingDirectory: workingDirectory)
    for root in roots {
      if let found = find(in: root) { return found }
    }
    throw EvalFileError(
      .targetsMissing,
      "Unable to locate targets.yaml. Use --targets to specify the file explicitly. Searched "
        + "\(names.joined(separator: ", ")) in \(roots.joined(separator: ", ")).")
  }

  private static func find(in directory: String) -> String? {
    names.map { Path.join(directory, $0) }.first(where: FileIO.isFile)
  }

  /// Reads a targets file.
  ///
  /// Environment references are replaced when a target is resolved, so that an unset variable
  /// concerns only the target that needs it.
  /// - Parameters:
  ///   - path: the file, absolute.
  ///   - workingDirectory: the working directory, for messages.
  /// - Returns: its targets.
  /// - Throws: `EvalFileError` with every error of the file's shape.
  public static func load(
    _ path: String, workingDirectory: String
  ) throws(EvalFileError) -> TargetSet {
    let problems = Problems()
    let entries = read(path, workingDirectory: workingDirectory, problems)
    guard problems.errors.isEmpty else { throw EvalFileError(problems.errors) }
    return TargetSet(
      file: path, display: SourceFile.display(path, workingDirectory), warnings: problems.notes,
      entries: entries)
  }

  /// Reads the entries of a targets file and reports what is wrong with them.
  static func read(
    _ path: String, workingDirectory: String, _ problems: Problems
  ) -> [TargetEntry] {
    let file = SourceFile(path, workingDirectory: workingDirectory)
    let place = FieldPlace(file: file, testID: nil, field: "targets")
    var entries: [TargetEntry] = []
    do throws(Diagnostic) {
      let root = try YAMLReader.read(try file.read(), file: file, environment: nil)
      guard let root, root.mapping != nil else {
        throw file.problem(
          "expected a mapping with a list `targets`, found \(root?.found ?? "an empty file")",
          at: root?.position)
      }
      guard let list = root["targets"], let items = list.sequence else {
        throw place.error(
          "Missing or invalid 'targets' field (must be an array), found "
            + (root["targets"]?.found ?? "none"), root["targets"] ?? root)
      }
      KnownFields.check(
        root.mapping ?? [], known: ["$schema", "targets"], deprecated: [:],
        FieldPlace(file: file, testID: nil, field: ""), problems)
      for (index, item) in items.enumerated() {
        if problems.isStrict, item.mapping != nil {
          TargetRules(problems: problems).check(item, place.element(index))
        }
        if let entry = TargetEntry.read(item, place.element(index), problems) {
          if entries.contains(where: { $0.name == entry.name }) {
            problems.note(
              place.element(index).member("name").warning(
                "there is another target '\(entry.name)' above; the first one is used", item))
          }
          entries.append(entry)
        }
      }
    } catch {
      problems.fatal(error)
    }
    return entries
  }
}
