import Testing

@testable import Studio

struct LoginPageTests {
  @Test(arguments: [
    "/", "/runs/default%2Fx", "/jobs?status=failed&q=a%20b#log", "/benchmarks/b/runs",
    "/runs/a:b@c",
  ])
  func `the login leads back to an address of ours`(_ text: String) {
    #expect(LoginPage.returnAddress(text) == text)
  }

  @Test(arguments: [
    nil, "", "runs", "//evil.example", "//evil.example/%2f", "/\\evil.example", "\\\\evil.example",
    "https://evil.example/", "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example",
    "/a\r\nSet-Cookie: x=y", " /runs", "/runs x", "/ü", "/login", "/login?next=/login", "/logout",
    "/" + String(repeating: "a", count: 3000),
  ])
  func `an address that another reader could take for one elsewhere is not followed`(
    _ text: String?
  ) {
    #expect(LoginPage.returnAddress(text) == "/")
  }

  @Test func `the way to the login keeps what was asked for as one value`() {
    #expect(LoginPage.address(for: "/") == "/login")
    #expect(LoginPage.address(for: "//evil.example") == "/login")
    #expect(
      LoginPage.address(for: "/jobs?a=b&c=%20+d") == "/login?next=/jobs%3Fa%3Db%26c%3D%2520%2Bd")
  }

  @Test func `a return address cannot leave its place in the page`() {
    let next = "/a\"><script>'&lt;"
    let page = LoginPage.html(.form("<b>"), next: LoginPage.returnAddress(next))
    #expect(page.contains("value=\"/a&quot;&gt;&lt;script&gt;'&amp;lt;\""))
    #expect(!page.contains("<script>'"))
  }

  @Test func `fields of a form are decoded`() {
    let body = Array("next=%2Fruns&token=a%2Bb+c%C3%BC&broken=%zz&token=second".utf8)
    #expect(LoginPage.field("token", in: body) == "a+b cü")
    #expect(LoginPage.field("next", in: body) == "/runs")
    #expect(LoginPage.field("broken", in: body) == nil)
    #expect(LoginPage.field("none", in: body) == nil)
  }

  @Test func `the cookie's name has the port that the browser sees`() {
    #expect(TrustPolicy.cookieName(host: "localhost:3117") == "agentv_studio_3117")
    #expect(TrustPolicy.cookieName(host: "[::1]:3117") == "agentv_studio_3117")
    for host in [nil, "studio.example", "[::1]", "localhost:", "localhost:x;y"] {
      #expect(TrustPolicy.cookieName(host: host) == "agentv_studio")
    }
  }
}
