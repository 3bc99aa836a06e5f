// The health check of a `cli` target that is an address.

import Core
import HTTPClient

/// Asks an address whether a service is there.
struct HealthURL: Sendable {
  /// Redirections that are followed; the request carries no secret.
  static let maximumRedirects = 5

  let url: String
  let timeout: Duration
  let targetName: String

  /// Passes when a GET is answered with 2xx.
  /// - Throws: `ProviderError` with `.configuration`, or `.cancelled`.
  func check(_ environment: [String: String]) async throws(ProviderError) {
    var request = HTTPClientRequest(
      "GET", url, timeouts: HTTPClientTimeouts(total: timeout),
      network: HTTPClientNetwork(environment: environment))
    request.redirects = Self.maximumRedirects
    let status: Int
    do throws(HTTPClientError) {
      let stream = try await HTTPClient.shared.open(request)
      stream.close()
      status = stream.head.status
    } catch {
      if error.code == .cancelled { throw .cancelled }
      throw failed(
        error.code == .timedOut ? "timed out after \(timeout.text)" : error.description)
    }
    guard (200..<300).contains(status) else { throw failed("HTTP \(status)") }
  }

  private func failed(_ reason: String) -> ProviderError {
    ProviderError(
      .configuration, "CLI healthcheck failed for '\(targetName)': \(reason)")
  }
}
