# SPDX-License-Identifier: BSD-3-Clause
"""Kinds of traffic, each many times over, for whoever watches what is left afterwards (soak.py).

A kind is a function of an Office and a number: it does its thing so many times and returns when all of them are over.
"""
import glob
import os
import random
import socket
import struct

from wire import TOP, Pbx, free_port, port_run, until
from office import office
from raw import Raw
from sipp import ACK, ACK_2XX, ANSWER, BYE, INVITE, REGISTER, REINVITE, ULAW, Scenario, Sipp
from test_hostile import options

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

SUBSCRIBE = """\
SUBSCRIBE sip:{to}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: <sip:{user}@[remote_ip]>;tag=[pid]SIPpTag00[call_number]
To: <sip:{to}@[remote_ip]>
Call-ID: [call_id]
CSeq: {cseq} SUBSCRIBE
Contact: <sip:{user}@[local_ip]:[local_port]>
Event: presence
{auth}Content-Length: 0
"""

PLAN = """
exten => 700,1,Ringing()
 same => n,Wait(20)
exten => 701,1,Hangup(17)
exten => 702,1,Dial(Local/600@internal,10)
exten => 703,1,Answer()
 same => n,Set(X=${RAND(1,1000)}${CALLERID(num)})
 same => n,Set(DB(soak/last)=${X})
 same => n,Gosub(sub,s,1(${X}))
 same => n,Playback(hello-world)
 same => n,MusicOnHold()
exten => 704,1,Answer()
 same => n,Read(GOT,,4,,1,5)
 same => n,Hangup()
exten => _20XX,1,Dial(PJSIP/${EXTEN},20,tT)
 same => n,Hangup()

[sub]
exten => s,1,GotoIf($[${ARG1} > 500]?big)
 same => n,Return()
 same => n(big),Return()
"""

PEERS = """
[system]
type=system
timer_t1=100

[peer](!)
type=endpoint
context=internal
disallow=all
allow=ulaw,alaw,g722
dtmf_mode=info
"""

PEER = """
[{n}](peer)
aors={n}

[{n}]
type=aor
contact=sip:{n}@127.0.0.1:{port}
"""


class Office:
    """The PBX with the phones that the kinds of traffic need."""

    def __init__(self, bench, **kw):
        self.bench = bench
        self.ports = {n: free_port(socket.SOCK_DGRAM) for n in range(2001, 2006)}
        files = office(more=PEERS + "".join(PEER.format(n=n, port=p) for n, p in self.ports.items()))
        files["extensions.conf"] += PLAN
        # Each registers from other ports.
        files["pjsip.conf"] = files["pjsip.conf"].replace("max_contacts=5", "max_contacts=5\nremove_existing=yes")
        self.files = files
        self.pbx = Pbx(bench, files, **kw)
        self.made, self.peers = 0, {}
        self.media = [port_run(40) for _ in range(8)]

    def peer(self, n):
        """The raw peer at the contact of n."""
        if n not in self.peers:
            self.peers[n] = Raw(self.bench, self.pbx, str(n), port=self.ports[n])
        return self.peers[n]

    def sipp(self, scenario, n, rate=100, port=None, transport="u1", args=()):
        # Nothing is lost on loopback, and an answer that comes twice is unexpected to a caller of SIPp's.
        self.made += 1
        scenario.name += "-%d" % self.made
        # A peer that is called has nobody to begin with.
        target = self.pbx.address if port is None else None
        rates = [] if port else ["-nr", "-r", str(rate), "-l", "400"]
        s = Sipp(self.bench, scenario, target, calls=n, port=port, transport=transport, trace=False, timeout=300,
                 args=rates + ["-buff_size", "1000000", "-mp", str(self.media[self.made % 8])] + list(args))
        return s.listening() if port else s

    def run(self, scenario, n, **kw):
        self.sipp(scenario, n, **kw).wait(300)


def hang_up(s, user, to, cseq=2, pause=0):
    s.send(ACK_2XX, user=user, to=to, cseq=cseq, retrans=0)
    if pause:
        s.pause(pause)
    return s.send(BYE, user=user, to=to, cseq=cseq + 1).recv(200)


