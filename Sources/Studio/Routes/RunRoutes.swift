// Runs on disk: the list, one run in full, its removal.

import Core
import EventLoop
import HTTPServer
import RunArtifacts
import RunControl

extension StudioServer {
  /// What the list of runs can be asked.
  nonisolated static let runFields = ListQuery.Fields(
    sorts: [
      "timestamp", "filename", "target", "experiment", "status", "test_count", "pass_rate",
      "avg_score", "cost_usd", "execution_errors",
    ], isDescending: true,
    filters: ["status", "target", "experiment", "tag", "source"],
    words: ["status": RunStatus.allCases.map(\.rawValue), "source": ["local", "remote"]])

  /// What the results of a run can be asked.
  nonisolated static let resultFields = ListQuery.Fields(
    sorts: [
      "index", "testId", "target", "suite", "category", "score", "executionStatus", "durationMs",
      "costUsd",
    ], isDescending: false, filters: ["status", "target", "suite", "category"],
    words: ["status": ExecutionStatus.allCases.map(\.rawValue)])

  func addRunRoutes() {
    scoped(.get, "/api/runs") { [unowned self] scope, request, _, exchange in
      listRuns(scope, request, exchange)
    }
    scoped(.get, "/api/runs/:runId") { [unowned self] scope, request, parameters, exchange in
      showRun(scope, request, parameters["runId"], exchange)
    }
    scoped(.delete, "/api/runs/:runId") { [unowned self] scope, _, parameters, exchange in
      deleteRun(scope, parameters["runId"], exchange)
    }
  }

  /// The runs of a library, for blocking work.
  func library(_ scope: Scope) -> @Sendable () -> RunLibrary {
    let (project, home) = (scope.project.path, RemoteSettings.home(configuration.environment))
    return { RunLibrary(project: project, home: home) }
  }

  private func listRuns(_ scope: Scope, _ request: HTTPRequest, _ exchange: HTTPExchange) {
    let query: ListQuery
    do throws(RequestError) {
      query = try ListQuery(request, Self.runFields)
    } catch {
      return exchange.respond(HTTPResponse(error))
    }
    scope.project.list { [self] list in
      let key = list.isComplete ? tag(list, of: scope.project) : nil
      if let key, AnswerForm(request).knows(key), query.isPlain {
        return exchange.respond(.notModified(key))
      }
      let form = AnswerForm(request)
      let address = key.flatMap {
        form.ifNoneMatch == nil ? "\($0) \(form.acceptsGzip) \(request.rawQuery)" : nil
      }
      if let address, let page = listPages[address] { return exchange.respond(page) }
      answer(exchange, with: scope.project.orders) { orders throws(RequestError) in
        let page = orders.page(list, query)
        var members: [(name: String, value: [UInt8])] = [
          ("runs", RawJSON.array(page.elements.lazy.map(\.data)))
        ]
        members += query.members(of: page)
        if !list.isComplete { members.append(("complete", Array("false".utf8))) }
        var response = HTTPResponse.jsonBytes(RawJSON.object(members))
        if let key, query.isPlain { response.headers.append(("ETag", key)) }
        return response
      } made: { [self] page in
        if let address { listPages.keep(page, as: address) }
      }
    }
  }

  private func showRun(
    _ scope: Scope, _ request: HTTPRequest, _ id: String?, _ exchange: HTTPExchange
  ) {
    let query: ListQuery
    let view: ResultView
    do throws(RequestError) {
      query = try ListQuery(request, Self.resultFields)
      view = try Self.view(request)
    } catch {
      return exchange.respond(HTTPResponse(error))
    }
    let library = library(scope)
    let project = scope.project.path
    let form = AnswerForm(request)
    let worker = heavyReader
    worker.run { [scans] () -> Result<RunDetail, RequestError> in
      do throws(RequestError) {
        let directory = try library().run(id)
        return .success(
          try RunDetail(
            directory, project: project, scans: scans, query: query, view: view, form: form))
      } catch {
        return .failure(error)
      }
    } then: { detail in
      switch detail {
      case .failure(let error): exchange.respond(HTTPResponse(error))
      case .success(let detail):
        if let whole = detail.whole { return exchange.respond(whole) }
        PieceWriter.send(detail, on: worker, to: exchange, headers: detail.headers) { $0.piece() }
      }
    }
  }

