// The server behind one script, confined to the loop; questions run on tasks of their own.

import Core
import EvalFiles
import EventLoop
import Graders
import HTTPServer

/// Answers one script until it is closed.
@LoopActor
final class ScriptProxy {
  /// Time that answers get to go out after the script has ended.
  private static let closingGrace = Duration.milliseconds(200)
  private static let tokenBytes = 32

  private let targets: any GraderTargets
  private let maximumCalls: Int
  private let token: String
  private let targetName: String
  private let server: HTTPServer
  private let router = Router()
  private var calls = 0
  private var tokenUsage: TokenUsage?
  private var costUSD: Double?
  private var isClosed = false
  private var tasks: [Int: Task<Void, Never>] = [:]
  private var nextTask = 0

  /// Listens.
  init(_ targets: any GraderTargets, maximumCalls: Int) throws(GraderError) {
    self.targets = targets
    self.maximumCalls = maximumCalls
    targetName = try targets.target(nil).name
    var random = SystemRandomNumberGenerator()
    token = (0..<Self.tokenBytes).map { _ in
      let byte = UInt8.random(in: 0 ... .max, using: &random)
      return (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
    var limits = HTTPLimits()
    limits.bodyBytes = 16 << 20
    limits.connections = 64
    limits.streams = 0
    server = HTTPServer(configuration: .init(limits: limits), router: router)
    addRoutes()
    do {
      try server.start()
    } catch {
      throw GraderError("no port for the script's target: \(error)")
    }
  }

  /// Where it is and how to get in.
  var environment: [String: String] {
    [
      "AGENTV_TARGET_PROXY_URL": "http://127.0.0.1:\(server.port)",
      "AGENTV_TARGET_PROXY_TOKEN": token,
    ]
  }

  private func addRoutes() {
    router.before = { [weak self] request in self?.refusal(of: request) }
    router.on(.get, "/info") { [weak self] _, _, exchange in
      guard let self else { return }
      exchange.respond(
        .json(
          200,
          [
            "targetName": .string(self.targetName), "maxCalls": .int(self.maximumCalls),
            "callCount": .int(self.calls),
            "availableTargets": .array(self.availableTargets.map(JSON.string)),
          ]))
    }
    router.on(.post, "/invoke") { [weak self] request, _, exchange in
      self?.invoke(request, exchange)
    }
    router.on(.post, "/invokeBatch") { [weak self] request, _, exchange in
      self?.invokeBatch(request, exchange)
    }
  }

  private var availableTargets: [String] {
    let names = targets.names
    return names.contains(targetName) ? names : [targetName] + names
  }

  private func refusal(of request: HTTPRequest) -> HTTPResponse? {
    guard isAllowed(request.header("Authorization")) else {
      return ProxyError.response(401, "Unauthorized")
    }
    return isClosed ? ProxyError.response(503, "Proxy is shutting down") : nil
  }

  /// Compares in a time that does not depend on where the difference is.
  private func isAllowed(_ header: String?) -> Bool {
    let given = Array((header ?? "").utf8)
    let wanted = Array("Bearer \(token)".utf8)
    guard given.count == wanted.count else { return false }
    return zip(given, wanted).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }

  // MARK: Questions

  private func invoke(_ request: HTTPRequest, _ exchange: HTTPExchange) {
    guard calls < maximumCalls else {
      return exchange.respond(
        ProxyError.response(429, "Max calls exceeded (limit: \(maximumCalls))"))
    }
    let call: ProxyCall
    let target: any GraderTarget
    do throws(GraderError) {
      call = try ProxyCall(try Self.body(request))
      target = try self.target(call)
    } catch {
      return exchange.respond(ProxyError.response(400, error.description))
    }
    calls += 1
    let task = Task.detached { () -> Result<GraderReply, GraderError> in
      await Self.ask(target, call.question)
    }
    follow(exchange, cancel: { task.cancel() }) { [weak self] in
      switch await task.value {
      case .success(let reply):
        self?.count(reply)
        return .json(200, ProxyCall.json(reply))
      case .failure(let error): return ProxyError.response(500, error.description)
      }
    }
  }

  private func invokeBatch(_ request: HTTPRequest, _ exchange: HTTPExchange) {
    let items: [JSON]
    do throws(GraderError) {
      guard let requests = try Self.body(request)["requests"]?.array else {
        throw GraderError("Missing required field: requests (array)")
      }
      items = requests
    } catch {
      return exchange.respond(ProxyError.response(400, error.description))
    }
    guard calls + items.count <= maximumCalls else {
      return exchange.respond(
        ProxyError.response(
          429,
          "Batch would exceed max calls (current: \(calls), batch: \(items.count), limit: "
            + "\(maximumCalls))"))
    }
    var prepared: [Result<(any GraderTarget, GraderQuestion), GraderError>] = []
    for item in items {
      do throws(GraderError) {
        let call = try ProxyCall(item)
        prepared.append(.success((try target(call), call.question)))
        calls += 1
      } catch {
        prepared.append(.failure(error))
      }
    }
    let questions = prepared
    let task = Task.detached { () -> [Result<GraderReply, GraderError>] in
      var results: [Result<GraderReply, GraderError>] = []
      for question in questions {
        switch question {
        case .failure(let error): results.append(.failure(error))
        case .success(let (target, question)): results.append(await Self.ask(target, question))
        }
      }
      return results
    }
    follow(exchange, cancel: { task.cancel() }) { [weak self] in
      let responses = await task.value.map { result -> JSON in
        switch result {
        case .success(let reply):
          self?.count(reply)
          return ProxyCall.json(reply)
        case .failure(let error): return ProxyCall.json(error)
        }
      }
      return .json(200, ["responses": .array(responses)])
    }
  }

  private nonisolated static func ask(
    _ target: any GraderTarget, _ question: GraderQuestion
  ) async -> Result<GraderReply, GraderError> {
    do throws(GraderError) {
      return .success(try await target.ask(question))
    } catch {
      return .failure(error)
    }
  }

  /// Answers when the answer is there; the question ends with the script or its connection.
  private func follow(
    _ exchange: HTTPExchange, cancel: @escaping @Sendable () -> Void,
    _ answer: @escaping @LoopActor () async -> HTTPResponse
  ) {
    let number = nextTask
    nextTask += 1
    exchange.onClientGone = cancel
    tasks[number] = Task { @LoopActor in
      let response = await withTaskCancellationHandler {
        await answer()
      } onCancel: {
        cancel()
      }
      tasks[number] = nil
      exchange.respond(response)
    }
  }

  private func target(_ call: ProxyCall) throws(GraderError) -> any GraderTarget {
    guard let name = call.target, name != targetName else { return try targets.target(nil) }
    guard targets.names.contains(name) else {
      throw GraderError(
        "Unknown target '\(name)'. Available: \(availableTargets.joined(separator: ", "))")
    }
    return try targets.target(name)
  }

  private static func body(_ request: HTTPRequest) throws(GraderError) -> JSON {
    do {
      return try JSON.parse(request.body)
    } catch {
      throw GraderError("the body is no JSON: \(error.description)")
    }
  }

  private func count(_ reply: GraderReply) {
    tokenUsage = TokenUsage.sum(tokenUsage, reply.tokenUsage)
    if let cost = reply.costUSD { costUSD = (costUSD ?? 0) + cost }
  }

  // MARK: End

  /// Ends every question and the server.
  func close() async -> TargetProxyUsage {
    let usage = TargetProxyUsage(
      target: targetName, calls: calls, maximumCalls: maximumCalls, tokenUsage: tokenUsage,
      costUSD: costUSD)
    guard !isClosed else { return usage }
    isClosed = true
    let open = Array(tasks.values)
    for task in open { task.cancel() }
    // What a question started is gone before the grader goes on.
    for task in open { await task.value }
    await server.close(after: Self.closingGrace)
    return usage
  }
}
