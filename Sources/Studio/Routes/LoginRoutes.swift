// Login and logout of browsers: plain forms, so that they need no script.

import Core
import EventLoop
import HTTPServer

extension StudioServer {
  func addLoginRoutes() {
    router.on(.get, "/login") { [unowned self] request, _, exchange in
      let isNeeded = gate.policy.token != nil
      exchange.respond(
        .page(
          200,
          LoginPage.html(
            !isNeeded ? .notNeeded : gate.isLoggedIn(request) ? .loggedIn : .form(nil))))
    }
    router.on(.post, "/login") { [unowned self] request, _, exchange in
      guard gate.policy.token != nil else {
        return exchange.respond(.empty(303, headers: [("Location", "/")]))
      }
      do throws(RequestError) {
        let session = try gate.login(LoginPage.token(in: request.body), request)
        let cookie = LoginPage.cookie(session, isEncrypted: gate.isEncrypted(request))
        exchange.respond(
          .empty(
            303,
            headers: [("Location", "/"), ("Set-Cookie", cookie), ("Cache-Control", "no-store")]))
      } catch {
        var page = HTTPResponse.page(
          error.status,
          LoginPage.html(
            .form(error.status == 401 ? "That token is not right." : "\(error.message).")))
        if let seconds = error.retryAfter { page.headers.append(("Retry-After", "\(seconds)")) }
        exchange.respond(page)
      }
    }
    router.on(.post, "/logout") { [unowned self] request, _, exchange in
      gate.logout(request)
      exchange.respond(
        .empty(
          303,
          headers: [
            ("Location", "/login"),
            ("Set-Cookie", LoginPage.noCookie(isEncrypted: gate.isEncrypted(request))),
            ("Cache-Control", "no-store"),
          ]))
    }
  }
}

extension HTTPResponse {
  fileprivate static func page(_ status: Int, _ html: String) -> HTTPResponse {
    var response = HTTPResponse.text(status, html, type: "text/html; charset=utf-8")
    response.headers.append(("Cache-Control", "no-store"))
    return response
  }
}