def refused_by(name, to, code, user="1001", password="secret1001"):
    s = Scenario(name).invite(user, to, password).recv(code)
    return s.send(ACK, user=user, to=to, cseq=2, back=1, retrans=0)


def answered(o, n):
    o.run(hang_up(Scenario("answered").invite("1001", "600", "secret1001").recv(200, rrs=True), "1001", "600"), n)


def answered_tcp(o, n):
    o.run(hang_up(Scenario("tcp").invite("1001", "600", "secret1001").recv(200, rrs=True), "1001", "600"), n,
          transport="t1")


def callee(o, n, who=2001):
    s = Scenario("callee").recv("INVITE").reply("180 Ringing").send(ANSWER, retrans=500, pts="0", maps=ULAW["maps"])
    s.recv("ACK", attrs='crlf="true"').recv("BYE").reply("200 OK", tag=False)
    return o.sipp(s, n, port=o.ports[who])


def bridged(o, n):
    there = callee(o, n)
    o.run(hang_up(Scenario("bridged").invite("1001", "2001", "secret1001").recv(200, rrs=True), "1001", "2001", pause=50),
          n, rate=60)
    there.wait(60)


def translated(o, n):
    there = callee(o, n)
    sdp = dict(pts="8", maps="a=rtpmap:8 PCMA/8000\n")
    o.run(hang_up(Scenario("translated").invite("1001", "2001", "secret1001", sdp=sdp).recv(200, rrs=True), "1001", "2001",
                  pause=50), n, rate=60)
    there.wait(60)


def held(o, n):
    s = Scenario("held").invite("1001", "600", "secret1001").recv(200, rrs=True)
    s.send(ACK_2XX, user="1001", cseq=2, retrans=0)
    for cseq in range(3, 9):
        direction = "a=sendonly\n" if cseq % 2 else "a=sendrecv\n"
        s.send(REINVITE, user="1001", cseq=cseq, pts="0", maps=ULAW["maps"] + direction)
        s.recv(100, optional=True).recv(200, rrs=True).send(ACK_2XX, user="1001", cseq=cseq, retrans=0)
    s.send(BYE, user="1001", cseq=9).recv(200)
    o.run(s, n, rate=40)


def cancelled(o, n):
    s = Scenario("cancelled").invite("1002", "700", "secret1002")
    s.xml = s.xml[:s.xml.rindex('<recv response="180"')]
    s.recv(180).pause(20)
    s.send(CANCEL, user="1002", to="700", cseq=2).recv(200).recv(487)
    o.run(s.send(ACK, user="1002", to="700", cseq=2, back=7, retrans=0), n)


def busy(o, n):
    o.run(refused_by("busy", "701", 486), n)


def refused(o, n):
    there = o.sipp(Scenario("refuses").recv("INVITE").reply("486 Busy Here").recv("ACK"), n, port=o.ports[2002])
    o.run(refused_by("refused", "2002", 486), n, rate=60)
    there.wait(60)


def nowhere(o, n):
    o.run(refused_by("nowhere", "4711", 404), n)


def port_closed(o, n):
    o.run(refused_by("closed", "2003", 480), n, rate=60)


def no_codec(o, n):
    s = Scenario("gsm").invite("1001", "600", "secret1001", sdp=dict(pts="3", maps="a=rtpmap:3 GSM/8000\n")).recv(488)
    o.run(s.send(ACK, user="1001", to="600", cseq=2, back=1, retrans=0), n)


def without_credentials(o, n):
    s = Scenario("stranger").send(INVITE, user="x[call_number]", to="600", cseq=1, **ULAW)
    s.recv(100, optional=True).recv(401)
    o.run(s.send(ACK, user="x[call_number]", to="600", cseq=1, back=2, retrans=0), n, rate=300)


def wrong_password(o, n):
    o.run(refused_by("wrong", "600", 401, password="no"), n)


def registrations(o, n):
    """Ever new contacts of one phone, each taken back."""
    s = Scenario("registers").register("1003", "secret1003").recv(200)
    auth = "[authentication username=1003 password=secret1003]\n"
    s.send(REGISTER, user="1003", cseq=3, expires=0, contact="").recv(401, auth=True)
    s.send(REGISTER, user="1003", cseq=4, expires=0, contact="", auth=auth).recv(200)
    s.xml = s.xml.replace("Contact: <sip:1003@[local_ip]:[local_port]", "Contact: <sip:1003-%d-[call_number]@127.0.0.1:5" %
                          o.made)
    o.run(s, n)


