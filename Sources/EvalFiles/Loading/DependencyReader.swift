// `depends_on` and `on_dependency_failure` of a test (reference: eval-files 4.4).

import Core

/// Reads what a test waits for.
struct DependencyReader {
  let problems: Problems

  /// The dependencies of a test; whether the ids exist is seen when the file is run.
  func dependencies(_ node: SourceNode, _ place: FieldPlace) -> TestDependencies {
    var dependencies = TestDependencies()
    if let value = node.present("depends_on") {
      let here = place.member("depends_on")
      let items = value.string.map { _ in [value] } ?? value.sequence
      if items == nil {
        problems.note(
          here.warning("ignored: expected a list of test ids, found \(value.found)", value))
      }
      for (index, item) in (items ?? []).enumerated() {
        if let id = item.string, !id.isEmpty {
          if !dependencies.ids.contains(id) { dependencies.ids.append(id) }
        } else {
          problems.note(
            here.element(index).warning("left out: expected a test id, found \(item.found)", item))
        }
      }
    }
    if let word = EnumReader(problems: problems).word(
      "on_dependency_failure", node, place, TestDependencies.OnFailure.self)
    {
      dependencies.onFailure = word
    }
    return dependencies
  }
}
