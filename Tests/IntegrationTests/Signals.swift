import Glibc

/// Sends a signal to a process of a test's own.
func kill(_ pid: Int, with signal: Int32) {
  if let pid = Int32(exactly: pid), pid > 1 { Glibc.kill(pid, signal) }
}

/// Whether a process is there, zombies included.
func isAlive(_ pid: Int) -> Bool {
  guard let pid = Int32(exactly: pid), pid > 1 else { return false }
  return Glibc.kill(pid, 0) == 0
}
