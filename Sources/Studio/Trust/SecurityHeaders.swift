// Headers on every answer.

enum SecurityHeaders {
  /// No script or style but our own files, no framing, no guessing of types, no referrer.
  static let all: [(String, String)] = [
    (
      "Content-Security-Policy",
      "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        + "form-action 'self'; frame-ancestors 'none'"
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    // Not "no-referrer": browsers would then send our own forms with "Origin: null" (Fetch, §3.2).
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
  ]
}
