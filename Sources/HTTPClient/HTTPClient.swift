// The client: requests in, answers out. libcurl does the work on the loop thread.

import CCurl
import EventLoop

/// Sends HTTP requests.
///
/// Connections are kept and used again, HTTP/2 is spoken where the server does, certificates are
/// verified. Cancelling the task closes the connection in the next turn of the loop.
public struct HTTPClient: Sendable {
  /// The only instance: connections are shared by the whole process.
  public static let shared = HTTPClient()

  private init() {}

  /// Sends a request and waits for the whole answer.
  /// - Parameter request: the request.
  /// - Returns: the answer, whatever its status.
  /// - Throws: `HTTPClientError`; `.cancelled` when the task was cancelled.
  public func send(
    _ request: HTTPClientRequest
  ) async throws(HTTPClientError) -> HTTPClientResponse {
    let stream = try await open(request)
    defer { stream.close() }
    var body: [UInt8] = []
    while let bytes = try await stream.next() { body += bytes }
    return HTTPClientResponse(head: stream.head, body: body)
  }

  /// Sends a request and waits for the head of the answer.
  /// - Parameter request: the request.
  /// - Returns: the answer whose body is still to come.
  /// - Throws: `HTTPClientError`; `.cancelled` when the task was cancelled.
  public func open(
    _ request: HTTPClientRequest
  ) async throws(HTTPClientError) -> HTTPClientStream {
    try request.check()
    if let missing = await Self.load() {
      throw HTTPClientError(.libraryMissing, server: request.server, missing)
    }
    if Task.isCancelled { throw HTTPClientError(.cancelled, server: request.server, "") }
    let transfer = await Transfer.start(request)
    do throws(HTTPClientError) {
      return HTTPClientStream(head: try await transfer.head(), transfer: transfer)
    } catch {
      await transfer.cancel()
      throw error
    }
  }

  /// Loads libcurl, away from the loop; later calls only look at the result.
  @concurrent private static func load() async -> String? { loaded }

  private static let loaded = load("libcurl.so.4")

  /// Loads a library.
  /// - Returns: why it cannot be used and what helps; `nil` when it is loaded.
  static func load(_ library: String) -> String? {
    agentv_curl_load(library).map {
      "models are called with libcurl, which cannot be loaded (\(String(cString: $0))); install it: "
        + "apt-get install libcurl4"
    }
  }

  /// Version of the loaded libcurl, for verbose lines; empty before the first request.
  public static var libraryVersion: String { String(cString: agentv_curl_version()) }
}

/// An answer that is still coming in; closing or releasing it closes its connection.
public final class HTTPClientStream: Sendable {
  /// Status and header.
  public let head: HTTPClientHead
  private let transfer: Transfer

  init(head: HTTPClientHead, transfer: Transfer) {
    self.head = head
    self.transfer = transfer
  }

  deinit { close() }

  /// Waits for more of the body.
  /// - Returns: everything that has come since the last call, at least one byte; `nil` at its end.
  /// - Throws: `HTTPClientError`; `.cancelled` when the task was cancelled.
  public func next() async throws(HTTPClientError) -> [UInt8]? { try await transfer.next() }

  /// Tells that nothing more of the body is needed, although its end has not come.
  ///
  /// For bodies that say in their own words that they are complete. The connection can be used again
  /// if the end comes within a second; closing it then does nothing.
  public func drain() {
    let transfer = transfer
    LoopActor.post { transfer.drain() }
  }

  /// Ends the exchange, also in the middle of the answer.
  public func close() {
    let transfer = transfer
    LoopActor.post { transfer.close() }
  }
}
