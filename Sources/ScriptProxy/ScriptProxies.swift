// A script that grades may ask a target: over HTTP on loopback, with a token of its own, as scripts
// written for AgentV expect it.

import EventLoop
public import Graders
import HTTPServer

/// Opens a server for each script that wants to ask.
public struct ScriptProxies: TargetProxies {
  /// What opens them.
  public init() {}

  /// Opens a server on a free port of 127.0.0.1.
  /// - Throws: `GraderError` when it cannot listen.
  public func open(
    _ targets: any GraderTargets, maximumCalls: Int
  ) async throws(GraderError) -> any TargetProxy {
    let proxy = try await ScriptProxy(targets, maximumCalls: maximumCalls)
    return OpenProxy(proxy: proxy, environment: await proxy.environment)
  }
}

/// The proxy as its script sees it.
private struct OpenProxy: TargetProxy {
  let proxy: ScriptProxy
  let environment: [String: String]

  func close() async -> TargetProxyUsage { await proxy.close() }
}
