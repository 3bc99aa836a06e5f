import Testing

@testable import Studio

struct TrustPolicyTests {
  private let local = TrustPolicy(host: "127.0.0.1", port: 3117)

  private func post(
    _ path: String = "/api/eval/run", host: String? = "localhost:3117", origin: String? = nil,
    site: String? = nil, type: String? = "application/json", body: Bool = true,
    authorization: String? = nil, cookie: String? = nil
  ) -> TrustPolicy.Request {
    .init(
      isStateChanging: true, path: path, host: host, origin: origin, fetchSite: site,
      contentType: type, hasBody: body, authorization: authorization, cookie: cookie)
  }

  private func get(
    _ path: String = "/api/runs", host: String? = "localhost:3117", authorization: String? = nil,
    cookie: String? = nil
  ) -> TrustPolicy.Request {
    .init(
      isStateChanging: false, path: path, host: host, origin: nil, fetchSite: nil,
      contentType: nil, hasBody: false, authorization: authorization, cookie: cookie)
  }

  @Test(arguments: ["localhost:3117", "127.0.0.1:3117", "[::1]:3117", "LOCALHOST:3117"])
  func `our own names are ours`(_ host: String) {
    #expect(local.refusal(get(host: host)) == nil)
  }

  @Test(arguments: [
    nil, "", "evil.example:3117", "localhost", "localhost:3118", "localhost:3117@evil.example",
    "127.0.0.1.evil.example:3117", "localhost:3117, evil", "[::1", "localhost:99999",
  ])
  func `any other host name is refused, for reads too`(_ host: String?) {
    #expect(local.refusal(get(host: host))?.code == "host-not-allowed")
  }

  @Test func `a name that was allowed is ours, with its port if one was given`() {
    var policy = local
    policy.allowedHosts = ["studio.example", "box:8080"]
    #expect(policy.refusal(get(host: "studio.example")) == nil)
    #expect(policy.refusal(get(host: "studio.example:443")) == nil)
    #expect(policy.refusal(get(host: "box:8080")) == nil)
    #expect(policy.refusal(get(host: "box:8081"))?.status == 403)
  }

  @Test func `listening everywhere takes addresses, and any name only behind a token`() {
    var policy = TrustPolicy(host: "0.0.0.0", port: 3117)
    #expect(policy.refusal(get(host: "10.1.2.3:8080")) == nil)
    #expect(policy.refusal(get(host: "rebound.example:3117"))?.code == "host-not-allowed")
    policy.token = "secret"
    #expect(policy.refusal(get(host: "rebound.example:3117"))?.code == "unauthorized")
  }

  @Test(arguments: [
    "http://evil.example", "http://localhost:8080", "https://localhost:3117.evil.example", "null",
    "http://127.0.0.1:3117",
  ])
  func `a page of another origin changes nothing`(_ origin: String) {
    #expect(local.refusal(post(origin: origin))?.code == "origin-not-allowed")
  }

  @Test func `our own page may`() {
    #expect(local.refusal(post(origin: "http://localhost:3117", site: "same-origin")) == nil)
    #expect(local.refusal(post(site: "cross-site"))?.code == "origin-not-allowed")
    #expect(local.refusal(post(site: "same-site"))?.code == "origin-not-allowed")
  }

  @Test(arguments: [
    ("cross-site", "no-cors", "image"), ("cross-site", "cors", "empty"),
    ("same-site", "no-cors", "script"), ("cross-site", "navigate", "iframe"),
    ("cross-site", "websocket", "websocket"), ("cross-site", nil, nil),
  ])
  func `a page of another site reads nothing either`(
    _ site: String, _ mode: String?, _ destination: String?
  ) {
    var request = get()
    request.fetchSite = site
    request.fetchMode = mode
    request.fetchDestination = destination
    #expect(local.refusal(request)?.code == "origin-not-allowed")
    request.fetchSite = nil
    request.origin = "http://evil.example"
    #expect(local.refusal(request)?.code == "origin-not-allowed")
  }

