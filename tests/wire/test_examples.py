# SPDX-License-Identifier: BSD-3-Clause
"""What the guide shows is what the tests run; what we ship as a sample works."""
import os
import re
import shutil
import subprocess

from wire import BUILD, TOP, Failure, Pbx, until
from office import EXTENSIONS, office
from phone import Phone
from test_calls import connect, flowing, judge
from test_modules import state_of

EXAMPLES = os.path.join(TOP, "contrib", "examples")
PLAN = EXTENSIONS + """
exten => 710,1,Answer()
 same => n,Set(BACK=${REVERSE(stressed)})
 same => n,NoOp(reversed is ${BACK})
 same => n,Repeat(hello-world,2)
 same => n,NoOp(repeated)
 same => n,Dial(Timer/1,,g)
 same => n,NoOp(the clock ended with ${DIALSTATUS} after ${ANSWEREDTIME})
 same => n,Wait(60)
"""


def names():
    return sorted(f[:-2] for f in os.listdir(EXAMPLES) if f.endswith(".c"))


def build_examples(bench):
    """Compile each against the installed headers alone; the folder with the results."""
    prefix = os.path.join(bench.dir, "installed")
    subprocess.run(["make", "-s", "-C", BUILD, "install", "DESTDIR=" + prefix], check=True,
                   capture_output=True)
    pc = [os.path.join(d, f) for d, _, files in os.walk(prefix) for f in files if f == "bellbird.pc"]
    env = dict(os.environ, PKG_CONFIG_PATH=os.path.dirname(pc[0]), PKG_CONFIG_SYSROOT_DIR=prefix)
    cflags = subprocess.run(["pkg-config", "--cflags", "bellbird"], env=env, check=True,
                            capture_output=True, text=True).stdout.split()
    out = os.path.join(bench.dir, "modules")
    os.makedirs(out)
    for name in names():
        source = shutil.copy(os.path.join(EXAMPLES, name + ".c"), bench.dir)
        r = subprocess.run(["cc", "-std=gnu11", "-g", "-O2", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror",
                            "-fPIC", "-fvisibility=hidden", "-shared"] + cflags +
                           ["-o", os.path.join(out, name + ".so"), source], capture_output=True, text=True)
        if r.returncode:
            raise Failure("%s does not compile against the installed headers:\n%s" % (name, r.stderr))
    return out


def test_in_a_call(bench):
    """each example of the guide compiles, loads, works in a call, and unloads"""
    out = build_examples(bench)
    pbx = Pbx(bench, office(extensions=PLAN, extra={1002: "disallow=all\nallow=l16"}),
              env=dict(os.environ, BB_MODULE_PATH=out))
    for name in names():
        if not state_of(pbx, name):
            raise Failure("%s was not loaded:\n%s" % (name, pbx.cli("module show")))
    a = Phone(bench, "a", "1001", "secret1001", pbx.address, 440)
    b = Phone(bench, "b", "1002", "secret1002", pbx.address, 660, codecs="l16", accept="L16/8000/1")
    a.wait_registered()
    b.wait_registered()
    # L16 on one side, G.711 on the other: the example's translators carry the sound.
    connect(a, b, "1002")
    flowing(pbx, 3)
    out = pbx.run("module unload codec_l16")[1]
    row = state_of(pbx, "codec_l16")
    if not row or "drain" not in str(row).lower():
        raise Failure("codec_l16 is in use and does not drain: %s %s" % (out, row))
    a.hangup()
    b.wait("CALL_CLOSED")
    judge(b, 440, 660, 2)
    judge(a, 660, 440, 1)
    until("codec_l16 has left", lambda: not state_of(pbx, "codec_l16"))
    a.dial("710")
    a.wait("CALL_ESTABLISHED")
    legs = pbx.json("legs show")
    legs = legs if isinstance(legs, list) else next(v for v in legs.values() if isinstance(v, list))
    if len(legs) != 1 or "1001" not in str(legs[0]):
        raise Failure("legs show does not show the one leg: %s" % legs)
    if "legs" not in pbx.cli("legs show"):
        raise Failure("legs show has no count: %s" % pbx.cli("legs show"))
    until("it came back from the clock", lambda: "the clock ended with" in pbx.cli("call show last"), 30)
    story = pbx.cli("call show last")
    for wanted in ("reversed is desserts", "Repeat", "repeated", "the clock ended with ANSWER after 1"):
        if wanted not in story:
            raise Failure("the story does not tell '%s':\n%s" % (wanted, story))
    a.hangup()
    a.wait("CALL_CLOSED")
    for name in names():
        if name != "codec_l16":
            pbx.cli("module unload " + name)
            until(name + " has left", lambda n=name: not state_of(pbx, n))
    if "Echo" not in pbx.cli("core show applications"):
        raise Failure("the PBX is not well after they left")


def test_guide_shows_them(bench):
    """the code in doc/module-guide.md is that of the files"""
    with open(os.path.join(TOP, "doc", "module-guide.md")) as f:
        guide = f.read()
    shown = {}
    for path, code in re.findall(r"<!-- example: (\S+) -->\n```c\n(.*?)```\n", guide, re.S):
        shown[path] = code
    if guide.count("<!-- example:") != len(shown):
        raise Failure("an example in the guide has no block of code right below its mark")
    for name in names():
        path = "contrib/examples/%s.c" % name
        with open(os.path.join(TOP, path)) as f:
            text = f.read()
        if path not in shown:
            raise Failure("%s is not in the guide" % path)
        if shown.pop(path) != text:
            raise Failure("%s differs from what the guide shows" % path)
    if shown:
        raise Failure("the guide shows files that are not there: %s" % ", ".join(shown))


def test_samples(bench):
    """configs/ passes --check without a word, with and without passwords filled in as contrib/up does"""
    etc = os.path.join(bench.dir, "etc")
    shutil.copytree(os.path.join(TOP, "configs"), etc, ignore=shutil.ignore_patterns("*.mk"))
    with open(os.path.join(etc, "pjsip.conf")) as f:
        text = f.read()
    if "@PASSWORD1@" not in text or "@PASSWORD2@" not in text:
        raise Failure("pjsip.conf has no place for the passwords that contrib/up makes")
    with open(os.path.join(etc, "pjsip.conf"), "w") as f:
        f.write(text.replace("@PASSWORD1@", "s3cretOne").replace("@PASSWORD2@", "s3cretTwo"))
    r = subprocess.run([os.path.join(BUILD, "bellbird"), "--check", "-C", etc, "-S", os.path.join(bench.dir, "state")],
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
    if r.returncode != 0 or re.search(r"warning|error:", r.stdout):
        raise Failure("--check ends with %d:\n%s%s" % (r.returncode, r.stdout, r.stderr))
