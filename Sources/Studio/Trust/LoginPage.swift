// The page on which a browser gives its token once; plain HTML, since the policy allows no inline
// script or style.

import Core

enum LoginPage {
  /// The form, with a notice when the token that was given is wrong.
  static func html(failed: Bool) -> String {
    let notice = failed ? "<p role=\"alert\"><strong>That token is not right.</strong></p>" : ""
    return """
      <!doctype html>
      <html lang="en">
      <head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
      <meta name="color-scheme" content="light dark"><title>Log in · AgentV Studio</title></head>
      <body><main><h1>AgentV Studio</h1>\(notice)
      <form method="post" action="/login">
      <p><label for="token">Token</label><br>
      <input id="token" name="token" type="password" autocomplete="current-password" required
       autofocus></p>
      <p><button>Log in</button></p></form></main></body></html>

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

  /// The cookie that carries the token for 30 days.
  ///
  /// Without `Secure`, since the server itself
  /// speaks plain HTTP; `isEncrypted` tells that a proxy in front of it does not.
  static func cookie(token: String, isEncrypted: Bool) -> String {
    "\(TrustPolicy.cookieName)=\(TrustPolicy.cookieValue(token)); Path=/; Max-Age=2592000; "
      + "HttpOnly; SameSite=Strict" + (isEncrypted ? "; Secure" : "")
  }
}
