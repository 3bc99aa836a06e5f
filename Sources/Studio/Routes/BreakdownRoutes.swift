// Inside one run: suites, categories, one test, its attempts, its files.

import Core
import EventLoop
import HTTPServer
import RunArtifacts
import RunControl

extension StudioServer {
  func addBreakdownRoutes() {
    breakdown("/api/runs/:runId/suites", "suites") { rows, _ in RunBreakdown.suites(rows) }
    breakdown("/api/runs/:runId/categories", "categories") { rows, _ in
      RunBreakdown.categories(rows)
    }
    breakdown("/api/runs/:runId/categories/:category/suites", "suites") { rows, parameters in
      RunBreakdown.suites(rows, category: parameters["category"] ?? "")
    }
    scoped(.get, "/api/runs/:runId/evals/:evalId") {
      [unowned self] scope, request, parameters, exchange in
      let library = library(scope)
      let choice = TestChoice(request, parameters["evalId"])
      answer(exchange) { () throws(RequestError) in
        let directory = try library().run(parameters["runId"])
        let found = try choice.attempts(in: directory)
        guard let last = found.rows.last else { throw .evalNotFound }
        var object = evalResultJSON(last, in: directory).object ?? [:]
        object["attempts"] = .int(found.count)
        return .json(
          200,
          [
            "eval": .object(object), "position": .int(found.position), "total": .int(found.total),
            "previous": found.previous?.neighbour ?? .null,
            "next": found.next?.neighbour ?? .null,
          ])
      }
    }
    scoped(.get, "/api/runs/:runId/evals/:evalId/attempts") {
      [unowned self] scope, request, parameters, exchange in
      let library = library(scope)
      let choice = TestChoice(request, parameters["evalId"])
      answer(exchange) { () throws(RequestError) in
        let directory = try library().run(parameters["runId"])
        let rows = try choice.attempts(in: directory).rows
        let list: [JSON] = rows.enumerated().map { index, row in
          var object = evalResultJSON(row, in: directory).object ?? [:]
          object["attempt"] = .int(index + 1)
          object["counts"] = .bool(index == rows.count - 1)
          return .object(object)
        }
        return .json(200, ["attempts": .array(list)])
      }
    }
    scoped(.get, "/api/runs/:runId/evals/:evalId/files") {
      [unowned self] scope, request, parameters, exchange in
      let library = library(scope)
      let choice = TestChoice(request, parameters["evalId"])
      answer(exchange) { () throws(RequestError) in
        let directory = try library().run(parameters["runId"])
        guard let row = try choice.attempts(in: directory).rows.last else { throw .evalNotFound }
        return .json(200, ["files": RunFiles.tree(of: row, in: directory)])
      }
    }
    scoped(.get, "/api/runs/:runId/evals/:evalId/files/*path") {
      [unowned self] scope, _, parameters, exchange in
      let library = library(scope)
      answer(exchange) { () throws(RequestError) in
        let directory = try library().run(parameters["runId"])
        return .json(200, try RunFiles.content(parameters["path"] ?? "", in: directory))
      }
    }
  }

  private func breakdown(
    _ path: String, _ name: String,
    _ sum: @escaping @Sendable ([RowDigest], [String: String]) -> JSON
  ) {
    scoped(.get, path) { [unowned self] scope, _, parameters, exchange in
      let library = library(scope)
      answer(exchange, on: heavyReader) { () throws(RequestError) in
        let directory = try library().run(parameters["runId"])
        let scan = try RunLibrary.scan(directory, what: name)
        return .json(200, .object([name: sum(scan.rows, parameters)]))
      }
    }
  }
}

/// Which test of a run is meant: by id, and where several share it by target and eval file.
private struct TestChoice: Sendable {
  let id: String
  let target: String?
  let evalFile: String?

  init(_ request: HTTPRequest, _ id: String?) {
    self.id = id ?? ""
    target = request.query("target")
    evalFile = request.query("eval_file")
  }

  /// What is found of a test in its run.
  struct Found {
    /// The rows of the execution that is meant, the one that counts last.
    var rows: [ResultRow]
    var count: Int
    /// Its place among the tests of the run, from 1.
    var position: Int
    /// Tests of the run.
    var total: Int
    /// The tests before and after it.
    var previous: RowDigest?
    var next: RowDigest?
  }

  /// The first execution that is meant.
  /// - Throws: `eval-not-found` when there is none.
  func attempts(in directory: RunDirectory) throws(RequestError) -> Found {
    var all: [RowDigest] = []
    let scan: IndexScan
    do {
      scan = try IndexScan(directory.file(RunFile.index)) { if $0.testID == id { all.append($0) } }
    } catch {
      throw RequestError(
        status: 500, code: "run-unreadable", message: "Failed to load eval")
    }
    guard let place = scan.rows.firstIndex(where: accepts) else { throw .evalNotFound }
    let last = scan.rows[place]
    // Rows of upstream name no file and the resolved target only.
    let mine = all.filter {
      $0.identity == last.identity
        || ($0.evalFile == nil && $0.offset < last.offset
          && [last.target, last.requestedTarget].contains($0.target))
    }
    var rows: [ResultRow] = []
    for digest in mine {
      let bytes = try? FileIO.read(
        directory.file(RunFile.index), offset: digest.offset, count: digest.length)
      if let bytes, let json = try? JSON.parse(bytes), let row = ResultRow(json: json) {
        rows.append(row)
      }
    }
    return Found(
      rows: rows, count: mine.count, position: place + 1, total: scan.rows.count,
      previous: place > 0 ? scan.rows[place - 1] : nil,
      next: place + 1 < scan.rows.count ? scan.rows[place + 1] : nil)
  }

  private func accepts(_ row: RowDigest) -> Bool {
    row.testID == id && (target == nil || row.target == target || row.requestedTarget == target)
      && (evalFile == nil || row.evalFile == evalFile)
  }
}

extension RowDigest {
  /// What a page needs to lead to a test.
  fileprivate var neighbour: JSON {
    var object: JSONObject = [
      "test_id": .string(testID), "target": .string(target),
      "execution_status": .string(status.rawValue),
    ]
    if let requestedTarget { object["requested_target"] = .string(requestedTarget) }
    if let evalFile { object["eval_file"] = .string(evalFile) }
    return .object(object)
  }
}
