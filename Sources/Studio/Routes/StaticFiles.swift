// The pages: files of the web root, and index.html for every address of the application.

import Core
import EventLoop
import HTTPServer
import RunControl

extension StudioServer {
  func addWebRoutes() {
    router.on(.get, "/assets/*path") { [assets, reader] request, parameters, exchange in
      let path = parameters["path"] ?? ""
      let form = AnswerForm(request)
      reader.run {
        assets.response("assets/\(path)", ifNoneMatch: form.ifNoneMatch)?.finished(form)
      } then: {
        exchange.respond(
          $0 ?? .error(404, code: "not-found", message: "Not found"))
      }
    }
    router.fallback = { [assets, reader] request, _, exchange in
      guard !request.path.hasPrefix("/api/") else {
        return exchange.respond(
          .error(404, code: "not-found", message: "Not found"))
      }
      let form = AnswerForm(request)
      reader.run {
        assets.response("index.html", ifNoneMatch: form.ifNoneMatch)?.finished(form)
      } then: {
        exchange.respond(
          $0 ?? .error(500, code: "web-root-gone", message: "index.html cannot be read"))
      }
    }
  }
}

/// Files below one directory; blocking.
struct StaticFiles: Sendable {
  static let maximumBytes = 16 << 20

  let root: String

  /// A file, 304 when the client has it already, `nil` when there is none.
  func response(_ name: String, ifNoneMatch: String?) -> HTTPResponse? {
    let path = Path.normalize(Path.join(root, name))
    // Checked after links are followed, so that none leads out of the web root.
    guard Path.isInside(path, root), !name.contains("\0"), let real = FileIO.realPath(path),
      let realRoot = FileIO.realPath(root), Path.isInside(real, realRoot),
      let status = FileIO.status(real), status.kind == .file
    else { return nil }
    let tag = "\"\(status.size)-\(status.modifiedNanoseconds)\""
    // Always asked for again, so that a new version is never mixed with an old one.
    let headers: [(name: String, value: String)] = [("ETag", tag), ("Cache-Control", "no-cache")]
    if let ifNoneMatch, ifNoneMatch.contains(tag) { return .empty(304, headers: headers) }
    guard let bytes = try? FileIO.read(real, limitBytes: Self.maximumBytes) else { return nil }
    return .file(bytes, type: Self.type(of: name), headers: headers)
  }

  private static func type(of name: String) -> String {
    let ending = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
    return types[ending] ?? "application/octet-stream"
  }

  private static let types = [
    "html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8", "json": "application/json", "svg": "image/svg+xml",
    "png": "image/png", "woff2": "font/woff2", "woff": "font/woff", "ico": "image/x-icon",
  ]
}
