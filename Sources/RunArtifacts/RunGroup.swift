// The results of a run by experiment and target: what overviews over many runs add up.

import Core

/// Numbers of the rows of one experiment and target in one run.
public struct RunGroup: Sendable, Hashable {
  /// Experiment that the rows name; `nil` when they name none.
  public var experiment: String?
  /// Target that ran; `unknown` when the rows do not say.
  public var target: String
  /// Tests, attempts counted once.
  public var tests = 0
  /// Tests that passed.
  public var passed = 0
  /// Tests with a score.
  public var scored = 0
  /// Sum of these scores.
  public var scoreSum = 0.0
  /// Its last tests, in the order of their last rows.
  public var marks = TestMarks()
  /// Whether it is the only group of its run.
  private var isWholeRun = false

  /// An empty group.
  public init(experiment: String?, target: String) {
    self.experiment = experiment
    self.target = target
  }

  /// Adds a row.
  public mutating func add(_ row: RowDigest) {
    tests += 1
    if row.isPassed { passed += 1 }
    if let score = row.score {
      scored += 1
      scoreSum += score
    }
  }

  /// Adds a row to its group.
  /// - Parameters:
  ///   - row: the row.
  ///   - groups: the groups so far.
  ///   - last: the group of the row before; neighbours nearly always belong together.
  static func add(_ row: RowDigest, to groups: inout [RunGroup], last: inout Int) {
    if !groups.indices.contains(last) || !groups[last].holds(row) {
      last = groups.firstIndex { $0.holds(row) } ?? groups.count
      if last == groups.count {
        groups.append(RunGroup(experiment: row.experiment, target: row.target))
      }
    }
    groups[last].add(row)
  }

  /// Groups that all rows were added to, with their last tests.
  static func marked(_ groups: [RunGroup], _ rows: [RowDigest]) -> [RunGroup] {
    var groups = groups
    let single = groups.count == 1
    for index in groups.indices {
      let group = groups[index]
      groups[index].isWholeRun = single
      groups[index].marks = TestMarks(rows) { single || group.holds($0) }
    }
    return groups
  }

  func holds(_ row: RowDigest) -> Bool {
    target == row.target && experiment == row.experiment
  }

  /// The form in the index cache.
  ///
  /// The marks of a run's only group are the run's.
  var json: JSON {
    [
      .optional(experiment), .string(target), .int(tests), .int(passed), .int(scored),
      .double(scoreSum), .optional(isWholeRun ? nil : marks.text),
    ]
  }

  /// Reads the form in the index cache.
  init?(json: JSON, ofRun runMarks: TestMarks) {
    guard let values = json.array, values.count == 7, let target = values[1].string,
      let tests = values[2].int, let passed = values[3].int, let scored = values[4].int,
      let sum = values[5].double
    else { return nil }
    self.init(experiment: values[0].string, target: target)
    self.tests = tests
    self.passed = passed
    self.scored = scored
    scoreSum = sum
    isWholeRun = values[6].isNull
    marks = values[6].string.map(TestMarks.init(text:)) ?? runMarks
  }
}
