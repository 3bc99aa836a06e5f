// One operation of the API as it is described.

import Core

/// What a route does, takes and answers.
struct Operation: Sendable {
  enum Method: String, Sendable { case get, post, put, delete }

  /// A parameter in the query.
  struct Query: Sendable {
    var name: String
    var schema: Schema
    var text: String

    init(_ name: String, _ schema: Schema, _ text: String) {
      self.name = name
      self.schema = schema
      self.text = text
    }
  }

  var method: Method
  /// As the router writes it, with `:name` and `*name`.
  var path: String
  var summary: String
  /// Whether there is a twin below `/api/benchmarks/{benchmarkId}`.
  var isScoped = true
  var query: [Query] = []
  var body: Schema?
  var isBodyRequired = true
  var status = 200
  /// `nil`: no body.
  var answer: Schema?
  var mediaType = "application/json"
  /// Further statuses with the error object, beside those of all requests.
  var errors: [Int] = []

  /// Path in the form of OpenAPI.
  static func template(_ path: String) -> String {
    path.split(separator: "/", omittingEmptySubsequences: false).map { segment in
      segment.hasPrefix(":") || segment.hasPrefix("*")
        ? "{\(segment.dropFirst())}" : String(segment)
    }.joined(separator: "/")
  }

  /// Every path that the operation is served at, as the router writes it.
  var paths: [String] {
    isScoped ? [path, "/api/benchmarks/:benchmarkId\(path.dropFirst("/api".count))"] : [path]
  }

  func json(at path: String) -> JSON {
    let names = path.split(separator: "/").filter { $0.hasPrefix(":") || $0.hasPrefix("*") }
      .map { String($0.dropFirst()) }
    var parameters: [JSON] = names.map { name in
      [
        "name": .string(name), "in": "path", "required": true,
        "schema": ["type": "string", "minLength": 1],
      ]
    }
    parameters += query.map { query in
      [
        "name": .string(query.name), "in": "query", "description": .string(query.text),
        "schema": query.schema.json,
      ]
    }
    var operation: JSONObject = [
      "summary": .string(summary), "operationId": .string(identifier(path)),
    ]
    if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
    if let body {
      operation["requestBody"] = [
        "required": .bool(isBodyRequired),
        "content": ["application/json": ["schema": body.json]],
      ]
    }
    operation["responses"] = .object(responses)
    return .object(operation)
  }

  private var responses: JSONObject {
    var responses = JSONObject()
    var success: JSONObject = ["description": .string(summary)]
    if let answer {
      success["content"] = .object([mediaType: ["schema": answer.json]])
    }
    responses[String(status)] = .object(success)
    if method == .get, mediaType == "application/json" {
      responses["304"] = ["description": "The client has it already (If-None-Match)."]
    }
    if mediaType == "text/event-stream" {
      responses["204"] = ["description": "The client has seen the end."]
    }
    for status in errors {
      responses[String(status)] = ["$ref": "#/components/responses/Error"]
    }
    responses["default"] = ["$ref": "#/components/responses/Error"]
    return responses
  }

  private func identifier(_ path: String) -> String {
    let words = path.split { "/-.:*_".contains($0) }.filter { $0 != "api" }
    return method.rawValue
      + words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }
}
