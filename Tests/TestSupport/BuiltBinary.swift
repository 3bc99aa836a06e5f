// The binary under test.

import Core

/// The `agentv` executable of this build.
public enum BuiltBinary {
  /// Its path: `AGENTV_BINARY`, else the one beside the test executable.
  public static let path: String = {
    if let given = ProcessEnvironment.current()["AGENTV_BINARY"], !given.isEmpty { return given }
    let executable = FileIO.readLink("/proc/self/exe") ?? CommandLine.arguments[0]
    let candidates = [executable, CommandLine.arguments[0]].map {
      Path.join(Path.directory(Path.absolute($0, in: FileIO.workingDirectory)), "agentv")
    }
    return candidates.first(where: FileIO.isExecutable) ?? candidates[0]
  }()
}

/// Tools for tests that are kept outside of this repository.
public enum TestTools {
  /// The directory named by `AGENTV_TEST_TOOLS`; `nil` when it is unset: such tests are skipped.
  public static let directory: String? = {
    let given = ProcessEnvironment.current()["AGENTV_TEST_TOOLS"]
    return given?.isEmpty == false ? given : nil
  }()
}
