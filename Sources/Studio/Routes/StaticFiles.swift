// The pages: files of the web root, and index.html for every address of the application.

import Core
import EventLoop
import HTTPServer
import RunControl
import Synchronization

extension StudioServer {
  func addWebRoutes() {
    router.on(.get, "/assets/*path") { [assets, reader] request, parameters, exchange in
      let path = parameters["path"] ?? ""
      let form = AnswerForm(request)
      reader.run {
        assets.asset(path, ifNoneMatch: form.ifNoneMatch)?.finished(form)
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
      let path = request.path
      reader.run {
        assets.page(path, ifNoneMatch: form.ifNoneMatch)?.finished(form)
      } then: {
        exchange.respond(
          $0 ?? .error(500, code: "web-root-gone", message: "index.html cannot be read"))
      }
    }
  }
}

/// Files below one directory; blocking.
final class StaticFiles: Sendable {
  static let maximumBytes = 16 << 20

  let root: String
  /// The assets as the last page found them.
  private let assets = Mutex(AssetVersion())

  init(root: String) { self.root = root }

  /// The page, which names the assets by their version: what a browser has of this version it need
  /// not ask for again, and it is told of the modules that this address needs at once instead of
  /// from import to import.
  func page(_ path: String, ifNoneMatch: String?) -> HTTPResponse? {
    guard let bytes = try? FileIO.read(Path.join(root, "index.html"), limitBytes: Self.maximumBytes)
    else { return nil }
    let (version, modules) = assets.withLock { assets in
      assets.update(root)
      return (assets.name, assets.modules(of: path))
    }
    let preloads = modules.map { "<link rel=\"modulepreload\" href=\"/assets/\($0)\">\n" }
    let text = String(decoding: bytes, as: UTF8.self)
      .replacing("</head>", with: "\(preloads.joined())</head>", maxReplacements: 1)
      .replacing("\"/assets/", with: "\"/assets/\(AssetVersion.mark)\(version)/")
    let page = Array(text.utf8)
    let headers = Self.headers(HTTPResponse.tag(page), isKept: false)
    return .file(page, type: Self.type(of: "index.html"), headers: headers)
  }

  /// An asset by its path, with its version or without; `nil` when there is none.
  func asset(_ path: String, ifNoneMatch: String?) -> HTTPResponse? {
    let (version, name) = AssetVersion.split(path)
    return response("assets/\(name)", ifNoneMatch: ifNoneMatch) { [self] status in
      guard let version else { return false }
      // One that changed since the page was made is not what its address names.
      return assets.withLock { $0.name == version && $0.stamps[name] == AssetVersion.Stamp(status) }
    }
  }

  /// A file, 304 when the client has it already, `nil` when there is none.
  /// - Parameters:
  ///   - name: its path below the web root.
  ///   - ifNoneMatch: what the client has.
  ///   - isKept: whether a browser need not ask for it again.
  /// - Returns: the answer.
  func response(
    _ name: String, ifNoneMatch: String?, isKept: (FileStatus) -> Bool = { _ in false }
  ) -> HTTPResponse? {
    let path = Path.normalize(Path.join(root, name))
    // Checked after links are followed, so that none leads out of the web root.
    guard Path.isInside(path, root), !name.contains("\0"), let real = FileIO.realPath(path),
      let realRoot = FileIO.realPath(root), Path.isInside(real, realRoot),
      let status = FileIO.status(real), status.kind == .file
    else { return nil }
    let tag = "\"\(status.size)-\(status.modifiedNanoseconds)\""
    let headers = Self.headers(tag, isKept: isKept(status))
    if let ifNoneMatch, ifNoneMatch.contains(tag) { return .empty(304, headers: headers) }
    guard let bytes = try? FileIO.read(real, limitBytes: Self.maximumBytes) else { return nil }
    return .file(bytes, type: Self.type(of: name), headers: headers)
  }

  /// Without a version always asked for again, so that a new one is never mixed with an old one.
  private static func headers(_ tag: String, isKept: Bool) -> [(name: String, value: String)] {
    [("ETag", tag), ("Cache-Control", isKept ? "max-age=31536000, immutable" : "no-cache")]
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
