import Testing

@testable import HTTPClient

@Suite struct HTTPClientNetworkTests {
  @Test func `the usual variables name proxies and authorities`() {
    let network = HTTPClientNetwork(environment: [
      "SSL_CERT_FILE": "/a", "SSL_CERT_DIR": "/b", "HTTPS_PROXY": "http://p:1",
      "ALL_PROXY": "http://q:2", "NO_PROXY": "x",
    ])
    #expect(network.caFile == "/a" && network.caDirectory == "/b")
    #expect(network.proxy(for: "https://h") == "http://p:1")
    #expect(network.proxy(for: "HTTP://h") == "http://q:2")
    #expect(network.noProxy == "x")
  }

  @Test func `curl's own bundle goes first, and HTTP_PROXY in capitals is not read`() {
    let network = HTTPClientNetwork(environment: [
      "CURL_CA_BUNDLE": "/c", "SSL_CERT_FILE": "/a", "HTTP_PROXY": "http://evil", "http_proxy": "",
    ])
    #expect(network.caFile == "/c" && network.caDirectory == nil)
    #expect(network.proxy(for: "http://h").isEmpty)
  }
}
