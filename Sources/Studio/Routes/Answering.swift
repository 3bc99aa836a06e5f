// From blocking work to an answer: errors as JSON, entity tags, compression, large bodies in pieces.

import Core
import EventLoop
import HTTPServer
import RunControl

/// What a request says about the form of its answer.
struct AnswerForm: Sendable {
  var ifNoneMatch: String?
  var acceptsGzip: Bool
  var isRead: Bool

  init(_ request: HTTPRequest) {
    ifNoneMatch = request.header("if-none-match")
    acceptsGzip = Gzip.isAccepted(request.header("accept-encoding"))
    isRead = request.method == .get || request.method == .head
  }

  /// Whether the client has what a tag stands for (RFC 9110 §13.1.2, weak comparison).
  func knows(_ tag: String) -> Bool {
    guard isRead, let ifNoneMatch else { return false }
    return ifNoneMatch.split(separator: ",").contains { part in
      let known = trim(part)
      return known == "*" || Self.opaque(known) == Self.opaque(tag)
    }
  }

  private static func opaque(_ tag: String) -> Substring {
    tag.hasPrefix("W/") ? tag.dropFirst(2) : tag[...]
  }
}

extension HTTPResponse {
  /// A weak entity tag of bytes: two answers that differ only in their coding share it.
  static func tag(_ bytes: [UInt8]) -> String {
    // FNV-1a, 64 bits (draft-eastlake-fnv).
    let hash = bytes.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return "W/\"\(String(hash, radix: 36))-\(String(bytes.count, radix: 36))\""
  }

  /// A 304 for a client that has it already.
  static func notModified(_ tag: String) -> HTTPResponse {
    .empty(
      304, headers: [("ETag", tag), ("Cache-Control", "no-cache"), ("Vary", "Accept-Encoding")])
  }

  /// The answer as it is sent: with an entity tag or as 304, and compressed when that is worth it.
  ///
  /// Uses the processor.
  func finished(_ form: AnswerForm) -> HTTPResponse {
    var response = self
    if form.isRead, status == 200 {
      let known = headers.first { $0.name == "ETag" }?.value
      let tag = known ?? Self.tag(body)
      if form.knows(tag) { return .notModified(tag) }
      if known == nil { response.headers.append(("ETag", tag)) }
      if !headers.contains(where: { $0.name == "Cache-Control" }) {
        response.headers.append(("Cache-Control", "no-cache"))
      }
    }
    guard body.count >= Gzip.minimumBytes, status != 206, isText,
      !headers.contains(where: { $0.name == "Content-Encoding" })
    else { return response }
    response.headers.append(("Vary", "Accept-Encoding"))
    if form.acceptsGzip {
      response.headers.append(("Content-Encoding", "gzip"))
      response.body = Gzip.compress(body)
    }
    return response
  }

  private var isText: Bool {
    guard let type = headers.first(where: { $0.name == "Content-Type" })?.value else {
      return false
    }
    return type.hasPrefix("text/") || type.hasPrefix("application/json")
      || type.hasPrefix("image/svg") || type.hasPrefix("application/openapi")
  }
}

extension StudioServer {
  /// Answers with what blocking work gives, or with its refusal.
  func answer(
    _ exchange: HTTPExchange, on worker: FileWorker? = nil,
    _ work: @escaping @Sendable () throws(RequestError) -> HTTPResponse
  ) {
    let form = AnswerForm(exchange.request)
    (worker ?? reader).run { () -> HTTPResponse in
      do throws(RequestError) {
        return try work().finished(form)
      } catch {
        return HTTPResponse(error)
      }
    } then: {
      exchange.respond($0)
    }
  }

  /// Answers with what a kept value gives, or with its refusal.
  func answer<Value: Sendable>(
    _ exchange: HTTPExchange, with value: WorkerValue<Value>,
    _ work: @escaping @Sendable (inout Value) throws(RequestError) -> HTTPResponse,
    made: @escaping @LoopActor (HTTPResponse) -> Void = { _ in }
  ) {
    let form = AnswerForm(exchange.request)
    value.perform { value -> HTTPResponse in
      do throws(RequestError) {
        return try work(&value).finished(form)
      } catch {
        return HTTPResponse(error)
      }
    } then: {
      made($0)
      exchange.respond($0)
    }
  }

  /// The worker of requests that read much; they take turns, so that one does not hold them all.
  var heavyReader: FileWorker {
    heavyTurn = (heavyTurn + 1) % heavyReaders.count
    return heavyReaders[heavyTurn]
  }
}

/// A large body on its way: pieces are made off the loop, one at a time, as the client takes them.
@LoopActor
final class PieceWriter<Source: Sendable> {
  private let source: WorkerValue<Source>
  private let make: @Sendable (inout Source) -> [UInt8]
  private let stream: HTTPStream
  private var unsent: [UInt8] = []
  private var isEnding = false
  /// Keeps this alive until the end.
  private var itself: PieceWriter?

  /// Begins to send what `make` gives; it works on the worker, and an empty piece ends the body.
  static func send(
    _ source: Source, on worker: FileWorker, to exchange: HTTPExchange,
    headers: [(name: String, value: String)], make: @escaping @Sendable (inout Source) -> [UInt8]
  ) {
    guard let stream = exchange.openStream(headers: headers) else { return }
    let writer = PieceWriter(
      source: WorkerValue(source, on: worker), make: make, stream: stream)
    writer.itself = writer
    stream.onClosed = { [weak writer] in writer?.itself = nil }
    writer.next()
  }

  private init(
    source: WorkerValue<Source>, make: @escaping @Sendable (inout Source) -> [UInt8],
    stream: HTTPStream
  ) {
    self.source = source
    self.make = make
    self.stream = stream
  }

  private func next() {
    let isChunked = stream.isChunked
    let make = make
    source.perform { source -> [UInt8] in
      let piece = make(&source)
      guard isChunked else { return piece }
      // RFC 9112 §7.1; the last, empty chunk is the server's.
      return piece.isEmpty
        ? [] : Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [0x0D, 0x0A]
    } then: { [weak self] piece in
      guard let self, self.itself != nil else { return }
      if piece.isEmpty {
        self.stream.finish()
        self.itself = nil
        return
      }
      self.unsent = piece
      self.write()
    }
  }

  private func write() {
    while !unsent.isEmpty {
      let count = stream.write(unsent.span)
      if count == unsent.count { break }
      unsent.removeFirst(count)
      stream.onWritable = { [weak self] in self?.write() }
      return
    }
    unsent = []
    next()
  }
}
