// Objects put together from members that are serialised already: a snapshot of many rows must not
// build them all again on the loop.

import Core

enum RawJSON {
  /// An object; members in order.
  static func object(_ members: [(name: String, value: [UInt8])]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(members.reduce(2) { $0 + $1.name.utf8.count + $1.value.count + 4 })
    bytes.append(UInt8(ascii: "{"))
    for (index, member) in members.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += JSON.string(member.name).serialized()
      bytes.append(UInt8(ascii: ":"))
      bytes += member.value
    }
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  /// An array of the given elements.
  static func array(_ elements: some Sequence<[UInt8]>) -> [UInt8] {
    var bytes: [UInt8] = [UInt8(ascii: "[")]
    for element in elements {
      if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
      bytes += element
    }
    bytes.append(UInt8(ascii: "]"))
    return bytes
  }

  /// An object with one more member in front of the others.
  static func adding(_ name: String, _ value: JSON, to object: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [UInt8(ascii: "{")]
    bytes += JSON.string(name).serialized()
    bytes.append(UInt8(ascii: ":"))
    bytes += value.serialized()
    if object.count > 2 { bytes.append(UInt8(ascii: ",")) }
    return bytes + object.dropFirst()
  }

  /// The members of two objects.
  static func merged(_ left: JSON, _ right: JSON) -> JSON {
    var object = left.object ?? [:]
    for (name, value) in right.object ?? [:] { object[name] = value }
    return .object(object)
  }
}
