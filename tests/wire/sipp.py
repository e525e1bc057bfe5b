# SPDX-License-Identifier: BSD-3-Clause
"""SIPp as a peer: scenarios put together from a few words."""
import os
import re
import subprocess

from wire import Failure, free_port, until
import socket

HEAD = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<!DOCTYPE scenario SYSTEM "sipp.dtd">
<scenario name="%s">
"""

REGISTER = """\
REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: <sip:{user}@[remote_ip]>;tag=[pid]SIPpTag00[call_number]
To: <sip:{user}@[remote_ip]>
Call-ID: [call_id]
CSeq: {cseq} REGISTER
Contact: <sip:{user}@[local_ip]:[local_port];transport=[transport]>{contact}
Expires: {expires}
{auth}Content-Length: 0
"""

INVITE = """\
INVITE sip:{to}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: "{user}" <sip:{user}@[remote_ip]>;tag=[pid]SIPpTag00[call_number]
To: <sip:{to}@[remote_ip]>
Call-ID: [call_id]
CSeq: {cseq} INVITE
Contact: <sip:{user}@[local_ip]:[local_port];transport=[transport]>
{auth}Content-Type: application/sdp
Content-Length: [len]

v=0
o=user1 53655765 2353687637 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP {pts}
{maps}"""

REINVITE = INVITE.replace("INVITE sip:{to}@[remote_ip]:[remote_port]", "INVITE [next_url]") \
    .replace("To: <sip:{to}@[remote_ip]>", "[last_To:]").replace("{auth}", "[routes]\n")

ACK = """\
ACK sip:{to}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-{back}]
Max-Forwards: 70
From: "{user}" <sip:{user}@[remote_ip]>;tag=[pid]SIPpTag00[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: {cseq} ACK
Content-Length: 0
"""

ACK_2XX = """\
ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: "{user}" <sip:{user}@[remote_ip]>;tag=[pid]SIPpTag00[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: {cseq} ACK
[routes]
Content-Length: 0
"""

BYE = """\
BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: "{user}" <sip:{user}@[remote_ip]>;tag=[pid]SIPpTag00[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: {cseq} BYE
[routes]
Content-Length: 0
"""

REPLY = """\
SIP/2.0 {code}
[last_Via:]
[last_From:]
[last_To:]{tag}
[last_Call-ID:]
[last_CSeq:]
[last_Record-Route:]
Contact: <sip:[local_ip]:[local_port];transport=[transport]>
Content-Length: 0
"""

ANSWER = """\
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]SIPpTag01[call_number]
[last_Call-ID:]
[last_CSeq:]
[last_Record-Route:]
Contact: <sip:[local_ip]:[local_port];transport=[transport]>
Content-Type: application/sdp
Content-Length: [len]

v=0
o=user1 53655765 2353687637 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP {pts}
{maps}"""

ULAW = dict(pts="0", maps="a=rtpmap:0 PCMU/8000\n")


class Scenario:
    """Builds SIPp's XML step by step; each method returns the scenario."""

    def __init__(self, name):
        self.name, self.xml = name, HEAD % name

    def send(self, text, attrs="", retrans=500, **kw):
        r = ' retrans="%d"' % retrans if retrans else ""
        kw.setdefault("auth", "")
        self.xml += "<send%s %s><![CDATA[\n%s\n]]></send>\n" % (r, attrs, text.format(**kw))
        return self

    def recv(self, what, optional=False, auth=False, rrs=False, attrs=""):
        kind = "response" if str(what).isdigit() else "request"
        self.xml += '<recv %s="%s"%s%s%s %s></recv>\n' % (
            kind, what, ' optional="true"' if optional else "",
            ' auth="true"' if auth else "", ' rrs="true"' if rrs else "", attrs)
        return self

    def pause(self, ms):
        self.xml += '<pause milliseconds="%d"/>\n' % ms
        return self

    def register(self, user, password, expires=300, contact=""):
        self.send(REGISTER, user=user, cseq=1, expires=expires, contact=contact)
        self.recv(100, optional=True).recv(401, auth=True)
        auth = "[authentication username=%s password=%s]\n" % (user, password)
        self.send(REGISTER, user=user, cseq=2, expires=expires, contact=contact, auth=auth)
        return self.recv(100, optional=True)

    def invite(self, user, to, password=None, sdp=ULAW):
        self.send(INVITE, user=user, to=to, cseq=1, **sdp)
        if password is not None:
            self.recv(100, optional=True).recv(401, auth=True)
            self.send(ACK, user=user, to=to, cseq=1, back=3, retrans=0)
            auth = "[authentication username=%s password=%s]\n" % (user, password)
            self.send(INVITE, user=user, to=to, cseq=2, auth=auth, **sdp)
        return self.recv(100, optional=True).recv(180, optional=True).recv(183, optional=True)

    def reply(self, code, tag=True, retrans=0):
        return self.send(REPLY, code=code, retrans=retrans,
                         tag=";tag=[pid]SIPpTag01[call_number]" if tag else "")

    def text(self):
        return self.xml + "</scenario>\n"


def media_port():
    """SIPp binds four ports in a row: its sound, its video and what belongs to them."""
    while True:
        port = free_port(socket.SOCK_DGRAM) & ~1
        taken = []
        try:
            for n in range(port, port + 4):
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                taken.append(s)
                s.bind(("127.0.0.1", n))
            return port
        except OSError:
            continue
        finally:
            for s in taken:
                s.close()


class Sipp:
    """One running SIPp process."""

    def __init__(self, bench, scenario, target=None, calls=1, port=None, timeout=30, args=(),
                 transport="u1", trace=True):
        self.port = port or free_port(socket.SOCK_DGRAM)
        self.dir = os.path.join(bench.dir, "sipp-%s-%d" % (scenario.name, self.port))
        os.makedirs(self.dir)
        with open(self.dir + "/s.xml", "w") as f:
            f.write(scenario.text())
        cmd = ["sipp"] + ([target] if target else []) + [
            "-sf", self.dir + "/s.xml", "-i", "127.0.0.1", "-p", str(self.port), "-m", str(calls),
            "-t", transport, "-nostdin", "-timeout", "%ds" % timeout, "-timeout_error",
            "-trace_err", "-error_file", self.dir + "/errors", "-mp", str(media_port()),
            "-cp", str(free_port(socket.SOCK_DGRAM))] + list(args)
        if trace:  # under load it would be the slowest part
            cmd += ["-trace_msg", "-message_file", self.dir + "/messages"]
        self.name = scenario.name
        self.out = open(self.dir + "/out", "wb")
        self.proc = subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.out,
                                     cwd=self.dir)
        bench.cleanup(self.stop)

    def listening(self):
        """Wait until its port is bound: what is sent earlier would be refused."""
        def bound():
            with open("/proc/net/udp") as f:
                return any(line.split()[1].endswith(":%04X" % self.port) for line in f.readlines()[1:])
        until("SIPp %s to listen" % self.name, bound)
        return self

    def messages(self):
        try:
            with open(self.dir + "/messages", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def received(self, pattern):
        """True when a message matching the pattern has come in."""
        for part in re.split(r"-{10,}.*\n", self.messages()):
            if "received" in part[:80] and re.search(pattern, part):
                return True
        return False

    def wait(self, timeout=60):
        try:
            code = self.proc.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failure("SIPp %s did not end" % self.name)
        if code != 0:
            err = ""
            if os.path.exists(self.dir + "/errors"):
                with open(self.dir + "/errors", errors="replace") as f:
                    err = f.read()[:2000]  # the first is the cause
            raise Failure("SIPp %s ended with %d: %s\n%s" % (self.name, code, err, self.messages()[-1500:]))

    def stop(self):
        if self.proc.poll() is None:
            self.proc.kill()
            self.proc.wait()
        self.out.close()
