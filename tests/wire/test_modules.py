# SPDX-License-Identifier: BSD-3-Clause
"""Modules leave a live system: used ones drain, unused ones go at once."""
import os
import re
import subprocess

from wire import BUILD, TOP, Failure, Pbx, Sound, until
from office import EXTENSIONS, office
from phone import Phone
from test_calls import connect, flowing, judge, pair


def state_of(pbx, name):
    for row in rows(pbx.json("module show")):
        if row["module"] in (name, name + ".so"):
            return row
    return None


def rows(doc):
    return doc if isinstance(doc, list) else next(v for v in doc.values() if isinstance(v, list))


def test_drain(bench):
    """a codec and an application in use drain, can be taken back, and leave when the call ends"""
    pbx = Pbx(bench, office())
    a, b = pair(bench, pbx, a=dict(accept="PCMA/8000/1"), b=dict(accept="PCMU/8000/1"))
    connect(a, b, "1002")
    flowing(pbx, 1)
    pbx.cli("module unload codec_g722")
    if state_of(pbx, "codec_g722"):
        raise Failure("an unused codec did not leave at once: %s" % state_of(pbx, "codec_g722"))
    for name in ("codec_alaw", "app_dial"):
        out = pbx.run("module unload " + name)[1]
        row = state_of(pbx, name)
        if not row or "drain" not in str(row).lower():
            raise Failure("%s does not drain: %s %s" % (name, out, row))
        if not re.search(r"(translation|application)s? for the call C-[0-9a-f]{8}$", row["held_by"]):
            raise Failure("nobody is named as holding %s: %s" % (name, row))
    pbx.cli("module load app_dial")
    if "drain" in str(state_of(pbx, "app_dial")).lower():
        raise Failure("app_dial was not taken back")
    pbx.run("module unload app_dial")
    flowing(pbx, 3)
    a.hangup()
    b.wait("CALL_CLOSED")
    until("both have left", lambda: not state_of(pbx, "codec_alaw") and not state_of(pbx, "app_dial"))
    judge(a, 660, 440, 2)
    pbx.cli("module load app_dial")
    pbx.cli("module load codec_alaw")
    connect(a, b, "1002")
    flowing(pbx, 2)
    a.hangup()
    b.wait("CALL_CLOSED")


def test_hang_up_holders(bench):
    """--hangup ends the call that translates by a codec, and no other"""
    pbx = Pbx(bench, office())
    a, b = pair(bench, pbx, a=dict(accept="PCMA/8000/1"), b=dict(accept="PCMU/8000/1"))
    connect(a, b, "1002")
    flowing(pbx, 1)
    pbx.cli("channel originate Local/600@internal application Wait 60")
    until("the other call is up", lambda: "4 active channels" in pbx.cli("core show channels count"))
    out = pbx.cli("module unload codec_alaw --hangup")
    if "1 call" not in out:
        raise Failure("not one call is said to end: %s" % out)
    b.wait("CALL_CLOSED")
    until("codec_alaw has left", lambda: not state_of(pbx, "codec_alaw"))
    until("the talk has ended, the other call is up",
          lambda: "2 active channels" in pbx.cli("core show channels count"))
    story = pbx.cli("call show %s" % pbx.json("call list")["calls"][0]["call"])
    if "unloaded with --hangup" not in story:
        raise Failure("the story does not say why the call ended:\n" + story)


def test_unused_while_talking(bench):
    """unused modules leave and come back while a call is up"""
    pbx = Pbx(bench, office())
    a, b = pair(bench, pbx)
    connect(a, b, "1002")
    for name in ("app_echo", "app_read", "app_say", "func_rand"):
        if not state_of(pbx, name):
            continue
        pbx.cli("module unload " + name)
        if state_of(pbx, name):
            raise Failure("%s is still there" % name)
        pbx.cli("module load " + name)
    flowing(pbx, 2)
    a.hangup()
    b.wait("CALL_CLOSED")
    judge(a, 660, 440, 1)


def test_needed_module_stays(bench):
    """what others need names them instead of leaving"""
    pbx = Pbx(bench, office())
    status, out = pbx.run("module unload sip")
    if status == 0 or "chan_sip" not in out:
        raise Failure("module unload sip said %d: %s" % (status, out))


def test_out_of_tree(bench):
    """contrib/new-module makes a module that builds, loads, runs and unloads"""
    prefix = os.path.join(bench.dir, "installed")
    subprocess.run(["make", "-s", "-C", BUILD, "install", "DESTDIR=" + prefix], check=True,
                   capture_output=True)
    pc = subprocess.run(["find", prefix, "-name", "bellbird.pc"], capture_output=True, text=True).stdout.strip()
    root = os.path.join(bench.dir, "mine")
    os.makedirs(root)
    env = dict(os.environ, PKG_CONFIG_PATH=os.path.dirname(pc), PKG_CONFIG_SYSROOT_DIR=prefix)
    subprocess.run([os.path.join(TOP, "contrib", "new-module"), "app_greet"], cwd=root, check=True,
                   capture_output=True, env=env)
    made = os.path.join(root, "app_greet")
    lines = sum(1 for _ in open(os.path.join(made, "app_greet.c")))
    if lines >= 40:
        raise Failure("the skeleton has %d lines" % lines)
    r = subprocess.run(["make", "-C", made], capture_output=True, text=True, env=env)
    if r.returncode:
        raise Failure("it does not build: " + r.stdout + r.stderr)
    ext = EXTENSIONS + "\nexten => 700,1,Answer()\n same => n,Greet(world)\n same => n,Echo()\n"
    pbx = Pbx(bench, office(extensions=ext), env=dict(os.environ, BB_MODULE_PATH=made))
    a = Phone(bench, "a", "1001", "secret1001", pbx.address, 440)
    a.wait_registered()
    if not state_of(pbx, "app_greet"):
        pbx.cli("module load app_greet")
    a.dial("700")
    a.wait("CALL_ESTABLISHED")
    until("it has run", lambda: "Greet" in pbx.cli("call show last"))
    a.hangup()
    a.wait("CALL_CLOSED")
    pbx.cli("module unload app_greet")
    if state_of(pbx, "app_greet"):
        raise Failure("app_greet did not leave")
