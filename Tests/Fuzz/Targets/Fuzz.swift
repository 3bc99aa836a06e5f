// One program for all fuzz targets: libFuzzer drives the one that AGENTV_FUZZ_TARGET names.

import Glibc

/// What can be fuzzed, by the name of its corpus.
private let targets: [String: @Sendable ([UInt8]) -> Void] = [
  "evals": fuzzEvals, "http": fuzzHTTP, "index": fuzzIndex, "json": fuzzJSON,
  "paths": fuzzPaths, "requests": fuzzRequests, "sse": fuzzSSE,
]

private let target: @Sendable ([UInt8]) -> Void = {
  let name = getenv("AGENTV_FUZZ_TARGET").map { String(cString: $0) } ?? ""
  if let target = targets[name] { return target }
  print("AGENTV_FUZZ_TARGET must be one of \(targets.keys.sorted().joined(separator: ", "))")
  exit(64)
}()

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
func takeInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  target(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}

// libFuzzer's driver. Two pointers, a C function and an int: C's convention and Swift's agree.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// What SwiftPM has the linker call `main`.
@_cdecl("Fuzz_main")
func main(_ count: Int32, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32 {
  var count = count
  var words = words
  return runDriver(&count, &words) { bytes, count in takeInput(bytes, count) }
}
