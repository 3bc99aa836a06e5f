"""The interposed library: builds it, tells it what to do, reads what it counted."""

import mmap
import os
import pathlib
import shutil
import struct
import subprocess

SOURCE = pathlib.Path(__file__).with_name("faults.c")
# Calls after which the state on disk, of the processes or at a client is another one.
CHANGES = "write pwrite fsync fdatasync ftruncate create rename unlink mkdir spawn send"


class Faults:
    """Faults for the agentv processes that are started with `environment()`.

    Each process reads the plan when it starts, so `plan` concerns those that start later.
    """

    def __init__(self, directory):
        self.library = pathlib.Path(directory) / "faults.so"
        self.plan_file = pathlib.Path(directory) / "plan"
        self.counters_file = pathlib.Path(directory) / "counters"
        subprocess.run(
            ["cc", "-std=gnu11", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", self.library,
             SOURCE, "-ldl"], check=True)
        self.counters_file.write_bytes(bytes(24))
        with open(self.counters_file, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 24)
        self.clear()

    @staticmethod
    def missing():
        """Why it cannot be built here, if it cannot."""
        return None if shutil.which("cc") else "no C compiler (cc)"

    def environment(self):
        return {"LD_PRELOAD": str(self.library), "AGENTV_FAULTS": str(self.plan_file)}

    def plan(self, roles, fault, calls=CHANGES, **more):
        """Sets what happens: see faults.c for the names. `roles` are commands of agentv."""
        self.memory[:24] = bytes(24)
        lines = {
            "roles": f" {roles} ", "fault": fault, "calls": f" {calls} ",
            "counters": self.counters_file, **more}
        text = "".join(f"{name}={value}\n" for name, value in lines.items())
        new = self.plan_file.with_suffix(".new")
        new.write_text(text)
        os.replace(new, self.plan_file)

    def clear(self):
        """No process that starts from now on has a fault."""
        self.plan_file.write_text("")

    def pause(self, paused=True):
        """Processes that have a fault do without it, or have it again, from now on."""
        struct.pack_into("Q", self.memory, 16, int(paused))

    @property
    def calls(self):
        """Counted calls since the plan was made."""
        return struct.unpack_from("Q", self.memory, 0)[0]

    @property
    def happened(self):
        """Faults since the plan was made."""
        return struct.unpack_from("Q", self.memory, 8)[0]