def registered_anew(o, n):
    """Ever new contacts of one phone, each taking the place of those before."""
    s = Scenario("anew").register("1003", "secret1003", expires=60).recv(200)
    s.xml = s.xml.replace("Contact: <sip:1003@[local_ip]:[local_port]", "Contact: <sip:1003-%d-[call_number]@127.0.0.1:5" %
                          o.made)
    o.run(s, n)


def strange_registrations(o, n):
    name = "r%d-[call_number]" % o.made
    s = Scenario("strangers").send(REGISTER, user=name, cseq=1, expires=60, contact="").recv(401, auth=True)
    s.send(REGISTER, user=name, cseq=2, expires=60, contact="", auth="[authentication username=nobody password=x]\n")
    o.run(s.recv(401), n, rate=200)


def subscriptions(o, n):
    s = Scenario("subscribes").send(SUBSCRIBE, user="1001", to="1002", cseq=1).recv(401, auth=True)
    auth = "[authentication username=1001 password=secret1001]\n"
    o.run(s.send(SUBSCRIBE, user="1001", to="1002", cseq=2, auth=auth).recv(405), n, rate=200)


def new_sources(o, n):
    """Each from another address and port."""
    for i in range(n):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.%d.%d.%d" % (1 + random.randrange(250), random.randrange(256), 1 + random.randrange(250)), 0))
            s.settimeout(10)
            kind = (b"OPTIONS", b"REGISTER", b"INVITE")[i % 3]
            s.sendto(options(s).replace(b"OPTIONS", kind), ("127.0.0.1", o.pbx.port))
            s.recv(4000)


def probes(o, n):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        s.settimeout(10)
        for _ in range(n):
            s.sendto(options(s), ("127.0.0.1", o.pbx.port))
            s.recv(4000)


def torture(o, n):
    messages = []
    for f in sorted(glob.glob(TOP + "/tests/data/torture/**/*.dat", recursive=True)):
        with open(f, "rb") as m:
            messages.append(m.read()[:65000])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for i in range(n):
            s.sendto(messages[i % len(messages)], ("127.0.0.1", o.pbx.port))
            if i % 40 == 0:
                o.pbx.cli("core show uptime")


def garbage(o, n):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        for i in range(n):
            good = bytearray(options(s))
            for _ in range(random.randrange(1, 12)):
                good[random.randrange(len(good))] = random.randrange(256)
            s.sendto(bytes(good) if i % 3 else os.urandom(random.randrange(1, 1500)), ("127.0.0.1", o.pbx.port))
            if i % 100 == 0:
                o.pbx.cli("core show uptime")


def connections(o, n):
    """Opened and closed, some after half a message, some after a whole one."""
    for i in range(n):
        with socket.create_connection(("127.0.0.1", o.pbx.port)) as s:
            s.settimeout(10)
            if i % 3 == 1:
                s.sendall(options(s, proto="TCP")[:100])
            elif i % 3 == 2:
                s.sendall(options(s, proto="TCP"))
                s.recv(4000)


def registered_by_tcp(o, n):
    o.run(Scenario("tcpreg").register("1003", "secret1003", expires=60).recv(200), n, transport="tn", args=["-max_socket", "300"])


def transferred(o, n):
    """The callee sends the caller on by the feature code."""
    there, third = o.peer(2004), o.peer(2005)
    for _ in range(n):
        there.called_tag = ""
        a = Raw(o.bench, o.pbx, "2001")
        a.request("INVITE", "2004", body=a.sdp())
        m = there.wait("INVITE")
        there.reply(m, 200, body=there.sdp())
        a.ack(a.expect(200))
        there.wait("ACK")
        there.joins(m)
        for d in "#12005":
            there.request("INFO", "2001", uri=there.peer, extra="Content-Type: application/dtmf-relay\n",
                          body="Signal=%s\nDuration=100\n" % d)
            there.expect(200)
        m2 = third.wait("INVITE", 20)
        third.reply(m2, 200, body=third.sdp())
        third.wait("ACK")
        there.reply(there.wait("BYE", 20), 200)
        a.request("BYE", "2004").expect(200)
        third.reply(third.wait("BYE", 20), 200)
        a.sock.close()


