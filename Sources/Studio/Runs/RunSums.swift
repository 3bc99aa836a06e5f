// What is added up over all runs, kept until a run changes. Pure.

import Core

struct RunSums: Sendable {
  private struct Sum {
    var version: Int
    var objects: [JSON]
  }

  private var sums: [String: Sum] = [:]

  /// The objects of an overview of that name, which `make` adds up.
  mutating func objects(
    _ name: String, _ list: RunIndex.List, _ make: ([ListedRun]) -> [JSON]
  ) -> [JSON] {
    if let sum = sums[name], sum.version == list.version { return sum.objects }
    let objects = make(list.runs)
    sums[name] = Sum(version: list.version, objects: objects)
    return objects
  }
}
