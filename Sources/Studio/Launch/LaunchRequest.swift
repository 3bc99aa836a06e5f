// The body of POST /api/eval/run and /api/eval/preview: types, ranges, and which fields go together.
// Pure; what needs the disk is in LaunchPlanner.

import Core

struct LaunchRequest: Sendable, Hashable {
  /// Paths and globs, trimmed, without blanks.
  var suiteFilter: [String] = []
  var testIDs: [String] = []
  /// Empty: the targets that the eval files configure.
  var targets: [String] = []
  /// 0…1.
  var threshold: Double?
  /// 1…50.
  var workers: Int?
  var dryRun = false
  var output: String?
  var resume = false
  var rerunFailed = false
  /// Run directory or index whose errors are run again in a new run.
  var retryErrors: String?
  var experiment: String?
  var tags: [String] = []
  var excludeTags: [String] = []
  /// Path of the targets file, when the run that is resumed had one.
  var targetsFile: String?
  /// Further flags of the run that is resumed, as `--flag=value`.
  var carried: [String] = []

  /// Reads a body.
  /// - Throws: `RequestError` naming the first field that is wrong.
  init(body: [UInt8]) throws(RequestError) {
    guard let json = try? JSON.parse(body) else { throw .invalidJSON }
    guard let object = json.object else {
      throw .badRequest("invalid-body", "The body must be a JSON object, not \(json.kind)")
    }
    try self.init(object)
  }

  init() {}

  init(_ object: JSONObject) throws(RequestError) {
    let fields = Fields(object: object)
    suiteFilter = (try fields.string("suite_filter") ?? "")
      .split(separator: ",").map { trim($0) }.filter { !$0.isEmpty }
    testIDs = try fields.strings("test_ids")
    targets = try fields.strings("targets")
    if targets.isEmpty, let target = try fields.string("target") { targets = [target] }
    threshold = try fields.number("threshold", in: 0...1)
    workers = try fields.wholeNumber("workers", in: 1...50)
    dryRun = try fields.flag("dry_run")
    output = try fields.string("output")
    resume = try fields.flag("resume")
    rerunFailed = try fields.flag("rerun_failed")
    retryErrors = try fields.string("retry_errors")
    experiment = try fields.string("experiment")
    if let experiment, !Self.isExperimentName(experiment) {
      throw .invalid("experiment", "may hold only letters, numbers, \".\", \"_\" and \"-\"")
    }
  }

  /// Whether rows are to be added to a run that is there already.
  var continuesRun: Bool { resume || rerunFailed }

  /// Refuses modes that exclude each other, in the order in which they are listed.
  func checkModes() throws(RequestError) {
    let modes = [
      (resume, "resume"), (rerunFailed, "rerun_failed"), (retryErrors != nil, "retry_errors"),
    ].filter(\.0).map(\.1)
    guard modes.count > 1 else { return }
    throw .badRequest(
      "conflicting-modes",
      "resume, rerun_failed, and retry_errors are mutually exclusive "
        + "(got: \(modes.joined(separator: ", ")))")
  }

  /// Refuses a request that names nothing to run.
  func checkSelection() throws(RequestError) {
    if suiteFilter.isEmpty, testIDs.isEmpty {
      throw .badRequest("nothing-selected", "Provide suite_filter or test_ids")
    }
  }

  static func isExperimentName(_ name: String) -> Bool {
    // Dots alone would name a directory above.
    !name.isEmpty && name != "." && name != ".."
      && name.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
          || (0x61...0x7A).contains(byte) || byte == 0x2E || byte == 0x5F || byte == 0x2D
      }
  }
}

/// Typed access to the members of a body.
private struct Fields {
  let object: JSONObject

  private func value(_ name: String) -> JSON? {
    guard let value = object[name], !value.isNull else { return nil }
    return value
  }

  /// A string without surrounding blanks; `nil` when missing, `null` or blank.
  func string(_ name: String) throws(RequestError) -> String? {
    guard let value = value(name) else { return nil }
    guard let text = value.string else {
      throw .invalid(name, "must be a string, not \(value.kind)")
    }
    return try clean(text, name)
  }

  func strings(_ name: String) throws(RequestError) -> [String] {
    guard let value = value(name) else { return [] }
    guard let array = value.array else {
      throw .invalid(name, "must be an array of strings, not \(value.kind)")
    }
    var texts: [String] = []
    for element in array {
      guard let text = element.string else {
        throw .invalid(
          name, "must be an array of strings; it holds a value of type \(element.kind)")
      }
      if let text = try clean(text, name) { texts.append(text) }
    }
    return texts
  }

  func flag(_ name: String) throws(RequestError) -> Bool {
    guard let value = value(name) else { return false }
    guard let flag = value.bool else {
      throw .invalid(name, "must be true or false, not \(value.kind)")
    }
    return flag
  }

  func number(
    _ name: String, in range: ClosedRange<Double>
  ) throws(RequestError) -> Double? {
    guard let value = value(name) else { return nil }
    guard let number = value.double, range.contains(number) else {
      throw .invalid(
        name,
        "must be a number from \(JSON.double(range.lowerBound).text) to "
          + JSON.double(range.upperBound).text)
    }
    return number
  }

  func wholeNumber(_ name: String, in range: ClosedRange<Int>) throws(RequestError) -> Int? {
    guard let value = value(name) else { return nil }
    guard let number = value.int, range.contains(number) else {
      throw .invalid(
        name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private func clean(_ text: String, _ name: String) throws(RequestError) -> String? {
    guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
      throw .invalid(name, "must not contain control characters")
    }
    let trimmed = trim(text)
    return trimmed.isEmpty ? nil : trimmed
  }
}

/// The text without white space at its ends.
func trim(_ text: some StringProtocol) -> String {
  var slice = text[...]
  while let first = slice.first, first.isWhitespace { slice.removeFirst() }
  while let last = slice.last, last.isWhitespace { slice.removeLast() }
  return String(slice)
}