  @Test func `a link on another site may lead here`() {
    var request = get("/runs/x")
    request.fetchSite = "cross-site"
    request.fetchMode = "navigate"
    request.fetchDestination = "document"
    #expect(local.refusal(request) == nil)
    request.isStateChanging = true
    #expect(local.refusal(request)?.code == "origin-not-allowed")
  }

  @Test func `over TLS only secure origins are ours, and 443 is the port that is not written`() {
    var policy = TrustPolicy(host: "127.0.0.1", port: 443)
    policy.isEncrypted = true
    #expect(policy.refusal(post(host: "localhost", origin: "https://localhost")) == nil)
    #expect(
      policy.refusal(post(host: "localhost", origin: "http://localhost"))?.code
        == "origin-not-allowed")
    policy.isEncrypted = false
    #expect(policy.refusal(get(host: "localhost"))?.code == "host-not-allowed")
  }

  @Test func `browsers are told to keep to HTTPS where no other port can suffer from it`() {
    var policy = TrustPolicy(host: "0.0.0.0", port: 443)
    #expect(!policy.wantsHTTPSOnly(host: "studio.example"))
    policy.isEncrypted = true
    #expect(policy.wantsHTTPSOnly(host: "studio.example"))
    #expect(policy.wantsHTTPSOnly(host: "studio.example:443"))
    for host in [
      "studio.example:3117", "localhost", "app.localhost", "10.0.0.1", "[::1]", "", "localhost:443",
    ] {
      #expect(!policy.wantsHTTPSOnly(host: host), "\(host)")
    }
  }

  @Test(arguments: [nil, "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
  func `a body that a form could send is refused`(_ type: String?) {
    #expect(local.refusal(post(type: type))?.status == 415)
  }

  @Test func `a post without a body needs no type`() {
    #expect(local.refusal(post(type: nil, body: false)) == nil)
    #expect(local.refusal(post(type: "application/json; charset=utf-8")) == nil)
  }

  @Test func `read-only is told first, and previews still work`() {
    var policy = local
    policy.isReadOnly = true
    #expect(policy.refusal(post(type: "text/plain")) == .readOnly)
    #expect(policy.refusal(post("/api/benchmarks/nope/eval/run/x/stop", type: nil)) == .readOnly)
    #expect(policy.refusal(post("/api/eval/preview")) == nil)
    #expect(policy.refusal(get()) == nil)
  }

  @Test func `a token is taken from the header and from the cookie`() {
    var policy = local
    policy.token = "s3cret;ü"
    #expect(policy.refusal(get())?.status == 401)
    #expect(policy.refusal(get(authorization: "Bearer s3cret;ü")) == nil)
    #expect(policy.refusal(get(authorization: "bearer  s3cret;ü")) == nil)
    #expect(policy.refusal(get(authorization: "Bearer s3cret"))?.status == 401)
    #expect(policy.refusal(get(authorization: "Basic s3cret;ü"))?.status == 401)
    let session = SessionKey(token: "s3cret;ü").make(at: 1000)
    let name = TrustPolicy.cookieName(host: "localhost:3117")
    let cookie = "\(name)=\(session)"
    #expect(policy.refusal(get(cookie: "a=b; \(cookie)"), at: 1000) == nil)
    #expect(policy.refusal(get(cookie: "\(name)="))?.status == 401)
    for open in ["/healthz", "/readyz", "/login"] {
      #expect(policy.refusal(get(open)) == nil)
    }
  }

  @Test func `listening beyond this machine needs a token or an explicit word`() {
    for host in ["0.0.0.0", "::", "192.168.1.2", "box.example", "127.0.0.1.example"] {
      let refusal = TrustPolicy.refusalToListen(host: host, token: nil, insecure: false)
      #expect(refusal?.contains("--token") == true)
      #expect(TrustPolicy.refusalToListen(host: host, token: "x", insecure: false) == nil)
      #expect(TrustPolicy.refusalToListen(host: host, token: nil, insecure: true) == nil)
    }
    for host in ["127.0.0.1", "localhost", "::1", "127.8.9.1"] {
      #expect(TrustPolicy.refusalToListen(host: host, token: nil, insecure: false) == nil)
    }
  }
}
