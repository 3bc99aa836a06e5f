// The description of the API for programs: OpenAPI 3.1, made from the tables in API/.

import Core
import EventLoop
import HTTPServer

extension StudioServer {
  func addDescriptionRoute() {
    router.on(.get, "/api/openapi.json") { [unowned self] _, _, exchange in
      answer(exchange) { () throws(RequestError) in .json(200, APIDescription.document()) }
    }
  }
}
