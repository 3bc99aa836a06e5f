// What run.json says of the process that writes the run.

import RunArtifacts
import Supervisor

extension RunRecord {
  /// Names this process as the one that writes, so that a stop from outside can never reach another
  /// one.
  mutating func nameWriter() {
    let process = ProcessReference.current()
    pid = process.pid
    processStartTime = Int(clamping: process.startTime)
    bootID = process.bootID
  }
}
