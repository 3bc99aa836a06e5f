// Core's JSON: what is read can be written and read again; both readers agree.

import Core

@Sendable func fuzzJSON(_ bytes: [UInt8]) {
  let parsed = try? JSON.parse(bytes)
  if let parsed {
    let line = parsed.serialized()
    check(!line.contains(0x0A), "the compact form is one line")
    let again = try? JSON.parse(line)
    check(again?.serialized() == line, "the compact form reads as what was written")
    let pretty = try? JSON.parse(parsed.pretty())
    check(pretty?.serialized() == line, "the indented form reads as what was written")
  }
  var walker = JSONWalker(bytes)
  var inRange = true
  let isObject = walker.object(in: bytes.indices) { name, value in
    inRange =
      inRange && name.lowerBound <= name.upperBound && name.upperBound <= value.lowerBound
      && value.lowerBound < value.upperBound && value.upperBound <= bytes.count
  }
  check(inRange, "members lie in the buffer")
  if isObject { check(parsed?.object != nil, "the walker accepts only what the parser accepts") }
  if parsed?.object != nil, String(validating: bytes, as: UTF8.self) != nil {
    check(isObject, "the walker accepts every object that is UTF-8")
  }
}
