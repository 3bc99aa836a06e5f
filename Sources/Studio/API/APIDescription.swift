// The OpenAPI 3.1 document. A test compares it with the router.

import Core

enum APIDescription {
  static func document() -> JSON {
    var paths = JSONObject()
    for operation in operations {
      for path in operation.paths {
        let template = Operation.template(path)
        var item = paths[template]?.object ?? [:]
        item[operation.method.rawValue] = operation.json(at: path)
        paths[template] = .object(item)
      }
    }
    var schemas = JSONObject()
    for (name, schema) in APISchemas.all { schemas[name] = schema.json }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "AgentV Studio", "version": "1",
        "description": "Runs of agent evaluations: launch, watch, stop, resume, compare.",
      ], "paths": .object(paths),
      "components": [
        "schemas": .object(schemas),
        "responses": [
          "Error": [
            "description": "What is wrong and what helps.",
            "content": [
              "application/json": ["schema": ["$ref": "#/components/schemas/Error"]]
            ],
          ]
        ],
        "securitySchemes": ["token": ["type": "http", "scheme": "bearer"]],
      ], "security": [[:], ["token": []]],
    ]
  }

  static let operations: [Operation] =
    jobOperations + runOperations + overviewOperations + projectOperations + systemOperations

  /// The parameters of a list.
  static func list(_ fields: ListQuery.Fields) -> [Operation.Query] {
    let sorts = fields.sorts + fields.sorts.map { "-\($0)" }
    return [
      .init("limit", .range("integer", 1, Double(ListQuery.maximumLimit)), "Most elements."),
      .init("cursor", .string, "The next_cursor of the page before."),
      .init("q", .string, "Text to search for."),
      .init("sort", .word(sorts), "Field to sort by, - in front for descending."),
    ]
      + fields.filters.map { name in
        .init(
          name, fields.words[name].map { .word($0) } ?? .string,
          "Only elements with this \(name); several separated by commas.")
      }
  }

  /// An answer that holds a list.
  static func page(_ name: String, _ element: Schema) -> Schema {
    Schema.object(["total?": .integer, "next_cursor?": .string.orNull, "complete?": .boolean])
      .and(
        Schema(json: [
          "type": "object",
          "properties": .object([name: Schema.array(element).json]),
          "required": [.string(name)],
        ]))
  }
}
