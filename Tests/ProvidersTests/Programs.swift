import Glibc

/// Makes a file executable.
func makeExecutable(_ path: String) -> Bool { chmod(path, 0o755) == 0 }

/// Kills a process that a test has started.
func endProcess(_ pid: Int32) { kill(pid, SIGKILL) }
