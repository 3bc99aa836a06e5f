// The registry of projects: list, add, remove, and what each holds.

import Core
import EventLoop
import HTTPServer
import RunArtifacts
import RunControl

extension StudioServer {
  func addBenchmarkRoutes() {
    router.on(.get, "/api/benchmarks") { [unowned self] _, _, exchange in
      withBenchmarks { [self] entries in
        let homePath = home.path
        answer(exchange) { () throws(RequestError) in
          let list: [JSON] = entries.map { entry in
            var object = entry.benchmark.json.object ?? [:]
            for (name, value) in Self.numbers(entry.runs) { object[name] = value }
            object["live_count"] = .int(entry.liveCount)
            object["available"] = .bool(entry.path != nil)
            object["is_home"] = .bool(entry.path == homePath)
            return .object(object)
          }
          return .json(200, ["benchmarks": .array(list)])
        }
      }
    }
    router.on(.get, "/api/benchmarks/all-runs") { [unowned self] request, _, exchange in
      let query: ListQuery
      do throws(RequestError) {
        query = try ListQuery(request, Self.runFields)
      } catch {
        return exchange.respond(HTTPResponse(error))
      }
      withBenchmarks { [self] entries in
        answer(exchange, on: heavyReader) { () throws(RequestError) in
          Self.allRuns(entries, query)
        }
      }
    }
    router.on(.get, "/api/benchmarks/:id/summary") { [unowned self] _, parameters, exchange in
      withBenchmarks { [self] entries in
        answer(exchange) { () throws(RequestError) in
          guard let entry = entries.first(where: { $0.benchmark.id == parameters["id"] }) else {
            throw .benchmarkNotFound
          }
          var object: JSONObject = [
            "id": .string(entry.benchmark.id), "name": .string(entry.benchmark.name),
            "path": .string(entry.benchmark.path),
          ]
          for (name, value) in Self.numbers(entry.runs) { object[name] = value }
          return .json(200, .object(object))
        }
      }
    }
    router.on(.post, "/api/benchmarks") { [unowned self] request, _, exchange in
      changeRegistry(exchange) { registry throws(RequestError) in
        let object = try RequestError.object(request.body)
        guard let path = object["path"]?.string, !trim(path).isEmpty else {
          throw .badRequest("invalid-field", "Missing path", field: "path")
        }
        let absolute = Path.absolute(trim(path), in: FileIO.workingDirectory)
        do {
          return .json(201, try registry.add(absolute, at: .now()).json)
        } catch {
          throw .badRequest("not-a-project", "\(error)", field: "path")
        }
      }
    }
    router.on(.delete, "/api/benchmarks/:id") { [unowned self] _, parameters, exchange in
      changeRegistry(exchange) { registry throws(RequestError) in
        let isKnown: Bool
        do {
          isKnown = try registry.remove(parameters["id"] ?? "")
        } catch {
          throw RequestError(status: 500, code: "registry-unwritable", message: "\(error)")
        }
        guard isKnown else { throw .benchmarkNotFound }
        return .json(200, ["ok": true])
      }
    }
  }

  /// A registered project with its runs; none when its directory is gone.
  struct BenchmarkEntry: Sendable {
    var benchmark: Benchmark
    /// The directory after links are followed; `nil` when it is gone.
    var path: String?
    var runs: [ListedRun] = []
    /// Runs under way, those included that wait or have not written yet.
    var liveCount = 0
  }

  /// Reads the registry and the runs of every project in it.
  private func withBenchmarks(_ done: @escaping @LoopActor ([BenchmarkEntry]) -> Void) {
    board.reload { [self] in
      let found = board.entries
      let answers = Gathered(count: found.count, done)
      if found.isEmpty { return done([]) }
      for (index, entry) in found.enumerated() {
        guard let path = entry.path else {
          answers.take(index, BenchmarkEntry(benchmark: entry.benchmark))
          continue
        }
        let project = project(path)
        project.complete { runs in
          let live = Set(project.liveJobs().keys).union(runs.filter(\.isLive).map(\.path))
          answers.take(
            index,
            BenchmarkEntry(
              benchmark: entry.benchmark, path: path, runs: runs, liveCount: live.count))
        }
      }
    }
  }

  private nonisolated static func numbers(_ runs: [ListedRun]) -> [(String, JSON)] {
    // A run that has no result yet has no rate.
    let rates = runs.filter { $0.testCount > 0 }.map(\.meta.passRate)
    return [
      ("run_count", .int(runs.count)),
      ("pass_rate", .double(rates.isEmpty ? 0 : rates.reduce(0, +) / Double(rates.count))),
      ("last_run", .optional(runs.map(\.meta.timestamp).filter { $0 != "unknown" }.max())),
    ]
  }

  private nonisolated static func allRuns(
    _ entries: [BenchmarkEntry], _ query: ListQuery
  ) -> HTTPResponse {
    var runs: [(entry: BenchmarkEntry, run: ListedRun)] = []
    for entry in entries {
      for run in entry.runs where query.accepts(run) { runs.append((entry, run)) }
    }
    runs.sort { $0.run.meta.timestamp > $1.run.meta.timestamp }
    let page = query.page(runs) {
      "\($0.run.runID)@\($0.entry.benchmark.id)"
    } key: {
      $0.run.meta.sortKey($1)
    }
    let list = page.elements.map { element in
      RawJSON.adding(
        "benchmark_id", .string(element.entry.benchmark.id),
        to: RawJSON.adding(
          "benchmark_name", .string(element.entry.benchmark.name), to: element.run.data))
    }
    return .jsonBytes(
      RawJSON.object([("runs", RawJSON.array(list))] + query.members(of: page)))
  }

  private func changeRegistry(
    _ exchange: HTTPExchange,
    _ change: @escaping @Sendable (BenchmarkRegistry) throws(RequestError) -> HTTPResponse
  ) {
    let registry = benchmarks
    planWorker.run { () -> Result<HTTPResponse, RequestError> in
      do throws(RequestError) {
        return .success(try change(registry))
      } catch {
        return .failure(error)
      }
    } then: { [board] result in
      switch result {
      case .success(let response):
        // The streams know it before the answer says so.
        board.reload { exchange.respond(response) }
      case .failure(let error): exchange.respond(HTTPResponse(error))
      }
    }
  }
}

/// Waits for several answers and gives them in order.
@LoopActor
private final class Gathered<Value: Sendable> {
  private var values: [Value?]
  private var left: Int
  private let done: @LoopActor ([Value]) -> Void

  init(count: Int, _ done: @escaping @LoopActor ([Value]) -> Void) {
    values = Array(repeating: nil, count: count)
    left = count
    self.done = done
  }

  func take(_ index: Int, _ value: Value) {
    values[index] = value
    left -= 1
    if left == 0 { done(values.compactMap(\.self)) }
  }
}
