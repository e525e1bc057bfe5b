# SPDX-License-Identifier: BSD-3-Clause
"""Disks that are full, files that cannot be read: one clear sentence each, and the calls go on."""
import os
import re
import sqlite3
import subprocess

from wire import BUILD, Failure, Pbx, until
from office import EXTENSIONS, office
from phone import Phone
from test_calls import flowing
from test_faults import flood_sane


def full_mount(bench, path):
    """A tiny file system at the path; None where we may not mount."""
    os.makedirs(path, exist_ok=True)
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", path],
                                           capture_output=True).returncode:
        return None
    bench.cleanup(lambda: subprocess.run(["umount", "-l", path], capture_output=True))
    return path


def fill(path):
    name = os.path.join(path, "filler")
    fd = os.open(name, os.O_WRONLY | os.O_CREAT)
    try:
        while os.write(fd, b"x" * 4096):
            pass
    except OSError:
        pass
    os.close(fd)
    return name


def test_full_disk(bench):
    """a full disk under store, log and records: each is told once, calls go on, and it recovers"""
    pbx = Pbx(bench, office(), expect_start=False)
    path = full_mount(bench, pbx.state)
    if not path:
        print("  (not root: no file system can be mounted, only /dev/full is tried)")
        return
    os.symlink(os.path.join(bench.dir, "output"), os.path.join(path, "output"))
    pbx.write({"logger.conf": "[logfiles]\nfull => notice,warning,error,verbose\nconsole => notice,warning,error\n"})
    pbx.start()
    a = Phone(bench, "f", "1003", "secret1003", pbx.address, 880)
    a.wait_registered()
    filler = fill(path)
    status, out = pbx.run("database put family key " + "v" * 3000)
    for i in range(60):
        if status:
            break
        status, out = pbx.run("database put family key%d %s" % (i, "v" * 3000))
    if status == 0:
        raise Failure("a write to a full disk was acknowledged: " + out)
    a.dial("600")
    a.wait("CALL_ESTABLISHED")
    flowing(pbx, 1, legs=1)
    a.hangup()
    a.wait("CALL_CLOSED")
    until("sentences about store and log or records",
          lambda: re.search(r"database .*cannot write", pbx.log()) and re.search(
              r"[Cc]annot write .*(log|csv)", pbx.log()))
    if len(re.findall(r"database .*cannot write", pbx.log())) > 3:
        raise Failure("the full store is told %d times" % len(re.findall("cannot write", pbx.log())))
    b = Phone(bench, "g", "1002", "secret1002", pbx.address, 660)
    until("an answer to a registration that cannot be kept",
          lambda: re.search(r"50[03]|200", open(b.dir + "/log", errors="replace").read()))
    os.unlink(filler)
    until("writes to work again", lambda: pbx.run("database put family key v")[0] == 0)
    flood_sane(pbx, bench)


def test_dev_full(bench):
    """a log file and a record file that are /dev/full: told, and the calls go on"""
    pbx = Pbx(bench, office(), expect_start=False)
    os.makedirs(pbx.state + "/log/cdr-csv")
    os.symlink("/dev/full", pbx.state + "/log/full")
    os.symlink("/dev/full", pbx.state + "/log/cdr-csv/Master.csv")
    pbx.write({"logger.conf": "[logfiles]\nfull => notice,warning,error,verbose\nconsole => notice,warning,error\n"})
    pbx.start()
    flood_sane(pbx, bench)
    flood_sane2 = pbx.log()
    until("the log's sentence", lambda: re.search(r"annot write .*/full: No space", pbx.log()))
    until("the records' sentence", lambda: re.search(r"annot write .*Master.csv: No space", pbx.log()))
    if len(re.findall(r"annot write .*/full:", flood_sane2)) > 2:
        raise Failure("told too often: " + flood_sane2)


def started_with(bench, prepare, name):
    """A PBX whose state is prepared by a function."""
    pbx = Pbx(bench, office(), name=name, expect_start=False)
    prepare(pbx)
    pbx.start()
    return pbx


