# SPDX-License-Identifier: BSD-3-Clause
"""Phones that vanish, calls at the end of the program, registrations and its death."""
import os
import re
import signal
import sqlite3
import subprocess
import threading
import time

from wire import BUILD, Failure, Pbx, until
from office import office
from phone import Phone
from sipp import ACK_2XX, BYE, ULAW, Scenario, Sipp
from test_calls import connect, flowing, pair
from test_faults import flood_sane


def frozen(phone):
    """As if its cable was pulled: the process stands still."""
    phone.proc.send_signal(signal.SIGSTOP)
    return lambda: phone.proc.send_signal(signal.SIGCONT)


def test_phone_vanishes(bench):
    """a phone that vanishes mid-call: rtp_timeout ends the call, the other side gets a BYE, the story says why"""
    pbx = Pbx(bench, office(extra={1002: "rtp_timeout=2"}))
    a, b = pair(bench, pbx)
    connect(a, b, "1002")
    flowing(pbx, 1)
    thaw = frozen(b)
    bench.cleanup(thaw)
    a.wait("CALL_CLOSED", 8)
    text = pbx.cli("call show last")
    if not re.search(r"no (media|RTP|sound|packet)|RTP timeout|silent|2 s", text, re.I):
        raise Failure("the story does not say why: " + text)
    thaw()


def test_held_phone_vanishes(bench):
    """while held rtp_timeout does not count, rtp_timeout_hold does"""
    pbx = Pbx(bench, office(extra={1001: "rtp_timeout=1", 1002: "rtp_timeout=1\nrtp_timeout_hold=5"}))
    a, b = pair(bench, pbx)
    connect(a, b, "1002")
    flowing(pbx, 1)
    b.hold()
    time.sleep(3)
    if a.has("CALL_CLOSED"):
        raise Failure("the held call ended by rtp_timeout: " + pbx.cli("call show last"))
    thaw = frozen(b)
    bench.cleanup(thaw)
    a.wait("CALL_CLOSED", 12)
    thaw()


def many_calls(bench, pbx, n):
    s = Scenario("many").invite("1001", "600", "secret1001").recv(200, rrs=True)
    s.send(ACK_2XX, user="1001", to="600", cseq=2, retrans=0)
    s.recv("BYE").send("SIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\n"
                       "Content-Length: 0\n", retrans=0)
    sipp = Sipp(bench, s, pbx.address, calls=n, args=["-r", "100"])
    until("%d calls" % n, lambda: len(re.findall(r"^ACK sip:", sipp.messages(), re.M)) >= 2 * n)
    return sipp


def test_sigterm_with_fifty_calls(bench):
    """SIGTERM with fifty calls up: fifty BYEs, and it is gone within two seconds"""
    pbx = Pbx(bench, office())
    sipp = many_calls(bench, pbx, 50)
    began = time.monotonic()
    pbx.proc.send_signal(signal.SIGTERM)
    if pbx.proc.wait(10) != 0:
        raise Failure("it ended with %d" % pbx.proc.returncode)
    if time.monotonic() - began > 2:
        raise Failure("it took %.1f s" % (time.monotonic() - began))
    sipp.wait()


def test_kill_during_registrations(bench):
    """kill -9 in the middle of registrations: each that was acknowledged is there afterwards"""
    files = office(phones=range(2000, 2300))
    pbx = Pbx(bench, files)
    s = Scenario("storm")
    from sipp import REGISTER
    for cseq, auth in ((1, ""), (2, "[field1]\n")):
        s.send(REGISTER, user="[field0]", cseq=cseq, expires=300, contact="", auth=auth)
        s.recv(401, auth=True) if cseq == 1 else s.recv(200)
    users = os.path.join(bench.dir, "users.csv")
    with open(users, "w") as f:
        f.write("SEQUENTIAL\n" + "".join(
            "%d;[authentication username=%d password=secret%d]\n" % (n, n, n) for n in range(2000, 2300)))
    sipp = Sipp(bench, s, pbx.address, calls=300, args=["-r", "200", "-inf", users])
    until("some registrations", lambda: sipp.messages().count("SIP/2.0 200") > 60, 10)
    pbx.kill()
    time.sleep(0.2)
    sipp.stop()
    acked = set()
    for part in re.split(r"^-{10,}.*\n", sipp.messages(), flags=re.M):
        if re.search(r"^SIP/2\.0 200", part, re.M):
            acked.add(re.search(r"To: .*sip:(\d+)@", part)[1])
    pbx.start()
    there = set(re.findall(r"\b(2[012]\d\d)\b", pbx.cli("sip show contacts")))
    if len(acked) < 60 or acked - there:
        raise Failure("%d were acknowledged, gone: %s" % (len(acked), sorted(acked - there)[:10]))


def test_rtp_ports_exhausted(bench):
    """four RTP ports are two calls with one leg: the next is refused with a reason, and after a hangup it works"""
    files = office()
    pbx = Pbx(bench, files, expect_start=False)
    rtp = 10000 + (pbx.port % 20000)
    rtp -= rtp % 2
    pbx.write({"rtp.conf": "[general]\nrtpstart=%d\nrtpend=%d\n" % (rtp, rtp + 3)})
    pbx.start()
    s = Scenario("long").invite("1001", "600", "secret1001").recv(200, rrs=True)
    s.send(ACK_2XX, user="1001", to="600", cseq=2, retrans=0).pause(3000)
    s.send(BYE, user="1001", to="600", cseq=3).recv(200)
    two = Sipp(bench, s, pbx.address, calls=2)
    until("two calls", lambda: len(re.findall(r"^ACK sip:", two.messages(), re.M)) >= 4)
    t = Scenario("third").invite("1002", "600", "secret1002").recv(503)
    Sipp(bench, t, pbx.address).wait()
    if not re.search(r"RTP port|port.*(free|range)|rtp.*address already", pbx.log() + pbx.cli("call show last"), re.I):
        raise Failure("the reason is not told: " + pbx.cli("call show last"))
    two.wait()
    flood_sane(pbx, bench)
    # Three legs and a fourth: the caller's is up, the callee's finds none.
    s.name = "one"
    one = Sipp(bench, s, pbx.address)
    until("a call", lambda: len(re.findall(r"^ACK sip:", one.messages(), re.M)) >= 2)
    b = Sipp(bench, Scenario("contact").register("1002", "secret1002").recv(200), pbx.address)
    b.wait()
    Sipp(bench, Scenario("fourth").invite("1001", "1002", "secret1001").recv(503), pbx.address).wait()
    if "no media port is free" not in pbx.cli("call show last"):
        raise Failure("the reason is not told: " + pbx.cli("call show last"))
    one.wait()


def test_clock_jumps(bench):
    """bindings that the wall clock has left behind are gone after a restart, and the rest goes on"""
    pbx = Pbx(bench, office())
    a = Phone(bench, "a", "1001", "secret1001", pbx.address, 440)
    a.wait_registered()
    until("the binding", lambda: "1001" in pbx.cli("sip show contacts"))
    pbx.stop()
    a.stop()
    db = [os.path.join(pbx.state, f) for f in os.listdir(pbx.state) if re.search(r"\.(sqlite3?|db)$", f)][0]
    with sqlite3.connect(db) as c:
        # As if the clock had stood years back when it was written, and years ahead.
        c.execute("UPDATE binding SET since = since - 100000000000000, expires = expires - 100000000000000")
    pbx.start()
    if re.search(r"\b1001\b.*sip:", pbx.cli("sip show contacts")):
        raise Failure("an expired binding is there: " + pbx.cli("sip show contacts"))
    flood_sane(pbx, bench)
