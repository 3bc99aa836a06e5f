import Core
import EventLoop
import HTTPServer
import TestSupport
import Testing

@testable import Studio

@LoopActor
@Suite(.timeLimit(.minutes(1))) struct APIDescriptionTests {
  /// Every route of a server that does not listen.
  private func routes() throws -> [(method: HTTPMethod, pattern: String)] {
    let scratch = try TemporaryDirectory()
    try scratch.write("web/index.html", "<html></html>")
    let server = try StudioServer(
      StudioConfiguration(
        project: scratch.path, port: 0, webRoot: scratch.file("web"), executable: "/bin/false",
        environment: ["HOME": scratch.path]))
    server.addRoutes()
    return server.router.routes
  }

  @Test func `every route is described, and nothing else`() throws {
    let paths = try #require(APIDescription.document()["paths"]?.object)
    var described: Set<String> = []
    for (path, item) in paths {
      for name in item.object?.names ?? [] { described.insert("\(name) \(path)") }
    }
    let served = Set(
      try routes().map { "\($0.method.rawValue.lowercased()) \(Operation.template($0.pattern))" })
    #expect(served.subtracting(described).isEmpty, "\(served.subtracting(described))")
    #expect(described.subtracting(served).isEmpty, "\(described.subtracting(served))")
  }

  @Test func `every reference leads to a schema`() throws {
    let document = APIDescription.document()
    let schemas = Set(document["components"]?["schemas"]?.object?.names ?? [])
    func references(_ json: JSON) -> [String] {
      switch json {
      case .object(let object):
        object.flatMap { name, value in
          name == "$ref" ? [value.string ?? ""] : references(value)
        }
      case .array(let values): values.flatMap(references)
      default: []
      }
    }
    for reference in references(document) where reference.hasPrefix("#/components/schemas/") {
      #expect(schemas.contains(String(reference.dropFirst(21))), "\(reference)")
    }
  }

  @Test func `the operations have names of their own`() throws {
    var names: [String] = []
    for (_, item) in try #require(APIDescription.document()["paths"]?.object) {
      for (_, operation) in item.object ?? [:] {
        names.append(operation["operationId"]?.string ?? "")
      }
    }
    #expect(Set(names).count == names.count)
  }
}
