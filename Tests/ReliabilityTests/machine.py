"""Which processes live: by what they inherited, by their command line, by pid and start time."""

import os
import signal
import time


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def stat(pid):
    """(state, parent, start time) of a process; None when there is none."""
    text = read(f"/proc/{pid}/stat")
    if b")" not in text:
        return None
    fields = text[text.rindex(b")") + 2:].split()
    return fields[0].decode(), int(fields[1]), int(fields[19])


def threads(pid):
    """(state, parent, start time) of the threads of a process."""
    return [found for name in os.listdir(f"/proc/{pid}/task")
            if (found := stat(f"{pid}/task/{name}"))]


def is_alive(pid, start_time=None):
    """Whether a process runs; a zombie, or another process with its pid, does not."""
    found = stat(pid)
    return found is not None and found[0] not in "ZX" and start_time in (None, found[2])


def processes(*marks):
    """Living processes with any of these byte strings in environment or command line."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        text = read(f"/proc/{name}/environ") + b"\0" + read(f"/proc/{name}/cmdline")
        if any(mark in text for mark in marks) and is_alive(int(name)):
            command = read(f"/proc/{name}/cmdline").replace(b"\0", b" ").decode(errors="replace")
            found[int(name)] = command.strip()
    return found


def until_gone(seconds, *marks, trees=()):
    """Waits until none of them lives, for so long; returns those that do then.

    `trees` are files of `stubborn`, for processes that wiped their environment.
    """
    deadline = time.monotonic() + seconds
    while True:
        left = processes(*marks)
        for tree in trees:
            left |= members(tree)
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.005)


def members(tree):
    """Living processes that a `stubborn` wrote into its file."""
    found = {}
    for line in read(tree).decode().splitlines():
        if line.startswith("#"):
            continue
        role, pid, _, _, _, start = line.split()[:6]
        if is_alive(int(pid), int(start)):
            found[int(pid)] = f"stubborn {role}"
    return found


def kill(pids):
    """Ends what a failed trial left, so that it disturbs no other one."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def children(pid):
    return [int(name) for name in os.listdir("/proc")
            if name.isdigit() and (found := stat(int(name))) and found[1] == pid]
