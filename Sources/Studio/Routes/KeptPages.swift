// Pages of lists as they were sent last: while nothing changes, who asks again gets the same bytes
// without a turn on another thread. Pure.

import HTTPServer

struct KeptPages: Sendable {
  /// Most pages; one more, and all are forgotten.
  static let maximumCount = 32
  /// Larger pages are not kept, bytes.
  static let maximumBytes = 64 << 10

  private var pages: [String: HTTPResponse] = [:]

  /// The page of an address; names the list, its version, what was asked of it and the form.
  subscript(address: String) -> HTTPResponse? { pages[address] }

  /// Keeps a page that was made.
  mutating func keep(_ page: HTTPResponse, as address: String) {
    guard page.status == 200, page.body.count <= Self.maximumBytes else { return }
    // Those of older versions are never asked for again.
    if pages.count == Self.maximumCount { pages = [:] }
    pages[address] = page
  }

  /// Number of pages that are kept.
  var count: Int { pages.count }
}
