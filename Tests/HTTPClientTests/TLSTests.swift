import Core
import Supervisor
import TestSupport
import Testing

@testable import HTTPClient

/// A certificate authority of a test's own, and a server that it vouches for.
struct TLSFixture: Sendable {
  let directory: TemporaryDirectory
  let server: ServerProcess
  var authority: String { directory.file("ca.pem") }

  private static let program = """
    import http.server, ssl, sys
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        def log_message(self, *arguments):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    server.serve_forever()
    """

  /// Makes both; the certificate is for `name` only.
  init(name: String) async throws {
    let directory = try TemporaryDirectory()
    self.directory = directory
    func openssl(_ arguments: [String]) async throws {
      let spec = ProcessSpec(
        executable: "openssl", arguments: arguments, environment: ProcessEnvironment.current(),
        workingDirectory: directory.path)
      let result = try await Supervisor.shared.run(spec)
      try #require(result.exit.isSuccess, "\(result.stderr.text)")
    }
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    try await openssl(
      ["req", "-x509", "-subj", "/CN=test authority", "-days", "2"] + key
        + ["-keyout", "ca.key", "-out", "ca.pem"])
    try await openssl(
      ["req", "-subj", "/CN=server"] + key + ["-keyout", "key.pem", "-out", "r.pem"])
    try directory.write("names", "subjectAltName=\(name)\n")
    try await openssl(
      [
        "x509", "-req", "-in", "r.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
        "-days", "2", "-extfile", "names", "-out", "cert.pem",
      ])
    server = try await ServerProcess.start([
      "python3", "-c", Self.program, directory.file("cert.pem"), directory.file("key.pem"),
    ])
  }

  /// A request to the server with an environment.
  func request(_ environment: [String: String]) -> HTTPClientRequest {
    HTTPClientRequest(
      "POST", "https://127.0.0.1:\(server.port)/", body: Array("secret".utf8),
      network: HTTPClientNetwork(environment: environment))
  }
}

@Suite(.timeLimit(.minutes(2))) struct TLSTests {
  @Test func `a certificate is trusted by its authority only`() async throws {
    let fixture = try await TLSFixture(name: "IP:127.0.0.1")
    for variable in ["SSL_CERT_FILE", "CURL_CA_BUNDLE"] {
      let answer = try await HTTPClient.shared.send(fixture.request([variable: fixture.authority]))
      #expect(answer.body == Array("secret".utf8))
    }
    let error = await failure(fixture.request([:]))
    #expect(error?.code == .untrusted)
    #expect(error?.reason.contains("certificate") == true, "\(error?.description ?? "")")
    #expect(error?.reason.contains("set SSL_CERT_FILE") == true)
  }

  @Test func `a certificate for another name is refused`() async throws {
    let fixture = try await TLSFixture(name: "DNS:other.example")
    let error = await failure(fixture.request(["SSL_CERT_FILE": fixture.authority]))
    #expect(error?.code == .untrusted, "\(error?.description ?? "")")
  }

  @Test func `a bundle that is not there is named`() async throws {
    let fixture = try await TLSFixture(name: "IP:127.0.0.1")
    let error = await failure(fixture.request(["SSL_CERT_FILE": "/nowhere/ca.pem"]))
    #expect(error?.code == .badRequest)
    #expect(error?.reason.contains("/nowhere/ca.pem") == true, "\(error?.description ?? "")")
    #expect(error?.reason.contains("SSL_CERT_FILE") == true)
  }
}
