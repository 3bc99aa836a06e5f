// Proxies and certificate authorities, as the environment names them (curl(1), "ENVIRONMENT").

import Core

/// How the network is reached.
public struct HTTPClientNetwork: Sendable, Hashable {
  /// Bundle of certificate authorities; `nil` for the system's.
  public var caFile: String?
  /// Directory of certificate authorities, prepared with openssl-rehash(1).
  public var caDirectory: String?
  /// Proxy for `http` URLs.
  public var httpProxy: String?
  /// Proxy for `https` URLs.
  public var httpsProxy: String?
  /// Hosts without proxy, separated by commas.
  public var noProxy: String?

  /// What the environment says.
  ///
  /// `CURL_CA_BUNDLE` goes before `SSL_CERT_FILE` and `SSL_CERT_DIR`; names of proxies in small
  /// letters go before capital ones, and `HTTP_PROXY` is not read, because a CGI program's caller can
  /// set it (CVE-2016-5385).
  /// - Parameter environment: the variables.
  public init(environment: [String: String]) {
    func value(_ names: String...) -> String? {
      names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }
    caFile = value("CURL_CA_BUNDLE")
    if caFile == nil {
      caFile = value("SSL_CERT_FILE")
      caDirectory = value("SSL_CERT_DIR")
    }
    let any = value("all_proxy", "ALL_PROXY")
    httpProxy = value("http_proxy") ?? any
    httpsProxy = value("https_proxy", "HTTPS_PROXY") ?? any
    noProxy = value("no_proxy", "NO_PROXY")
  }

  /// What this process's environment says.
  public static let process = HTTPClientNetwork(environment: ProcessEnvironment.current())

  /// The proxy for a URL; empty for none.
  func proxy(for url: String) -> String {
    (url.lowercased().hasPrefix("https:") ? httpsProxy : httpProxy) ?? ""
  }
}
