// Tags and feedback: what people add to runs.

import Core
import EventLoop
import HTTPServer
import RunArtifacts
import RunControl

extension StudioServer {
  func addTagRoutes() {
    scoped(.put, "/api/runs/:runId/tags") {
      [unowned self] scope, request, parameters, exchange in
      changeTags(scope, parameters["runId"], exchange, verb: "set") { () throws(RequestError) in
        try TagsBody.tags(request.body)
      } answer: {
        $0
      }
    }
    scoped(.delete, "/api/runs/:runId/tags") {
      [unowned self] scope, _, parameters, exchange in
      changeTags(scope, parameters["runId"], exchange, verb: "removed") { () throws(RequestError) in
        []
      } answer: { _ in
        ["ok": true]
      }
    }
    scoped(.get, "/api/feedback") { [unowned self] scope, _, _, exchange in
      let path = feedbackFile(scope)
      answer(exchange) { () throws(RequestError) in
        .json(200, ["reviews": .array(Feedback.read(path()))])
      }
    }
    scoped(.post, "/api/feedback") { [unowned self] scope, request, _, exchange in
      let path = feedbackFile(scope)
      // On the worker of launches, which does one thing at a time: none undoes the other.
      answer(exchange, on: planWorker) { () throws(RequestError) in
        .json(
          200, try Feedback.save(try Feedback.reviews(request.body), to: path(), at: .now()))
      }
    }
  }

  private func changeTags(
    _ scope: Scope, _ id: String?, _ exchange: HTTPExchange, verb: String,
    _ tags: @escaping @Sendable () throws(RequestError) -> [String],
    answer: @escaping @Sendable (JSON) -> JSON
  ) {
    let library = library(scope)
    let project = scope.project
    planWorker.run { () -> Result<(path: String, json: JSON), RequestError> in
      do throws(RequestError) {
        let directory = try library().run(id)
        guard !directory.isRemote else {
          throw .badRequest("remote-run", "Tags can only be \(verb) on local runs")
        }
        let tags = try tags()
        do {
          let json = try RunTags.write(tags, to: directory, at: .now())
          return .success((directory.path, answer(json)))
        } catch {
          throw RequestError(
            status: 500, code: "tags-unwritable", message: "Failed to save tags: \(error)")
        }
      } catch {
        return .failure(error)
      }
    } then: { result in
      switch result {
      case .failure(let error): exchange.respond(HTTPResponse(error))
      case .success(let (path, json)):
        // The lists know it before the answer says so.
        project.refresh(path) { _ in exchange.respond(.json(200, json)) }
      }
    }
  }

  /// Where the feedback of a scope is: beside the results that the server was started with, and in
  /// the results of a benchmark.
  private func feedbackFile(_ scope: Scope) -> @Sendable () -> String {
    guard scope.benchmarkID != nil else {
      let path = Path.join(resultDirectory, "feedback.json")
      return { path }
    }
    let project = scope.project.path
    return {
      let own = Path.join(project, ".agentv/results/feedback.json")
      let top = Path.join(project, "feedback.json")
      return FileIO.isFile(own) || !FileIO.isFile(top) ? own : top
    }
  }
}

/// The body of `PUT …/tags`.
enum TagsBody {
  static func tags(_ body: [UInt8]) throws(RequestError) -> [String] {
    guard let json = try? JSON.parse(body) else {
      throw .badRequest("invalid-json", "Invalid JSON")
    }
    guard let object = json.object else { throw .badRequest("invalid-body", "Invalid payload") }
    guard let array = object["tags"]?.array else { throw invalid("Missing tags array") }
    var tags: [String] = []
    for value in array {
      guard let text = value.string else { throw invalid("Tags must be strings") }
      let tag = trim(text)
      guard !tag.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
        throw invalid("Tag must not contain control characters")
      }
      guard tag.count <= RunTags.maximumLength else {
        throw invalid("Tag \"\(tag.prefix(20))…\" exceeds \(RunTags.maximumLength) characters")
      }
      if !tag.isEmpty, !tags.contains(tag) { tags.append(tag) }
    }
    guard tags.count <= RunTags.maximumCount else {
      throw invalid("Too many tags (max \(RunTags.maximumCount))")
    }
    return tags
  }

  private static func invalid(_ message: String) -> RequestError {
    .badRequest("invalid-field", message, field: "tags")
  }
}
