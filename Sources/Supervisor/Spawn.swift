// From a ProcessSpec to posix_spawn(3). Called with the reaper's lock held, so it does what takes
// time (looking the executable up, building the arrays) before.

import CShims
import Core
import Glibc

/// A spec checked and looked up, ready to be started.
struct SpawnPlan {
  let executable: String
  private let path: String
  private let arguments: [String]
  private let environment: [String]
  private let directory: String?
  private let ownSession: Bool
  private let blocked: UInt64

  /// - Throws: `SupervisorError`, saying what is wrong with the spec.
  init(_ spec: ProcessSpec, treeCookie: (String, String)) throws(SupervisorError) {
    executable = spec.executable
    var variables = spec.environment
    for (name, value) in spec.cookie { variables[name] = value }
    variables[treeCookie.0] = treeCookie.1
    for text in [spec.executable, spec.workingDirectory ?? ""] + spec.arguments
    where text.utf8.contains(0) {
      throw SupervisorError(
        .badArgument, spec.executable, "the argument \(Self.quoted(text)) holds a NUL byte")
    }
    for (name, value) in variables
    where name.isEmpty || name.utf8.contains(UInt8(ascii: "=")) || name.utf8.contains(0)
      || value.utf8.contains(0)
    {
      // The value stays out of the message: it may be a secret.
      throw SupervisorError(
        .badArgument, spec.executable,
        "the environment variable \(Self.quoted(name)) has an empty name, or a '=' or NUL byte in it"
      )
    }
    if let directory = spec.workingDirectory {
      guard let status = FileIO.status(directory) else {
        throw SupervisorError(
          .badWorkingDirectory, spec.executable, errno: errno,
          "the working directory \"\(directory)\" is missing: create it or name another")
      }
      guard status.kind == .directory else {
        throw SupervisorError(
          .badWorkingDirectory, spec.executable, errno: ENOTDIR,
          "the working directory \"\(directory)\" is a file: name a directory")
      }
    }
    path = try ExecutableLookup.find(
      spec.executable, searchPath: variables["PATH"], directory: spec.workingDirectory)
    arguments = [spec.executable] + spec.arguments
    environment = variables.map { "\($0)=\($1)" }
    directory = spec.workingDirectory
    ownSession = spec.isolation == .session
    blocked = spec.blockedSignals.reduce(0) { bits, signal in
      (1...64).contains(signal) ? bits | 1 << UInt64(signal - 1) : bits
    }
  }

  /// Starts the process with these descriptors as 0, 1 and 2.
  /// - Throws: `SupervisorError`.
  func start(descriptors: (Int32, Int32, Int32)) throws(SupervisorError) -> Int32 {
    var pid: Int32 = 0
    let error = withCStrings(arguments) { arguments in
      withCStrings(environment) { environment in
        path.withCString { path in
          func run(_ directory: UnsafePointer<CChar>?) -> Int32 {
            var request = agentv_spawn_request(
              path: path, arguments: arguments, environment: environment, directory: directory,
              descriptors: descriptors, new_session: ownSession ? 1 : 0, blocked: blocked)
            return agentv_spawn(&request, &pid)
          }
          return directory?.withCString { run($0) } ?? run(nil)
        }
      }
    }
    if error != 0 { throw explain(error) }
    return pid
  }

  private func explain(_ error: Int32) -> SupervisorError {
    switch error {
    case ENOENT:
      let interpreter = ExecutableLookup.interpreter(of: path)
      let cause =
        interpreter.map { "its first line asks for \"\($0)\", which is missing: install it" }
        ?? "\"\(path)\" or the loader it asks for is missing"
      return SupervisorError(.executableNotFound, executable, errno: error, cause)
    case ENOEXEC:
      return SupervisorError(
        .notExecutable, executable, errno: error,
        "\"\(path)\" is no program for this machine; a script needs a first line such as "
          + "\"#!/bin/sh\"")
    case E2BIG:
      return SupervisorError(
        .badArgument, executable, errno: error,
        "pass large inputs in a file or on standard input")
    case EAGAIN, ENOMEM, EMFILE, ENFILE:
      return SupervisorError(
        .outOfResources, executable, errno: error,
        "run fewer at a time (--workers), or raise the limits (ulimit -u, ulimit -n)")
    default:
      return SupervisorError(
        .notExecutable, executable, errno: error, "check the permissions of \"\(path)\"")
    }
  }

  private static func quoted(_ text: String) -> String {
    "\"\(String(text.prefix(80)).replacing("\0", with: "\\0"))\""
  }
}

/// Calls `body` with a NULL-ended array of C strings.
private func withCStrings<Value>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Value
) -> Value {
  var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
  pointers.append(nil)
  defer { for pointer in pointers { free(pointer) } }
  return body(pointers)
}

/// Finding executables as a shell does (POSIX.1-2024, 8.3, PATH).
enum ExecutableLookup {
  /// What a shell searches when PATH is not set.
  static let defaultSearchPath = "/usr/local/bin:/usr/bin:/bin"

  /// The path to execute.
  /// - Throws: `SupervisorError` naming the executable and what was searched.
  static func find(
    _ name: String, searchPath: String?, directory: String?
  ) throws(SupervisorError) -> String {
    guard !name.isEmpty else {
      throw SupervisorError(.executableNotFound, name, "the name of the executable is empty")
    }
    let base = directory.map { Path.absolute($0, in: FileIO.workingDirectory) } ?? ""
    if name.contains("/") {
      let path = Path.join(base, name)
      try check(path, name)
      return path
    }
    let search = searchPath ?? defaultSearchPath
    var found: SupervisorError?
    for entry in search.split(separator: ":", omittingEmptySubsequences: false) {
      // An empty entry means the working directory.
      let path = Path.join(Path.join(base, entry.isEmpty ? "." : String(entry)), name)
      do throws(SupervisorError) {
        try check(path, name)
        return path
      } catch  where error.code != .executableNotFound {
        found = found ?? error
      } catch {}
    }
    if let found { throw found }
    throw SupervisorError(
      .executableNotFound, name,
      "no executable of that name in PATH (\(search)): install it, or name it by its path")
  }

  /// The interpreter that a script asks for in its first line; `nil` for anything else.
  static func interpreter(of path: String) -> String? {
    guard let start = try? FileIO.read(path, offset: 0, count: 256),
      start.starts(with: [0x23, 0x21])
    else { return nil }
    let line = start.dropFirst(2).prefix { $0 != 0x0A && $0 != 0x0D }
    let words = line.split { $0 == 0x20 || $0 == 0x09 }
    return words.first.map { String(decoding: $0, as: UTF8.self) }
  }

  private static func check(_ path: String, _ name: String) throws(SupervisorError) {
    guard let status = FileIO.status(path) else {
      throw SupervisorError(
        .executableNotFound, name, errno: ENOENT, "there is no \"\(path)\": check the path")
    }
    guard status.kind == .file else {
      throw SupervisorError(
        .notExecutable, name, errno: EACCES, "\"\(path)\" is no file: name an executable")
    }
    guard access(path, X_OK) == 0 else {
      throw SupervisorError(
        .notExecutable, name, errno: errno, "make it executable: chmod +x \"\(path)\"")
    }
  }
}
