// The page on which a browser gives its token once; plain HTML, since the policy allows no inline
// script or style.

import Core

enum LoginPage {
  /// What the page is for.
  enum State {
    /// Asks for the token, with a notice when one was refused.
    case form(String?)
    /// Offers the way out.
    case loggedIn
    /// The server was started without a token.
    case notNeeded
  }

  /// The page.
  static func html(_ state: State) -> String {
    let content =
      switch state {
      case .form(let notice): form(notice)
      case .loggedIn:
        """
        <p>This browser is logged in. <a href="/">Back to the runs</a></p>
        <form method="post" action="/logout"><p><button>Log out</button></p></form>
        """
      case .notNeeded: "<p>This Studio asks for no token. <a href=\"/\">To the runs</a></p>"
      }
    return """
      <!doctype html>
      <html lang="en">
      <head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
      <meta name="color-scheme" content="light dark"><title>Log in · AgentV Studio</title></head>
      <body><main><h1>AgentV Studio</h1>
      \(content)
      </main></body></html>

      """
  }

  private static func form(_ notice: String?) -> String {
    let alert = notice.map { "<p role=\"alert\"><strong>\($0)</strong></p>" } ?? ""
    return """
      \(alert)<form method="post" action="/login">
      <p><label for="token">Token</label><br>
      <input id="token" name="token" type="password" autocomplete="current-password" required
       autofocus></p>
      <p><button>Log in</button></p></form>
      """
  }

  /// The token in a form body (application/x-www-form-urlencoded); `nil` when there is none.
  static func token(in body: [UInt8]) -> String? {
    for pair in body.split(separator: UInt8(ascii: "&")) {
      let parts = pair.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2, parts[0].elementsEqual("token".utf8) { return decode(parts[1]) }
    }
    return nil
  }

  private static func decode(_ bytes: ArraySlice<UInt8>) -> String? {
    var decoded: [UInt8] = []
    var rest = bytes
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): decoded.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        let digits = rest.prefix(2)
        guard digits.count == 2,
          let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
        else { return nil }
        decoded.append(value)
        rest = rest.dropFirst(2)
      default: decoded.append(byte)
      }
    }
    return String(decoding: decoded, as: UTF8.self)
  }

  /// The cookie that carries a session.
  ///
  /// `isEncrypted` tells that the browser came over TLS: then it never sends the cookie without.
  static func cookie(_ session: String, isEncrypted: Bool) -> String {
    "\(TrustPolicy.cookieName)=\(session); Path=/; Max-Age=\(SessionKey.lifetime); "
      + "HttpOnly; SameSite=Strict" + (isEncrypted ? "; Secure" : "")
  }

  /// Takes the cookie away.
  static func noCookie(isEncrypted: Bool) -> String {
    "\(TrustPolicy.cookieName)=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"
      + (isEncrypted ? "; Secure" : "")
  }
}
