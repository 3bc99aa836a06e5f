// Where traces are sent and what each backend wants in the header.

import Core
import HTTPClient

/// A service that takes traces.
public enum TraceBackend: String, Sendable, Hashable, CaseIterable {
  case langfuse, braintrust, confident
}

/// A wish to send traces.
public struct TracePushPlan: Sendable, Hashable {
  /// The service; `nil` for the collector that the environment names.
  public var backend: TraceBackend?

  /// A wish to send traces.
  public init(backend: TraceBackend?) { self.backend = backend }
}

/// A collector: OTLP over HTTP (OpenTelemetry protocol exporter specification).
struct TraceEndpoint: Sendable, Hashable {
  /// Where requests go.
  var url: String
  /// What they carry; values are secrets.
  var headers: [HTTPClientField]

  /// Finds out where traces go.
  /// - Parameters:
  ///   - plan: what was asked for.
  ///   - environment: variables, with those of `.env` files.
  /// - Throws: `EvalRunError` naming what is not set.
  init(_ plan: TracePushPlan, environment: [String: String]) throws(EvalRunError) {
    func value(_ name: String) -> String? {
      environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    func needed(_ names: String...) throws(EvalRunError) {
      let missing = names.filter { value($0) == nil }
      guard let backend = plan.backend, !missing.isEmpty else { return }
      throw EvalRunError(
        "the backend \(backend.rawValue) needs \(missing.joined(separator: " and ")) in the "
          + "environment or in a .env file")
    }
    headers = []
    switch plan.backend {
    case .langfuse:
      try needed("LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY")
      let host = value("LANGFUSE_HOST") ?? "https://cloud.langfuse.com"
      url = Self.joined(host, "/api/public/otel/v1/traces")
      let key = "\(value("LANGFUSE_PUBLIC_KEY") ?? ""):\(value("LANGFUSE_SECRET_KEY") ?? "")"
      headers = [
        HTTPClientField("Authorization", "Basic \(Self.base64(Array(key.utf8)))"),
        HTTPClientField("x-langfuse-ingestion-version", "4"),
      ]
    case .braintrust:
      try needed("BRAINTRUST_API_KEY")
      url = "https://api.braintrust.dev/otel/v1/traces"
      headers = [HTTPClientField("Authorization", "Bearer \(value("BRAINTRUST_API_KEY") ?? "")")]
      let parent =
        value("BRAINTRUST_PARENT") ?? value("BRAINTRUST_PROJECT_ID").map { "project_id:\($0)" }
        ?? value("BRAINTRUST_PROJECT").map { "project_name:\($0)" }
      if let parent { headers.append(HTTPClientField("x-bt-parent", parent)) }
    case .confident:
      try needed("CONFIDENT_API_KEY")
      url = "https://otel.confident-ai.com/v1/traces"
      headers = [HTTPClientField("x-confident-api-key", value("CONFIDENT_API_KEY") ?? "")]
    case nil:
      if let whole = value("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") {
        url = whole
      } else if let base = value("OTEL_EXPORTER_OTLP_ENDPOINT") {
        // Upstream takes it as the whole address, the specification as its beginning.
        url = base.hasSuffix("/v1/traces") ? base : Self.joined(base, "/v1/traces")
      } else {
        throw EvalRunError(
          "no collector is named: set OTEL_EXPORTER_OTLP_ENDPOINT, or use --otel-backend "
            + TraceBackend.allCases.map(\.rawValue).joined(separator: ", "))
      }
    }
    for name in ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"] {
      for field in Self.fields(value(name) ?? "") {
        headers.removeAll { $0.name.lowercased() == field.name.lowercased() }
        headers.append(field)
      }
    }
  }

  private static func joined(_ base: String, _ path: String) -> String {
    (base.hasSuffix("/") ? String(base.dropLast()) : base) + path
  }

  /// `name=value,name=value`, values percent-encoded as W3C Baggage has them.
  static func fields(_ text: String) -> [HTTPClientField] {
    text.split(separator: ",").compactMap { pair in
      guard let equals = pair.firstIndex(of: "=") else { return nil }
      let name = String(pair[..<equals]).trimmedSpaces
      guard !name.isEmpty else { return nil }
      let value = String(pair[equals...].dropFirst()).trimmedSpaces
      return HTTPClientField(name, decoded(value))
    }
  }

  private static func decoded(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(2)
      if byte == UInt8(ascii: "%"), digits.count == 2,
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Base64 (RFC 4648, section 4).
  private static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let value = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for index in 0..<4 {
        text.append(
          index <= group.count ? alphabet[value >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// A text in which none of the secrets appears.
  func withoutSecrets(_ text: String) -> String {
    var text = text
    for field in headers {
      let words = [field.value] + field.value.split(separator: " ").dropFirst().map(String.init)
      for word in words where word.utf8.count > 3 {
        text = text.replacing(word, with: "***")
      }
    }
    return text
  }
}

extension String {
  fileprivate var trimmedSpaces: String {
    var text = self[...]
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