  /// Large runs that are read are kept, and forgotten when nobody asks for them any more.
  func expireScans() {
    guard scans.count > 0 else { return }
    heavyReader.run { [scans] in
      scans.expire()
    } then: { _ in
    }
  }

  private static func view(_ request: HTTPRequest) throws(RequestError) -> ResultView {
    guard let word = request.query("view"), !word.isEmpty else { return .full }
    guard let view = ResultView(rawValue: word) else {
      throw .invalid("view", "must be full, compact or columns")
    }
    return view
  }

  private func deleteRun(_ scope: Scope, _ id: String?, _ exchange: HTTPExchange) {
    let library = library(scope)
    let busy = jobs.busyDirectories
    let project = scope.project
    planWorker.run { () -> Result<String, RequestError> in
      do throws(RequestError) {
        let directory = try library().run(id)
        try RunRemoval.remove(directory, job: busy[directory.path])
        return .success(directory.path)
      } catch {
        return .failure(error)
      }
    } then: { result in
      switch result {
      case .failure(let error): exchange.respond(HTTPResponse(error))
      case .success(let path):
        // Answered once the lists know it.
        project.refresh(path) { _ in exchange.respond(.json(200, ["ok": true])) }
      }
    }
  }
}

extension ListQuery {
  func accepts(_ run: ListedRun) -> Bool {
    if filters.isEmpty { return matches(lowercased: run.searched) }
    let meta = run.meta
    return passes("status", [meta.status.rawValue])
      && passes("target", meta.targets.map(Optional.some))
      && passes("experiment", [meta.experiment ?? "default"])
      && passes("tag", meta.tags.map(Optional.some))
      && passes("source", [meta.isRemote ? "remote" : "local"])
      && matches(lowercased: run.searched)
  }

  func accepts(_ row: RowDigest) -> Bool {
    passes("status", [row.status.rawValue]) && passes("target", [row.target, row.requestedTarget])
      && passes("suite", [RunBreakdown.suite(row)])
      && passes("category", [RunBreakdown.category(row)])
      && matches([row.testID, row.suite, row.category, row.target])
  }
}

extension RunMeta {
  func sortKey(_ name: String) -> SortKey {
    switch name {
    case "timestamp": .text(timestamp)
    case "filename": .text(runID)
    case "target": targets.first.map(SortKey.text) ?? .missing
    case "experiment": .text(experiment ?? "default")
    case "status": .text(status.rawValue)
    case "test_count": .number(Double(testCount))
    case "pass_rate": .number(passRate)
    case "avg_score": averageScore.map(SortKey.number) ?? .missing
    case "cost_usd": costUSD.map(SortKey.number) ?? .missing
    case "execution_errors": .number(Double(executionErrorCount))
    default: .missing
    }
  }
}

extension RowDigest {
  func sortKey(_ name: String, index: Int) -> SortKey {
    switch name {
    case "testId": .text(testID)
    case "target": .text(target)
    case "suite": .text(RunBreakdown.suite(self))
    case "category": .text(RunBreakdown.category(self))
    case "score": score.map(SortKey.number) ?? .missing
    case "executionStatus": .text(status.rawValue)
    case "durationMs": durationMS.map { SortKey.number(Double($0)) } ?? .missing
    case "costUsd": costUSD.map(SortKey.number) ?? .missing
    default: .number(Double(index))
    }
  }
}

extension HTTPResponse {
  /// A 200 with JSON that is serialised already.
  static func jsonBytes(_ bytes: [UInt8]) -> HTTPResponse {
    HTTPResponse(status: 200, headers: [("Content-Type", "application/json")], body: bytes)
  }
}
