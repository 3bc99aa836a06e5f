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
            !isNeeded ? .notNeeded : gate.isLoggedIn(request) ? .loggedIn : .form(nil),
            next: LoginPage.returnAddress(request.query("next")))))
    }
    router.on(.post, "/login") { [unowned self] request, _, exchange in
      // Anybody may send it, and it is read on the loop.
      guard request.body.count <= LoginPage.maximumBodyBytes else {
        return exchange.respond(
          .error(
            413, code: "body-too-large",
            message: "a login form has at most \(LoginPage.maximumBodyBytes) bytes"))
      }
      let next = LoginPage.returnAddress(LoginPage.field("next", in: request.body))
      guard gate.policy.token != nil else {
        return exchange.respond(.empty(303, headers: [("Location", next)]))
      }
      do throws(RequestError) {
        let session = try gate.login(LoginPage.field("token", in: request.body), request)
        let cookie = LoginPage.cookie(
          session, host: request.header("host"), isEncrypted: gate.isEncrypted(request))
        exchange.respond(
          .empty(
            303,
            headers: [("Location", next), ("Set-Cookie", cookie), ("Cache-Control", "no-store")]))
      } catch {
        let notice = error.status == 401 ? "That token is not right." : "\(error.message)."
        var page = HTTPResponse.page(error.status, LoginPage.html(.form(notice), next: next))
        if let seconds = error.retryAfter { page.headers.append(("Retry-After", "\(seconds)")) }
        exchange.respond(page)
      }
    }
    router.on(.post, "/logout") { [unowned self] request, _, exchange in
      let cookie = LoginPage.noCookie(
        host: request.header("host"), isEncrypted: gate.isEncrypted(request))
      // Once it is answered the session is over for every server to come.
      gate.logout(request) {
        exchange.respond(
          .empty(
            303,
            headers: [
              ("Location", "/login"), ("Set-Cookie", cookie), ("Cache-Control", "no-store"),
            ]))
      }
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
