// Tells what the starter handed down: for the tests of inheritance.

import Core
import Glibc

/// Prints signal state, descriptors, directory, identity and input as `name=value` lines.
func say(_ code: Int32) -> Never {
  var descriptors: [Int32] = []
  for descriptor in 0..<Int32(256) where fcntl(descriptor, F_GETFD) >= 0 {
    descriptors.append(descriptor)
  }
  print("fds=\(descriptors.map(String.init).joined(separator: ","))")
  if let file = fopen("/proc/self/status", "r") {
    var buffer = [CChar](repeating: 0, count: 512)
    while fgets(&buffer, 512, file) != nil {
      let line = String(
        decoding: buffer.prefix { $0 != 0 && $0 != 0x0A }.map(UInt8.init(bitPattern:)),
        as: UTF8.self)
      let parts = line.split(separator: "\t")
      if parts.count == 2, ["SigBlk:", "SigIgn:"].contains(parts[0]) {
        print("\(parts[0].dropLast())=\(UInt64(parts[1], radix: 16) ?? 1)")
      }
    }
    fclose(file)
  }
  print("pid=\(getpid())")
  print("pgid=\(getpgrp())")
  print("sid=\(getsid(0))")
  var directory = [CChar](repeating: 0, count: 4096)
  getcwd(&directory, directory.count)
  print(
    "cwd="
      + String(
        decoding: directory.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
  var entry = environ
  while let variable = entry.pointee {
    print("env:" + String(cString: variable))
    entry += 1
  }
  print("arguments=\(CommandLine.arguments.dropFirst(3).joined(separator: "|"))")
  var count = 0
  var buffer = [UInt8](repeating: 0, count: 65536)
  while case let got = read(0, &buffer, buffer.count), got > 0 { count += got }
  print("stdin=\(count)")
  StandardStream.error.write("said\n")
  exit(code)
}
