#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Mixed traffic for a while; then memory, descriptors, objects, transactions and channels are back where they were.

soak.py [MINUTES]      run by `make soak MINUTES=…`; not among the tests
"""
import glob
import os
import random
import socket
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from wire import TOP, Bench, Failure, Pbx, until  # noqa: E402
from office import office  # noqa: E402
from sipp import ACK_2XX, BYE, Scenario, Sipp  # noqa: E402
from test_faults import memory  # noqa: E402
from test_hostile import fds, media_ports  # noqa: E402

CANCEL = """\
CANCEL sip:{to}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-4]
Max-Forwards: 70
From: "{user}" <sip:{user}@[remote_ip]>;tag=[pid]SIPpTag00[call_number]
To: <sip:{to}@[remote_ip]>
Call-ID: [call_id]
CSeq: {cseq} CANCEL
Content-Length: 0
"""
RINGS = "\nexten => 700,1,Ringing()\n same => n,Wait(20)\n"


def call(name="call"):
    s = Scenario(name).invite("1001", "600", "secret1001").recv(200, rrs=True)
    s.send(ACK_2XX, user="1001", to="600", cseq=2, retrans=0).pause(300)
    return s.send(BYE, user="1001", to="600", cseq=3).recv(200)


def cancel():
    from sipp import ACK
    s = Scenario("cancel").invite("1002", "700", "secret1002")
    s.xml = s.xml[:s.xml.rindex('<recv response="180"')]
    s.recv(180).pause(100)
    s.send(CANCEL, user="1002", to="700", cseq=2).recv(200).recv(487)
    return s.send(ACK, user="1002", to="700", cseq=2, back=7, retrans=0)


def register():
    return Scenario("register").register("1003", "secret1003", expires=60).recv(200)


def stranger():
    return Scenario("stranger").register("1003", "wrong").recv(401)


def torture(pbx):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for f in glob.glob(TOP + "/tests/data/torture/**/*.dat", recursive=True):
            with open(f, "rb") as m:
                s.sendto(m.read()[:65000], ("127.0.0.1", pbx.port))
        for _ in range(50):
            s.sendto(os.urandom(random.randrange(1, 1500)), ("127.0.0.1", pbx.port))


def objects(pbx):
    """Living objects by type."""
    return {o["type"]: o["live"] for o in pbx.json("core show memory")["objects"]}


def round_of(bench, pbx, extensions):
    """One round of everything, a few seconds long."""
    kinds = [(call(), 100, 40, "u1"), (cancel(), 40, 20, "u1"), (register(), 100, 50, "u1"),
             (register(), 30, 20, "t1"), (stranger(), 60, 30, "u1")]
    # Media ports of their own, below those that the system gives out.
    running = [Sipp(bench, s, pbx.address, calls=n, transport=t, args=["-r", str(r), "-mp", str(6000 + 200 * i)])
               for i, (s, n, r, t) in enumerate(kinds)]
    torture(pbx)
    pbx.cli("core reload")
    for name in ("app_read", "codec_g722", "func_math"):
        pbx.run("module unload " + name)
        until("%s to leave" % name, lambda: '"%s"' % name not in pbx.cli("module show --json"))
        pbx.cli("module load " + name)
    pbx.write({"extensions.conf": extensions + "\n[broken\n"})
    pbx.run("core reload")
    pbx.write({"extensions.conf": extensions})
    pbx.cli("core reload")
    for s in running:
        s.wait(60)


def quiet(pbx):
    """Until the last transaction has had its time."""
    def gone():
        now = objects(pbx)
        return not any(now.get(k) for k in ("channel", "sip session", "sip request", "sip_strans", "sip_conn"))
    until("channels and transactions to end", gone, 90)


def state(pbx):
    quiet(pbx)
    # Pairs of media ports rest for the next calls; rtp bounds them.
    return {"MB": memory(pbx), "fds": fds(pbx) - len(media_ports(pbx, 0)), "objects": objects(pbx)}


def main():
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 8
    bench = Bench("soak")
    problem = None
    try:
        files = office()
        files["extensions.conf"] += RINGS
        # Each round registers from other ports.
        files["pjsip.conf"] = files["pjsip.conf"].replace("max_contacts=5", "max_contacts=5\nremove_existing=yes")
        pbx = Pbx(bench, files)
        for _ in range(3):  # pools and stories fill up
            round_of(bench, pbx, files["extensions.conf"])
        base = state(pbx)
        print("base: %s" % base, flush=True)
        end, n = time.monotonic() + minutes * 60, 0
        while time.monotonic() < end:
            round_of(bench, pbx, files["extensions.conf"])
            n += 1
        last = state(pbx)
        print("after %d rounds: %s" % (n, last), flush=True)
        if last["MB"] > base["MB"] * 1.1 + 4:
            problem = "memory went from %.1f to %.1f MB" % (base["MB"], last["MB"])
        if last["fds"] > base["fds"] + 4:
            problem = "descriptors went from %d to %d" % (base["fds"], last["fds"])
        for name, count in last["objects"].items():
            if count > base["objects"].get(name, 0) + 10:
                problem = "%s went from %s to %s" % (name, base["objects"].get(name, 0), count)
        if not last["objects"]:
            problem = "core show memory names no objects"
    except Failure as e:
        problem = str(e)
    for close in reversed(bench.closers):
        try:
            close()
        except Failure as e:
            problem = problem or "closing: %s" % e
    bench.closers = []
    bench.close()
    print("soak: %s" % (problem or "all is back where it was"))
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
