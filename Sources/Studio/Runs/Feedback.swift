// feedback.json: what people wrote about tests (reference: studio-api 10). Blocking.

import Core

enum Feedback {
  static let limitBytes = 16 << 20
  /// Longest comment, characters.
  static let maximumComment = 20_000

  struct Review: Sendable, Hashable {
    var testID: String
    var comment: String
  }

  /// The stored reviews; a missing or broken file has none.
  static func read(_ path: String) -> [JSON] {
    guard let bytes = try? FileIO.read(path, limitBytes: limitBytes) else { return [] }
    return ((try? JSON.parse(bytes))?["reviews"]?.array ?? []).filter {
      $0["test_id"]?.string != nil
    }
  }

  /// The reviews of a body.
  static func reviews(_ body: [UInt8]) throws(RequestError) -> [Review] {
    guard let json = try? JSON.parse(body) else {
      throw .badRequest("invalid-json", "Invalid JSON")
    }
    guard let object = json.object else { throw .badRequest("invalid-body", "Invalid payload") }
    guard let array = object["reviews"]?.array else {
      throw .badRequest("invalid-field", "Missing reviews array", field: "reviews")
    }
    var reviews: [Review] = []
    for entry in array {
      guard let id = entry["test_id"]?.string, let comment = entry["comment"]?.string else {
        throw .badRequest(
          "invalid-field", "Each review must have test_id and comment strings", field: "reviews")
      }
      guard comment.count <= maximumComment else {
        throw .badRequest(
          "invalid-field", "A comment must not be longer than \(maximumComment) characters",
          field: "reviews")
      }
      reviews.append(Review(testID: id, comment: comment))
    }
    return reviews
  }

  /// Adds reviews to a file, replacing those of the same tests.
  /// - Returns: all reviews.
  static func save(
    _ reviews: [Review], to path: String, at now: Timestamp
  ) throws(RequestError) -> JSON {
    var stored = read(path)
    for review in reviews {
      let json: JSON = [
        "test_id": .string(review.testID), "comment": .string(review.comment),
        "updated_at": .string(now.description),
      ]
      if let place = stored.firstIndex(where: { $0["test_id"]?.string == review.testID }) {
        stored[place] = json
      } else {
        stored.append(json)
      }
    }
    let json: JSON = ["reviews": .array(stored)]
    do {
      try FileIO.createDirectories(Path.directory(path))
      try FileIO.replace(path, json.pretty() + [0x0A])
    } catch {
      throw RequestError(
        status: 500, code: "feedback-unwritable",
        message: "Failed to save feedback: \(error.description)")
    }
    return json
  }
}