def origination(o, n):
    for _ in range(n):
        o.pbx.cli("channel originate Local/600@internal application NoOp done")


def local_channels(o, n):
    o.run(hang_up(Scenario("local").invite("1001", "702", "secret1001").recv(200, rrs=True), "1001", "702", pause=50), n,
          rate=60)


def dial_plan(o, n):
    """Variables, the database, a subroutine, a prompt and music."""
    o.run(hang_up(Scenario("plan").invite("1001", "703", "secret1001").recv(200, rrs=True), "1001", "703", pause=100), n,
          rate=60)


def digits(o, n):
    for _ in range(n):
        r = Raw(o.bench, o.pbx, "2001")
        r.up("704")
        for d in "4711":
            r.request("INFO", "704", uri=r.peer, extra="Content-Type: application/dtmf-relay\n",
                      body="Signal=%s\nDuration=100\n" % d).expect(200)
        r.reply(r.wait("BYE"), 200)
        r.sock.close()


def voice(o, n):
    """RTP, events, RTCP and rubbish into a call."""
    for _ in range(n):
        r = Raw(o.bench, o.pbx, "2001")
        ok = r.up("600")
        port = int(ok.body.split("m=audio ")[1].split()[0])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            for seq in range(20):
                s.sendto(struct.pack("!BBHII", 0x80, 0, seq, seq * 160, 77) + bytes(160), ("127.0.0.1", port))
                s.sendto(struct.pack("!BBHIIBBH", 0x80, 101, seq, 0, 77, 5, 10, 160), ("127.0.0.1", port))
                s.sendto(os.urandom(60), ("127.0.0.1", port))
                s.sendto(os.urandom(60), ("127.0.0.1", port + 1))
        r.request("BYE", "600", uri=r.peer).expect(200)
        r.sock.close()


def reloads(o, n):
    for i in range(n):
        if i % 4 == 3:
            o.pbx.write({"extensions.conf": o.files["extensions.conf"] + "\n[broken\n"})
            o.pbx.run("core reload")
            o.pbx.write({"extensions.conf": o.files["extensions.conf"]})
        o.pbx.cli("core reload")


def modules(o, n):
    for i in range(n):
        name = ("app_read", "codec_g722", "func_math", "app_dial", "moh")[i % 4]
        o.pbx.run("module unload " + name)
        until("%s to leave" % name, lambda: '"%s"' % name not in o.pbx.cli("module show --json"))
        o.pbx.cli("module load " + name)


def consoles(o, n):
    """Attached and left without a word, or after a command."""
    for i in range(n):
        if i % 10 == 0:
            o.pbx.cli(("core show channels", "call list", "sip show endpoints", "module show", "core show applications",
                       "call show last", "core show help", "dialplan show", "core show translation",
                       "sip show settings")[i // 10 % 10])
            continue
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
            s.connect(o.pbx.state + "/bellbird.ctl")
            if i % 2:
                s.sendall(b"{")


def database(o, n):
    for i in range(n):
        o.pbx.cli("database put soak key%d value%d" % (i % 10, i))
        o.pbx.cli("database del soak key%d" % (i % 10))


# Each with how many make a batch: enough that the tables which keep the last hundred are full of it after one.
KINDS = [
    (answered, 400), (answered_tcp, 300), (bridged, 300), (translated, 200), (held, 200), (cancelled, 300), (busy, 300),
    (refused, 200), (nowhere, 300), (port_closed, 200), (no_codec, 300), (without_credentials, 1500), (wrong_password, 500),
    (registrations, 400), (registered_anew, 400), (strange_registrations, 600), (subscriptions, 500), (new_sources, 1500),
    (probes, 1500), (torture, 600), (garbage, 1500), (connections, 900), (registered_by_tcp, 300), (transferred, 110),
    (origination, 120), (local_channels, 200), (dial_plan, 200), (digits, 120), (voice, 120), (reloads, 40), (modules, 40),
    (consoles, 300), (database, 60),
]
