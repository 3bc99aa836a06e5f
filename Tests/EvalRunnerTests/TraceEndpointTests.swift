import HTTPClient
import Testing

@testable import EvalRunner

@Suite struct TraceEndpointTests {
  @Test(arguments: [
    (
      TraceBackend.langfuse, ["LANGFUSE_PUBLIC_KEY": "pk", "LANGFUSE_SECRET_KEY": "sk"],
      "https://cloud.langfuse.com/api/public/otel/v1/traces",
      ["Authorization: Basic cGs6c2s=", "x-langfuse-ingestion-version: 4"]
    ),
    (
      .langfuse,
      [
        "LANGFUSE_PUBLIC_KEY": "pk", "LANGFUSE_SECRET_KEY": "sk",
        "LANGFUSE_HOST": "http://localhost:3000/",
      ], "http://localhost:3000/api/public/otel/v1/traces",
      ["Authorization: Basic cGs6c2s=", "x-langfuse-ingestion-version: 4"]
    ),
    (
      .braintrust, ["BRAINTRUST_API_KEY": "k", "BRAINTRUST_PROJECT": "p"],
      "https://api.braintrust.dev/otel/v1/traces",
      ["Authorization: Bearer k", "x-bt-parent: project_name:p"]
    ),
    (
      .braintrust,
      ["BRAINTRUST_API_KEY": "k", "BRAINTRUST_PROJECT": "p", "BRAINTRUST_PROJECT_ID": "7"],
      "https://api.braintrust.dev/otel/v1/traces",
      ["Authorization: Bearer k", "x-bt-parent: project_id:7"]
    ),
    (
      .confident, ["CONFIDENT_API_KEY": "k"], "https://otel.confident-ai.com/v1/traces",
      ["x-confident-api-key: k"]
    ),
    (
      nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"], "http://c:4318/v1/traces",
      [String]()
    ),
    (
      nil, ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318/v1/traces"], "http://c:4318/v1/traces",
      []
    ),
    (
      nil,
      [
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://t/x",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c",
        "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20abc, x-a = 1 ,nonsense",
      ], "http://t/x", ["Authorization: Bearer abc", "x-a: 1"]
    ),
    (
      .confident,
      ["CONFIDENT_API_KEY": "k", "OTEL_EXPORTER_OTLP_HEADERS": "X-Confident-Api-Key=z"],
      "https://otel.confident-ai.com/v1/traces", ["X-Confident-Api-Key: z"]
    ),
  ])
  func `each backend has its address and its header`(
    _ backend: TraceBackend?, _ environment: [String: String], _ url: String, _ headers: [String]
  ) throws {
    let endpoint = try TraceEndpoint(TracePushPlan(backend: backend), environment: environment)
    #expect(endpoint.url == url)
    #expect(endpoint.headers.map { "\($0.name): \($0.value)" } == headers)
  }

  @Test(arguments: [
    (TraceBackend.langfuse, ["LANGFUSE_PUBLIC_KEY": "pk"], "LANGFUSE_SECRET_KEY"),
    (.braintrust, ["BRAINTRUST_API_KEY": ""], "BRAINTRUST_API_KEY"),
    (.confident, [:], "CONFIDENT_API_KEY"), (nil, [:], "OTEL_EXPORTER_OTLP_ENDPOINT"),
  ])
  func `what is not set is named, what is set is not shown`(
    _ backend: TraceBackend?, _ environment: [String: String], _ name: String
  ) {
    let error = #expect(throws: EvalRunError.self) {
      try TraceEndpoint(TracePushPlan(backend: backend), environment: environment)
    }
    #expect(error?.description.contains(name) == true)
    #expect(error?.description.contains("pk") != true)
  }

  @Test func `a secret that a collector repeats is not shown`() throws {
    let endpoint = try TraceEndpoint(
      TracePushPlan(backend: .braintrust), environment: ["BRAINTRUST_API_KEY": "sk-secret"])
    #expect(
      endpoint.withoutSecrets("bad key 'sk-secret' in Bearer sk-secret")
        == "bad key '***' in ***")
  }
}
