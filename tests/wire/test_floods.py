# SPDX-License-Identifier: BSD-3-Clause
"""Floods: the caps answer 503 with Retry-After before memory grows, and a second phone calls meanwhile."""
import random
import re
import socket
import threading
import time

from wire import Failure, Pbx, until
from office import office
from sipp import INVITE, REGISTER, ULAW, Scenario, Sipp
from test_faults import flood_sane, memory
from test_hostile import options, udp


class Peak:
    """The most memory the PBX had since this was made, and whether it was asked while the flood ran."""

    def __init__(self, pbx):
        self.pbx, self.base, self.top, self.on = pbx, memory(pbx), 0, True
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while self.on:
            try:
                self.top = max(self.top, memory(self.pbx))
            except OSError:
                return
            time.sleep(0.05)

    def grown(self):
        self.on = False
        self.thread.join()
        return self.top - self.base


def counts(sipp):
    """How many INVITEs SIPp sent (each call once) and how many answers of each code came."""
    text = sipp.messages()
    sent, codes = set(), {}
    for part in re.split(r"^-{10,}.*\n", text, flags=re.M):
        call = re.search(r"^Call-ID: (\S+)", part, re.M | re.I)
        first = re.search(r"^(INVITE |SIP/2\.0 \d+)", part, re.M)
        if call and first and first[1].startswith("INVITE"):
            sent.add(call[1])
        elif call and first:
            codes.setdefault(first[1].split()[1], set()).add(call[1])
    return len(sent), {c: len(v) for c, v in codes.items()}


def during(pbx, bench, sipp):
    """The second phone calls while SIPp still runs."""
    flood_sane(pbx, bench)
    if sipp.proc.poll() is not None:
        raise Failure("the flood was over before the phone's call")


def test_invites_without_credentials(bench):
    """2000 INVITEs without credentials: no channel, flat memory, a phone calls meanwhile"""
    pbx = Pbx(bench, office())
    peak = Peak(pbx)
    s = Scenario("flood")
    s.send(INVITE, user="x", to="600", cseq=1, retrans=0, **ULAW)
    s.xml += '<recv response="100" optional="true"></recv><recv response="503" optional="true" next="9"></recv>\n'
    s.xml += '<recv response="401" timeout="5000" ontimeout="9"></recv><label id="9"/>\n<pause milliseconds="4000"/>\n'
    sipp = Sipp(bench, s, pbx.address, calls=2000, args=["-r", "1000", "-l", "2000"])
    during(pbx, bench, sipp)
    sipp.proc.wait(60)
    sent, codes = counts(sipp)
    if sent < 2000 or sum(codes.get(c, 0) for c in ("401", "503")) < 1900 or "200" in codes:
        raise Failure("SIPp sent %d INVITEs and was answered %s" % (sent, codes))
    if peak.grown() > 40:
        raise Failure("memory grew by %.0f MB" % peak.grown())


def test_calls_without_ack(bench):
    """2000 INVITEs of one authenticated phone that never ACKs: 503 with Retry-After beyond the endpoint's cap"""
    pbx = Pbx(bench, office())
    peak = Peak(pbx)
    s = Scenario("noack").invite("1002", "600", "secret1002")
    s.xml += '<recv response="503" optional="true" next="9"></recv>\n'
    s.xml += '<recv response="200" timeout="9000" ontimeout="9"></recv><label id="9"/>\n<pause milliseconds="6000"/>\n'
    sipp = Sipp(bench, s, pbx.address, calls=2000, args=["-r", "500", "-l", "2000"])
    until("calls came in", lambda: sipp.received("SIP/2.0 (200|503)"), 20)
    during(pbx, bench, sipp)
    try:
        sipp.proc.wait(60)
    except Exception:
        pass
    sent, codes = counts(sipp)
    if sent < 2000 or codes.get("503", 0) < 1000 or not 50 <= codes.get("200", 0) <= 200:
        raise Failure("SIPp sent %d INVITEs and was answered %s" % (sent, codes))
    if "\nRetry-After: 5" not in sipp.messages():
        raise Failure("no Retry-After in the 503")
    if "1002 has 100 unestablished calls (max_pending)" not in pbx.cli("call list --json") \
            or "New calls get 503: 1002 has 100" not in pbx.log():
        raise Failure("why it was refused is not told: " + pbx.cli("call list"))
    if pbx.json("sip show settings")["refused_over_caps"] < codes["503"]:
        raise Failure("the refusals were not counted: " + pbx.cli("sip show settings"))
    if peak.grown() > 80:
        raise Failure("memory grew by %.0f MB" % peak.grown())