def test_broken_database(bench):
    """a corrupt, a foreign and a newer database: one sentence, nothing overwritten, calls go on"""
    def garbage(pbx):
        with open(pbx.db, "wb") as f:
            f.write(b"no database at all " * 1000)

    def newer(pbx):
        with sqlite3.connect(pbx.db) as db:
            db.execute("PRAGMA user_version=4711")

    def directory(pbx):
        os.mkdir(pbx.db)
    first = Pbx(bench, office(), name="first")
    found = [f for f in os.listdir(first.state) if re.search(r"\.(sqlite3?|db)$", f)]
    first.stop()
    if len(found) != 1:
        raise Failure("the database is one of %s" % os.listdir(first.state))
    for name, prepare, word in (("garbage", garbage, "cannot be read.*move it away"),
                                ("newer", newer, "newer version.*4711"),
                                ("directory", directory, "cannot be opened")):
        pbx = Pbx(bench, office(), name=name, expect_start=False)
        pbx.db = os.path.join(pbx.state, found[0])
        prepare(pbx)
        before = open(pbx.db, "rb").read() if os.path.isfile(pbx.db) else None
        pbx.start()
        lines = [line for line in pbx.log().splitlines() if re.search(word, line)]
        if len(lines) != 1:
            raise Failure("%s is told so: %s in %s" % (name, lines, pbx.log()))
        a = Phone(bench, name, "1001", "secret1001", pbx.address, 440)
        a.dial("600")
        a.wait("CALL_ESTABLISHED")
        a.hangup()
        a.wait("CALL_CLOSED")
        if before is not None and name == "garbage" and open(pbx.db, "rb").read() != before:
            raise Failure("the broken database was changed")
        a.stop()
        pbx.stop()


def test_sounds(bench):
    """sounds missing, broken or unreadable: the step says which, and the call goes on"""
    sounds = os.path.join(bench.dir, "data", "sounds", "en")
    os.makedirs(sounds)
    with open(sounds + "/garbage.wav", "wb") as f:
        f.write(os.urandom(5000))
    with open(sounds + "/cut.wav", "wb") as f:
        f.write(b"RIFF\x10\0\0\0WAVE")
    open(sounds + "/empty.wav", "wb").close()
    os.mkdir(sounds + "/folder.wav")
    ext = EXTENSIONS + "\nexten => 800,1,Answer()\n"
    for name in ("missing", "garbage", "cut", "empty", "folder"):
        ext += " same => n,Playback(%s)\n same => n,NoOp(%s ${PLAYBACKSTATUS})\n" % (name, name)
    ext += " same => n,MusicOnHold(none,1)\n same => n,Echo()\n"
    files = office(extensions=ext)
    files["asterisk.conf"] = "[directories]\nastdatadir => %s\n" % (bench.dir + "/data")
    files["musiconhold.conf"] = "[none]\nmode=files\ndirectory=/nowhere/at/all\n"
    pbx = Pbx(bench, files)
    a = Phone(bench, "a", "1001", "secret1001", pbx.address, 440)
    a.wait_registered()
    a.dial("800")
    a.wait("CALL_ESTABLISHED")
    flowing(pbx, 1, legs=1)
    until("the end of the steps", lambda: "Echo" in pbx.cli("call show last"))
    log = pbx.log()
    for name in ("missing", "garbage", "cut", "empty", "folder"):
        if not re.search(r"%s FAILED" % name, log):
            raise Failure("Playback(%s) did not fail: %s" % (name, log[-3000:]))
        if not [line for line in log.splitlines() if name in line and "Executing" not in line]:
            raise Failure("%s is not named in the log: %s" % (name, log[-3000:]))
    a.hangup()
    a.wait("CALL_CLOSED")


def test_no_room_for_the_pid(bench):
    """a disk too full for the number of the process: told, and it starts all the same"""
    pbx = Pbx(bench, office(), expect_start=False)
    os.symlink("/dev/full", os.path.join(pbx.state, "bellbird.pid"))
    pbx.start()
    if "cannot write %s/bellbird.pid" % pbx.state not in pbx.log():
        raise Failure("it is not told: " + pbx.log())
    pbx.cli("core show version")


def test_state_not_writable(bench):
    """a state directory that cannot be written: one sentence, exit status 1"""
    pbx = Pbx(bench, office(), expect_start=False)
    # Even root cannot write below a file, nor in /proc.
    for state in ("/proc/nowhere", os.path.join(pbx.etc, "pjsip.conf")):
        r = subprocess.run([BUILD + "/bellbird", "-f", "-C", pbx.etc, "-S", state], capture_output=True,
                           text=True, timeout=20, stdin=subprocess.DEVNULL)
        text = (r.stdout + r.stderr).strip()
        if r.returncode != 1 or state not in text or len(text.splitlines()) > 1:
            raise Failure("%s: ended with %d: %s" % (state, r.returncode, text))
