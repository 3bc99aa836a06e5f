// A request in the form in which C takes it.

import CCurl
import EventLoop
import Glibc

/// Holds the C strings of a request while libcurl copies them.
@LoopActor
struct TransferCall {
  private let request: HTTPClientRequest

  init(_ request: HTTPClientRequest) {
    self.request = request
  }

  func begin(
    _ multi: UnsafeMutableRawPointer, _ context: UnsafeMutableRawPointer,
    _ failure: inout agentv_curl_failure
  ) -> UnsafeMutableRawPointer? {
    // No `Expect: 100-continue`: servers that do not know it cost a second each time.
    let lines = request.headers.map { "\($0.name): \($0.value)" } + ["Expect:"]
    let texts = lines.map { $0.withCString { strdup($0) } }
    defer { for text in texts { free(text) } }
    var headers: [UnsafePointer<CChar>?] = texts.map { $0.map { UnsafePointer($0) } }
    headers.append(nil)
    let network = request.network
    // libcurl sends no body for a null pointer, so an empty one needs an address.
    let body = request.body.map { $0.isEmpty ? [0] : $0 }
    return headers.withUnsafeBufferPointer { headers in
      body.withBytes { bytes in
        request.url.withCString { url in
          request.method.withCString { method in
            network.caFile.withCString { caFile in
              network.caDirectory.withCString { caDirectory in
                network.proxy(for: request.url).withCString { proxy in
                  (network.noProxy ?? "").withCString { noProxy in
                    guard let headers = headers.baseAddress else { return nil }
                    var call = agentv_curl_request(
                      url: url, method: method, headers: headers, body: bytes,
                      body_bytes: request.body?.count ?? 0,
                      connect_milliseconds: max(1, request.timeouts.connect.milliseconds),
                      redirects: request.redirects, ca_file: caFile, ca_directory: caDirectory,
                      proxy: proxy, no_proxy: noProxy, header: Self.header, data: Self.data,
                      context: context)
                    return agentv_curl_begin(multi, &call, &failure)
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  private static let header:
    @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>, Int)
      -> Int32 = { context, bytes, count in
        LoopActor.enter(context, UnsafeBufferPointer(start: bytes, count: count)) {
          (transfer: Transfer, line) in transfer.take(headerLine: Array(line)) ? 1 : 0
        }
      }

  private static let data:
    @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>, Int)
      -> Int32 = { context, bytes, count in
        LoopActor.enter(context, UnsafeBufferPointer(start: bytes, count: count)) {
          (transfer: Transfer, bytes) in transfer.take(body: bytes) ? 1 : 0
        }
      }
}

extension String? {
  /// Calls with the text as a C string, or with `nil`.
  fileprivate func withCString<R>(_ body: (UnsafePointer<CChar>?) -> R) -> R {
    guard let text = self else { return body(nil) }
    return text.withCString(body)
  }
}

extension [UInt8]? {
  /// Calls with the bytes, or with `nil`.
  fileprivate func withBytes<R>(_ body: (UnsafePointer<UInt8>?) -> R) -> R {
    guard let bytes = self else { return body(nil) }
    return bytes.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
