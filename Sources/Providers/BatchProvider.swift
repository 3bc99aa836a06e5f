// Providers that can answer all tests of a file with one call.

/// A provider that takes many requests at once.
public protocol BatchProvider: Provider {
  /// Whether the target asks for it (`provider_batching: true`).
  var wantsBatches: Bool { get }

  /// Calls the target once for all requests. Cancelling the task stops everything the call started.
  /// - Returns: the answer to each request, by the id of its test; a test that is missing in it got
  ///   none.
  /// - Throws: `ProviderError` when the call as a whole failed.
  func invokeBatch(_ requests: [ProviderRequest]) async throws(ProviderError)
    -> [String: Result<ProviderResponse, ProviderError>]
}
