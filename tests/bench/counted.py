# SPDX-License-Identifier: BSD-3-Clause
"""The PBX under callgrind: instructions and allocations, which hardly differ from run to run or machine to machine."""
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "wire"))

from wire import BUILD, Failure, Pbx, until  # noqa: E402

ALLOCATORS = ("malloc", "calloc", "realloc")


class CountedPbx(Pbx):
    """A PBX whose instructions are counted between two marks."""

    def start(self):
        self.counts = os.path.join(self.state, "callgrind")
        self.dumps = 0
        self.out = open(os.path.join(self.state, "output"), "ab")
        self.proc = subprocess.Popen(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + self.counts,
             os.path.join(BUILD, "bellbird"), "-f", "-C", self.etc, "-S", self.state],
            stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.out)

        def ready():
            if self.proc.poll() is not None:
                raise Failure("the PBX ended at start:\n" + self.log()[-3000:])
            return self.run("core show uptime")[0] == 0
        until("the PBX to start under callgrind", ready, 120)

    def control(self, word):
        subprocess.run(["callgrind_control", word, str(self.proc.pid)], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def counted(self, work, settled):
        """Instructions and calls of the allocator while something is worked on."""
        self.control("--zero")
        work()
        settled()
        self.dumps += 1
        path = "%s.%d" % (self.counts, self.dumps)
        self.control("--dump")
        until("the counts", lambda: os.path.exists(path) and totals(path), 60)
        return totals(path), allocations(path)


def available():
    return shutil.which("valgrind") and shutil.which("callgrind_control")


def totals(path):
    with open(path) as f:
        m = re.search(r"(?m)^totals: (\d+)", f.read())
    return int(m.group(1)) if m else 0


def allocations(path):
    """How often malloc(), calloc() and realloc() were entered from outside the allocator."""
    names, callee, caller, n = {}, "", "", 0

    def name(text):
        m = re.match(r"\((\d+)\)(?: (.*))?", text)
        if m.group(2):
            names[m.group(1)] = m.group(2)
        return names[m.group(1)]
    with open(path) as f:
        for line in f:
            if line.startswith("fn="):
                caller = name(line[3:].strip())
            elif line.startswith("cfn="):
                callee = name(line[4:].strip())
            elif line.startswith("calls=") and callee in ALLOCATORS and caller not in ALLOCATORS:
                n += int(line[6:].split()[0])
    return n
