// `tests`: the tests of a file, one after another, references to other files followed.

import Core

/// Reads the `tests` field.
struct TestSources {
  /// The field and its old names.
  static let keys = ["tests", "eval_cases", "evalcases"]

  let external: ExternalTests
  let file: SourceFile
  let problems: Problems
  /// The field.
  let place: FieldPlace
  /// Its name: `tests` or an old one.
  let key: String

  /// Hands every test over as it was written.
  ///
  /// What has been handed over is taken out of the node, so that it need not be kept beside what is
  /// made of it.
  func read(_ node: inout SourceNode, _ each: (RawTest) -> Void) {
    if let path = node.string { return external.tests(path, node, place, each) }
    guard case .sequence(var items) = node.value else {
      problems.fatal(
        place.error(
          "Invalid test file format: expected a list of tests or the path of a file with tests, "
            + "found \(node.found)", node))
      return
    }
    if items.isEmpty {
      problems.note(place.warning("the list is empty; there is nothing to run", node))
    }
    node.value = .null
    for index in items.indices {
      let item = items[index]
      items[index].value = .null
      read(item, index, span: nil, each)
    }
  }

  /// Hands over the test, or the tests, that one item of the list stands for.
  func read(_ item: SourceNode, _ index: Int, span: TestSpan?, _ each: (RawTest) -> Void) {
    if let text = item.string {
      if !text.hasPrefix("file://") {
        let notice = place.element(index).warning(
          "Skipping invalid test entry (expected object), found \(item.found); a reference to "
            + "a file begins with file://", item)
        problems.lenient(notice)
        return
      }
      external.tests(text, item, place.element(index), each)
    } else if item.mapping != nil {
      each(RawTest(node: item, file: file, field: "\(key)[\(index)]", span: span))
    } else {
      problems.lenient(
        place.element(index).warning(
          "Skipping invalid test entry (expected object), found \(item.found); a reference to "
            + "a file begins with file://", item))
    }
  }
}
