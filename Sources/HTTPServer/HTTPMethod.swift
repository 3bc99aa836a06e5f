/// A request method (RFC 9110 §9).
///
/// Others are answered 501 before they reach a route.
public enum HTTPMethod: String, Sendable, Hashable, CaseIterable {
  /// Reads; also what a `HEAD` is routed to.
  case get = "GET"
  /// Reads the header only; the server leaves the body out by itself.
  case head = "HEAD"
  /// Does something.
  case post = "POST"
  /// Replaces.
  case put = "PUT"
  /// Changes a part.
  case patch = "PATCH"
  /// Deletes.
  case delete = "DELETE"
  /// Asks what is allowed; the router answers by itself.
  case options = "OPTIONS"
}
