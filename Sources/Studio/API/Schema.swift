// JSON Schemas (2020-12, as OpenAPI 3.1 uses them), written short.

import Core

/// A JSON Schema.
struct Schema: Sendable {
  var json: JSON

  static let string = Schema(json: ["type": "string"])
  static let integer = Schema(json: ["type": "integer"])
  static let number = Schema(json: ["type": "number"])
  static let boolean = Schema(json: ["type": "boolean"])
  static let any = Schema(json: [:])

  static func array(_ element: Schema) -> Schema {
    Schema(json: ["type": "array", "items": element.json])
  }

  static func word(_ words: some Sequence<String>) -> Schema {
    Schema(json: ["type": "string", "enum": .array(words.map(JSON.string))])
  }

  static func named(_ name: String) -> Schema {
    Schema(json: ["$ref": .string("#/components/schemas/\(name)")])
  }

  static func range(_ type: String, _ low: Double, _ high: Double) -> Schema {
    Schema(json: ["type": .string(type), "minimum": .double(low), "maximum": .double(high)])
  }

  /// The schema, or null.
  var orNull: Schema {
    if let type = json["type"], type.string != nil, json["enum"] == nil {
      var object = json.object ?? [:]
      object["type"] = [type, "null"]
      return Schema(json: .object(object))
    }
    return Schema(json: ["anyOf": [json, ["type": "null"]]])
  }

  /// An object; a name that ends in `?` may be missing.
  static func object(_ members: KeyValuePairs<String, Schema>) -> Schema {
    var properties = JSONObject()
    var required: [JSON] = []
    for (name, schema) in members {
      if name.hasSuffix("?") {
        properties[String(name.dropLast())] = schema.json
      } else {
        properties[name] = schema.json
        required.append(.string(name))
      }
    }
    return Schema(
      json: [
        "type": "object", "properties": .object(properties), "required": .array(required),
      ])
  }

  /// Both: the members of another schema and of this one.
  func and(_ other: Schema) -> Schema { Schema(json: ["allOf": [json, other.json]]) }
}
