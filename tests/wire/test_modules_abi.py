# SPDX-License-Identifier: BSD-3-Clause
"""Modules that do not fit: one clear sentence each, and the rest goes on."""
import os
import re
import shutil
import subprocess

from wire import BUILD, TOP, Failure, Pbx
from office import office
from test_faults import flood_sane
from test_modules import state_of

SOURCE = """\
#include <bellbird/app.h>
#include <bellbird/module.h>
%s
static int greet(struct bb_chan *ch, const void *args)
{
	return %s;
}
static const struct bb_app app = { .name = "%s", .run = greet,
				   .doc = { .summary = "Nothing", .since = "0.1" } };
BB_MODULE(app_%s, .provides = (const struct bb_provide[]){ BB_APP(&app), { 0 } },
	  .doc = { .summary = "For a test", .since = "0.1" });
"""


def compiled(bench, name, flags=(), before="", value="0"):
    """A module made against the headers of the tree, or those that flags name."""
    root = os.path.join(bench.dir, "mods")
    os.makedirs(root, exist_ok=True)
    source = os.path.join(root, "app_%s.c" % name)
    with open(source, "w") as f:
        f.write(SOURCE % (before, value, name.capitalize(), name))
    r = subprocess.run(["gcc", "-shared", "-fPIC", "-std=gnu11", "-w", "-o", os.path.join(root, "app_%s.so" % name),
                        source] + list(flags) + ["-I", TOP + "/include", "-I", BUILD + "/include"],
                       capture_output=True, text=True)
    if r.returncode:
        raise Failure("app_%s does not compile: %s" % (name, r.stderr))
    return root


def patched(bench, old, new):
    """A copy of the headers with another ABI."""
    copy = os.path.join(bench.dir, "include-" + re.sub(r"\W", "", new))
    shutil.copytree(TOP + "/include", copy)
    path = copy + "/bellbird/module.h"
    with open(path) as f:
        text = f.read()
    if not re.search(old, text):
        raise Failure("%s is not in module.h" % old)
    with open(path, "w") as f:
        f.write(re.sub(old, new, text))
    return ["-I", copy]


def test_misfits(bench):
    """another major ABI, a newer minor one, a missing symbol, no module at all: each named, calls work"""
    compiled(bench, "good")
    compiled(bench, "major", patched(bench, r"BB_ABI_MAJOR \d+", "BB_ABI_MAJOR 99"))
    compiled(bench, "minor", patched(bench, r"BB_ABI_MINOR \d+", "BB_ABI_MINOR 77"))
    compiled(bench, "missing", before="int bb_of_the_future(void);", value="bb_of_the_future()")
    root = compiled(bench, "broken")
    with open(root + "/app_broken.so", "wb") as f:
        f.write(b"\x7fELF and then nothing bb_module\0bb_module\0" * 10)
    pbx = Pbx(bench, office(), env=dict(os.environ, BB_MODULE_PATH=root))
    log = pbx.log()
    for name, word in (("major", r"ABI 99\.\d+, this is \d"), ("minor", r"ABI \d+\.77, this is \d"),
                       ("missing", "bb_of_the_future"), ("broken", "not")):
        lines = [line for line in log.splitlines() if "app_%s" % name in line]
        if len(lines) != 1 or not re.search(word, lines[0]):
            raise Failure("app_%s is told so: %s" % (name, lines))
        if state_of(pbx, "app_" + name):
            raise Failure("app_%s is there" % name)
        status, out = pbx.run("module load app_" + name)
        if status == 0 or not re.search(word, out):
            raise Failure("module load app_%s said %d: %s" % (name, status, out))
    if not state_of(pbx, "app_good"):
        raise Failure("the one that fits was not loaded: " + pbx.cli("module show") + log)
    flood_sane(pbx, bench)


def test_missing_service(bench):
    """chan_sip without rtp: what is missing is named, registrations and the rest go on"""
    root = os.path.join(bench.dir, "mods")
    os.makedirs(root)
    files = dict(office(), **{"modules.conf": "[modules]\nautoload=yes\nnoload=rtp.so\n"})
    pbx = Pbx(bench, files)
    if not re.search(r"chan_sip.*needs.*rtp", pbx.log()):
        raise Failure("what chan_sip lacks is not named: " + pbx.log())
    from phone import Phone
    a = Phone(bench, "a", "1001", "secret1001", pbx.address, 440)
    a.wait_registered()
    a.dial("600")
    a.wait("CALL_CLOSED")
    pbx.cli("module load rtp")
    pbx.cli("module load chan_sip")
    b = Phone(bench, "b", "1002", "secret1002", pbx.address, 660)
    b.wait_registered()
    b.dial("600")
    b.wait("CALL_ESTABLISHED")