def test_registers_of_strangers(bench):
    """5000 REGISTERs of random users, with and without credentials: refused alike, nothing kept"""
    pbx = Pbx(bench, office())
    peak = Peak(pbx)
    s = Scenario("strangers")
    s.send(REGISTER, user="r[call_number]", cseq=1, expires=60, contact="", retrans=0)
    s.xml += '<recv response="503" optional="true" next="9"></recv>\n'
    s.xml += '<recv response="401" auth="true" timeout="5000" ontimeout="9"></recv>\n'
    s.send(REGISTER, user="r[call_number]", cseq=2, expires=60, contact="", retrans=0,
           auth="[authentication username=stranger password=x]\n")
    s.xml += '<recv response="503" optional="true" next="9"></recv>\n'
    s.xml += '<recv response="401" timeout="5000" ontimeout="9"></recv><label id="9"/>\n'
    sipp = Sipp(bench, s, pbx.address, calls=5000, args=["-r", "1500", "-l", "5000"])
    during(pbx, bench, sipp)
    sipp.proc.wait(90)
    codes = counts(sipp)[1]
    if set(codes) - {"401", "503"} or sum(codes.values()) < 4900:
        raise Failure("5000 strangers were answered %s" % codes)
    if "r1" in pbx.cli("sip show contacts"):
        raise Failure("a stranger is registered")
    if peak.grown() > 80:
        raise Failure("memory grew by %.0f MB" % peak.grown())


def test_options(bench):
    """20000 OPTIONS from many ports: answered or 503, memory bound, a phone calls meanwhile"""
    pbx = Pbx(bench, office())
    peak = Peak(pbx)
    socks = [udp("127.0.0.%d" % (2 + i % 20)) for i in range(200)]
    stop, sent = [], [0]

    def flood():
        while not stop:
            for s in socks:
                s.sendto(options(s), ("127.0.0.1", pbx.port))
                sent[0] += 1
            time.sleep(0.02)
    t = threading.Thread(target=flood, daemon=True)
    t.start()
    try:
        flood_sane(pbx, bench)
        until("20000 to be sent", lambda: sent[0] > 20000, 60)
    finally:
        stop.append(True)
        t.join()
    if peak.grown() > 150:
        raise Failure("memory grew by %.0f MB over %d OPTIONS" % (peak.grown(), sent[0]))


PATIENT = """
[src]
type=endpoint
context=patient

[src]
type=identify
endpoint=src
match=127.0.0.2
"""


def test_transaction_caps(bench):
    """one source may have so many unanswered requests; the next gets 503 with Retry-After, another is served"""
    files = office(more=PATIENT)
    files["pjsip.conf"] = files["pjsip.conf"].replace(
        "[global]\ntype=global", "[global]\ntype=global\nmax_transactions_per_source=50\nretry_after=7")
    files["extensions.conf"] += "\n[patient]\nexten => x,1,Wait(30)\n same => n,Hangup()\n"
    pbx = Pbx(bench, files)
    s = udp("127.0.0.2")
    for _ in range(80):
        invite = options(s, "Contact: <sip:src@127.0.0.2:%d>\r\n" % s.getsockname()[1])
        s.sendto(invite.replace(b"OPTIONS", b"INVITE"), ("127.0.0.1", pbx.port))
    replies = [s.recv(4000).decode() for _ in range(80)]
    refused = [r for r in replies if r.startswith("SIP/2.0 503")]
    tried = [r for r in replies if r.startswith("SIP/2.0 100")]
    if len(refused) != 30 or len(tried) != 50:
        raise Failure("of 80 INVITEs 50 may wait: %d did, %d were refused" % (len(tried), len(refused)))
    if any("Retry-After: 7" not in r for r in refused):
        raise Failure("503 without Retry-After: 7: %s" % refused[0])
    flood_sane(pbx, bench)


def test_caps_are_shown(bench):
    """sip show settings names the caps with their values"""
    files = office()
    files["pjsip.conf"] = files["pjsip.conf"].replace(
        "[global]\ntype=global", "[global]\ntype=global\nmax_pending_per_source=77\nmax_connections=88")
    pbx = Pbx(bench, files)
    text = pbx.cli("sip show settings")
    for words in (r"Max pending per source\W+77", r"Max connections\W+88", r"Max transactions\W+100000",
                  r"Retry-After s\W+5"):
        if not re.search(words, text):
            raise Failure("'%s' is not in: %s" % (words, text))


def test_endpoint_max_calls(bench):
    """max_calls of an endpoint: the call beyond gets 503 with Retry-After"""
    pbx = Pbx(bench, office(extra={1001: "max_calls=1"}))
    s = Scenario("two").invite("1001", "600", "secret1001")
    s.recv(200, rrs=True)
    from sipp import ACK_2XX, BYE
    s.send(ACK_2XX, user="1001", to="600", cseq=2, retrans=0).pause(3000)
    s.send(BYE, user="1001", to="600", cseq=3).recv(200)
    first = Sipp(bench, s, pbx.address)
    until("the first call", lambda: first.received("SIP/2.0 200"))
    t = Scenario("beyond").invite("1001", "600", "secret1001").recv(503)
    Sipp(bench, t, pbx.address).wait()
    first.wait()
    u = Scenario("after").invite("1001", "600", "secret1001")
    u.recv(200, rrs=True)
    u.send(ACK_2XX, user="1001", to="600", cseq=2, retrans=0)
    u.send(BYE, user="1001", to="600", cseq=3).recv(200)
    Sipp(bench, u, pbx.address).wait()
