// What a request may say: launches, lists, and who is let in.

import Core

@testable import HTTPServer
@testable import Studio

@Sendable func fuzzRequests(_ bytes: [UInt8]) {
  var input = Input(bytes)
  switch input.byte() {
  case UInt8(ascii: "l"): launch(input.remainder)
  case UInt8(ascii: "q"): list(input)
  default: trust(&input)
  }
}

private func launch(_ body: [UInt8]) {
  guard let request = try? LaunchRequest(body: body) else { return }
  let arguments = LaunchArguments.process(request, output: "/out", retryErrors: request.retryErrors)
  guard let end = arguments.firstIndex(of: "--") else { return check(false, "options end with --") }
  check(Array(arguments[(end + 1)...]) == request.suiteFilter, "only paths stand behind --")
  let flags: Set<String> = [
    "--test-id", "--target", "--threshold", "--workers", "--dry-run", "--experiment", "--output",
    "--resume", "--rerun-failed", "--retry-errors",
  ]
  for argument in arguments[2..<end] {
    let flag = String(argument.prefix { $0 != "=" })
    check(flags.contains(flag), "\(argument) is an option of the server's choice")
  }
  for argument in arguments {
    check(!argument.utf8.contains { $0 < 0x20 }, "no argument holds control characters")
  }
  _ = LaunchArguments.display(request)
}

private func list(_ input: Input) {
  var input = input
  let query = input.line().filter { $0.isASCII && !$0.isWhitespace && $0 != "#" }
  guard let request = HTTPRequest(method: .get, target: "/api/runs?\(query)"),
    let list = try? ListQuery(
      request,
      ListQuery.Fields(
        sorts: ["started_at", "score"], isDescending: true, filters: ["target", "status"],
        words: ["status": ["running", "finished"]]))
  else { return }
  let objects: [JSON] = (0..<20).map {
    [
      "id": .string("r\($0)"), "score": $0 % 3 == 0 ? .null : .double(Double($0) / 7),
      "started_at": .int($0 / 2),
    ]
  }
  let page = list.apply(to: objects, id: "id", searched: ["id"])
  check(
    page.elements.count <= page.total && page.total <= objects.count, "a page is part of a list")
}

/// Lines: Host, Origin, Authorization, Cookie, Sec-Fetch-Site.
private func trust(_ input: inout Input) {
  func line(_ text: String) -> String? { text.isEmpty ? nil : text }
  let (host, origin) = (line(input.line()), line(input.line()))
  let (authorization, cookie, site) = (line(input.line()), line(input.line()), line(input.line()))
  func request(_ isStateChanging: Bool, _ path: String) -> TrustPolicy.Request {
    TrustPolicy.Request(
      isStateChanging: isStateChanging, path: path, host: host, origin: origin, fetchSite: site,
      contentType: "application/json", hasBody: isStateChanging, authorization: authorization,
      cookie: cookie)
  }
  let open = TrustPolicy(host: "127.0.0.1", port: 3117)
  if open.refusal(request(false, "/api/runs")) == nil {
    let names: Set = ["localhost:3117", "127.0.0.1:3117", "[::1]:3117"]
    check(names.contains(host?.lowercased() ?? ""), "\(host ?? "") is no name of this server")
  }
  if open.refusal(request(true, "/api/eval/run")) == nil {
    check(site == nil || site == "same-origin" || site == "none", "another site's page got in")
    if let origin {
      let authority = origin.lowercased().split(separator: "/").last.map(String.init) ?? ""
      check(authority == host?.lowercased(), "\(origin) is not the origin of \(host ?? "")")
    }
  }
  var closed = TrustPolicy(host: "0.0.0.0", port: 3117)
  closed.token = "0123456789abcdef"
  if closed.refusal(request(false, "/api/runs")) == nil {
    // Nobody can make up a session, which is signed with a key that follows from the token.
    check(authorization?.contains("0123456789abcdef") == true, "got in without the token")
  }
}
