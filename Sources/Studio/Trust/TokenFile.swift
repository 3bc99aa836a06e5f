// The token in a file: not on a command line, not in an environment that children could inherit.

import Core

extension StudioConfiguration {
  /// The token in the first line of a file.
  /// - Parameter path: the file, absolute.
  /// - Returns: the line without white space around it.
  /// - Throws: `StudioError` when it cannot be read or is empty.
  public static func token(inFile path: String) throws(StudioError) -> String {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try FileIO.read(path, limitBytes: 64 * 1024)
    } catch {
      throw StudioError("no token: \(error)")
    }
    let line = trim(String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self))
    guard !line.isEmpty else {
      throw StudioError(
        "the first line of \"\(path)\" is empty; --token-file takes the token there")
    }
    return line
  }
}
