// The page on which a browser gives its token once: a form that needs no script, with the styles of the
// other pages.

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

  /// Files of the page, which are there without a token.
  static let assets = ["/assets/favicon.svg", "/assets/theme.js"] + styles
  private static let styles = [
    "layers", "tokens", "base", "controls", "frame", "dialog", "login",
  ].map { "/assets/styles/\($0).css" }

  /// The page.
  ///
  /// - Parameters:
  ///   - state: what it is for.
  ///   - next: where the browser goes afterwards, a return address.
  /// - Returns: HTML.
  static func html(_ state: State, next: String) -> String {
    let (title, content) =
      switch state {
      case .form(let notice): ("Log in", form(notice, next: next))
      case .loggedIn: ("Logged in", loggedIn(next: next))
      case .notNeeded:
        (
          "No log-in needed",
          """
          <p>This Studio asks for no token.</p>
          <p class="actions"><a class="button primary" href="\(escaped(next))">To the runs</a></p>
          """
        )
      }
    let links = styles.map { "<link rel=\"stylesheet\" href=\"\($0)\">" }.joined(separator: "\n")
    return """
      <!doctype html>
      <html lang="en">
      <head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark"><title>\(title) · AgentV Studio</title>
      <link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
      <script src="/assets/theme.js"></script>
      \(links)
      </head>
      <body><main class="login">
      <p class="brand"><img src="/assets/favicon.svg" alt="" width="26" height="26">
      <span>AgentV <span class="brand-soft">Studio</span></span></p>
      <h1>\(title)</h1>
      \(content)
      </main></body></html>

      """
  }

  private static func form(_ notice: String?, next: String) -> String {
    let alert = notice.map { "<p class=\"inline-error\" role=\"alert\">\($0)</p>\n" } ?? ""
    let invalid = notice == nil ? "" : " aria-invalid=\"true\""
    return """
      \(alert)<form method="post" action="/login">
      <input type="hidden" name="next" value="\(escaped(next))">
      <div class="field"><label for="token">Token</label>
      <input class="input" id="token" name="token" type="password"
       autocomplete="current-password" aria-describedby="hint" required autofocus\(invalid)>
      <p class="hint" id="hint">The one that this Studio was started with.</p></div>
      <p class="actions"><button class="button primary">Log in</button></p></form>
      """
  }

  private static func loggedIn(next: String) -> String {
    """
    <p>This browser is logged in.</p>
    <form method="post" action="/logout"><p class="actions">
    <a class="button primary" href="\(escaped(next))">Back to the runs</a>
    <button class="button">Log out</button></p></form>
    """
  }

  private static func escaped(_ text: String) -> String {
    text.map { character in
      switch character {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      default: String(character)
      }
    }.joined()
  }

  // MARK: - Return addresses

  /// Longest return address.
  private static let maximumNextBytes = 2048

  /// Where a browser goes after the login.
  ///
  /// - Parameter text: what a link or form says.
  /// - Returns: an address of ours; the first page for everything that another reader could take for
  ///   an address elsewhere (`//host`, `/\host`, with tabs that browsers leave out).
  static func returnAddress(_ text: String?) -> String {
    guard let text, text.hasPrefix("/"), text.utf8.count <= maximumNextBytes,
      text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }),
      !text.hasPrefix("//"), !text.hasPrefix("/login"), !text.hasPrefix("/logout")
    else { return "/" }
    return text
  }

  /// The login page's address for a browser that asked for a page.
  ///
  /// - Parameter target: path and query that it asked for.
  /// - Returns: path and query of the login page.
  static func address(for target: String) -> String {
    let next = returnAddress(target)
    if next == "/" { return "/login" }
    let unreserved = Set("-._~/".utf8)
    let escaped = next.utf8.map { byte -> String in
      let character = Unicode.Scalar(byte)
      if unreserved.contains(byte) || character.properties.isAlphabetic
        || character.properties.numericType != nil
      {
        return String(character)
      }
      let digits = String(byte, radix: 16, uppercase: true)
      return byte < 16 ? "%0\(digits)" : "%\(digits)"
    }
    return "/login?next=" + escaped.joined()
  }

  // MARK: - Forms and cookies

  /// Longest body of a login form.
  static let maximumBodyBytes = 16 * 1024

  /// A field of a form body (application/x-www-form-urlencoded); `nil` when it is not there.
  static func field(_ name: String, in body: [UInt8]) -> String? {
    for pair in body.split(separator: UInt8(ascii: "&")) {
      let parts = pair.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2, parts[0].elementsEqual(name.utf8) { return decode(parts[1]) }
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
  static func cookie(_ session: String, host: String?, isEncrypted: Bool) -> String {
    "\(TrustPolicy.cookieName(host: host))=\(session); Path=/; Max-Age=\(SessionKey.lifetime); "
      + "HttpOnly; SameSite=Strict" + (isEncrypted ? "; Secure" : "")
  }

  /// Takes the cookie away.
  static func noCookie(host: String?, isEncrypted: Bool) -> String {
    "\(TrustPolicy.cookieName(host: host))=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"
      + (isEncrypted ? "; Secure" : "")
  }
}
