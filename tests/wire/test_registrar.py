# SPDX-License-Identifier: BSD-3-Clause
"""The registrar under SIPp's hands, and its digest challenges."""
import re
import socket

from wire import Failure, Pbx, free_port, until
from office import EXTENSIONS, PJSIP, RTP
from raw import Message, Raw, challenges, credentials
from sipp import Scenario, Sipp

# An endpoint without auth: what is tested here is the registrar alone.
OPEN = """
[{n}](phone)
aors={n}
{ep}
[{n}]
type=aor
{aor}
"""

REGISTER = """\
REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: <sip:{user}@[remote_ip]>;tag=[pid]SIPpTag00[call_number]
To: <sip:{user}@[remote_ip]>
Call-ID: {call}[call_id]
CSeq: {cseq} REGISTER
{lines}Content-Length: 0
"""


def pbx_for(bench, aor, ep="", users=(2001,), more=""):
    pjsip = PJSIP + "".join(OPEN.format(n=n, aor=aor, ep=ep) for n in users) + more
    return Pbx(bench, {"pjsip.conf": pjsip, "rtp.conf": RTP,
                       "extensions.conf": EXTENSIONS.replace("_10XX", "_[12]0XX")})


class Steps(Scenario):
    """REGISTERs one after another, each with its own CSeq and the answer it must get."""

    def __init__(self, name, user="2001"):
        super().__init__(name)
        self.user, self.cseq = user, 0

    def reg(self, code, *contacts, expires=None, cseq=None, call="", extra=""):
        self.cseq += 1
        lines = "".join("Contact: %s\n" % c for c in contacts) + extra
        if expires is not None:
            lines += "Expires: %s\n" % expires
        self.send(REGISTER, user=self.user, cseq=cseq or self.cseq, call=call, lines=lines)
        return self.recv(code)

    def run(self, bench, pbx, **kw):
        """The answers, in their order."""
        sipp = Sipp(bench, self, pbx.address, **kw)
        sipp.wait()
        parts = [p.partition("\n\n")[2] for p in re.split(r"-{20,}.*\n", sipp.messages())
                 if "message received" in p[:80]]
        return [Message(p.lstrip("\n").replace("\n", "\r\n")) for p in parts if p.lstrip().startswith("SIP/2.0")]


def contacts(m):
    """URI to (q, expires) of an answer's contacts."""
    out = {}
    for v in m.all("Contact"):
        uri, _, params = v.partition(">")
        q = re.search(r"q=([\d.]+)", params)
        e = re.search(r"expires=(\d+)", params)
        out[uri.lstrip("<")] = (float(q.group(1)) if q else 1.0, int(e.group(1)))
    return out


def want(what, got, wanted):
    if got != wanted:
        raise Failure("%s: wanted %s, got %s" % (what, wanted, got))


A, B, C = ("sip:2001@127.0.0.1:%d" % p for p in (7001, 7002, 7003))


def test_contacts(bench):
    """several contacts with q and expiry, queries, one goes, all go, old requests are refused"""
    pbx = pbx_for(bench, "max_contacts=5")
    s = Steps("contacts")
    s.reg(200, "<%s>;q=0.5;expires=300" % A, "<%s>;q=0.9" % B, expires=600)
    s.reg(200)                                            # a query
    s.reg(400, "<%s>;expires=200" % A, cseq=1)            # older than what is bound
    s.reg(200, "<%s>;expires=200" % A, cseq=1, call="other///")  # but not for another Call-ID
    s.reg(200, "<%s>;expires=0" % B, cseq=9)
    s.reg(400, "*", expires=300, cseq=10)
    s.reg(400, "*", "<%s>" % A, expires=0, cseq=11)
    s.reg(200, "<%s>, <%s>;q=0.1" % (B, C), cseq=12)
    s.reg(200, "*", expires=0, cseq=13)
    s.reg(200, cseq=14)
    r = s.run(bench, pbx)
    first = contacts(r[0])
    want("registered", first, {A: (0.5, 300), B: (0.9, 600)})
    want("query", set(contacts(r[1])), {A, B})
    want("another Call-ID", contacts(r[3])[A][1], 200)
    want("B removed", set(contacts(r[4])), {A})
    want("two in one line", {u: q for u, (q, e) in contacts(r[7]).items()}, {A: 1.0, B: 1.0, C: 0.1})
    want("default expiry", contacts(r[7])[B][1], 3600)
    want("after *", contacts(r[8]), {})
    want("query after *", contacts(r[9]), {})


def test_lifetimes(bench):
    """423 with Min-Expires, long ones are cut, short ones go by themselves"""
    pbx = pbx_for(bench, "max_contacts=5\nminimum_expiration=2\nmaximum_expiration=500")
    s = Steps("lifetimes")
    s.reg(423, "<%s>" % A, expires=1)
    s.reg(200, "<%s>" % A, expires=100000)
    s.reg(200, "<%s>;expires=2" % B)
    r = s.run(bench, pbx)
    want("Min-Expires", r[0].get("Min-Expires"), "2")
    want("cut", contacts(r[1])[A][1], 500)
    want("short", contacts(r[2])[B][1], 2)
    until("B to expire", lambda: B not in pbx.cli("sip show contacts"), 8)
    if A not in pbx.cli("sip show contacts"):
        raise Failure("A went too: " + pbx.cli("sip show contacts"))


def test_max_contacts(bench):
    """max_contacts refuses, or with remove_existing replaces what would expire first"""
    pbx = pbx_for(bench, "max_contacts=2", users=(2001,), more=OPEN.format(
        n=2002, ep="", aor="max_contacts=2\nremove_existing=yes") + OPEN.format(n=2003, ep="", aor="max_contacts=0"))
    s = Steps("full")
    s.reg(200, "<%s>" % A).reg(200, "<%s>" % B).reg(403, "<%s>" % C)
    s.reg(200, "<%s>" % A)                       # refreshing is no new contact
    s.reg(200, "<%s>" % C, "<%s>;expires=0" % A)  # one comes, one goes
    r = s.run(bench, pbx)
    want("exchanged", set(contacts(r[4])), {B, C})
    s = Steps("replace", "2002")
    s.reg(200, "<%s>" % A, expires=900).reg(200, "<%s>" % B, expires=300).reg(200, "<%s>" % C, expires=600)
    s.reg(403, "<sip:a@127.0.0.1:1>", "<sip:b@127.0.0.1:2>", "<sip:c@127.0.0.1:3>")
    s.reg(200)
    r = s.run(bench, pbx)
    want("B made room", set(contacts(r[2])), {A, C})
    want("too many at once change nothing", set(contacts(r[4])), {A, C})
    Steps("none", "2003").reg(403, "<%s>" % A).run(bench, pbx)
    Steps("nobody", "2004").reg(401, "<%s>" % A).run(bench, pbx)


def invited(bench, pbx, port, name, more=None):
    """SIPp answers one call to a port of its own; gives the INVITE as text."""
    s = Scenario(name).recv("INVITE").reply("486 Busy Here").recv("ACK")
    uas = Sipp(bench, s, port=port).listening()
    r = Raw(bench, pbx, "2002")
    r.request("INVITE", "2001", body=r.sdp())
    r.ack(r.wait("final"))
    uas.wait()
    return uas.messages()


def test_path(bench):
    """Path is stored, returned, and calls go by it"""
    pbx = pbx_for(bench, "max_contacts=5\nsupport_path=yes", users=(2001, 2002))
    port = free_port(socket.SOCK_DGRAM)
    path = "<sip:127.0.0.1:%d;lr>" % port
    s = Steps("path").reg(200, "<sip:2001@192.0.2.7:5060>", extra="Supported: path\nPath: %s\n" % path)
    want("Path", s.run(bench, pbx)[0].get("Path"), path)
    text = invited(bench, pbx, port, "edge")
    if "INVITE sip:2001@192.0.2.7:5060 SIP/2.0" not in text or "Route: " + path not in text:
        raise Failure("the INVITE does not go by Path: " + text)


def test_path_lines(bench):
    """each proxy on the way wrote a Path line of its own: calls go by all of them, in their order"""
    pbx = pbx_for(bench, "max_contacts=5\nsupport_path=yes", users=(2001, 2002))
    port = free_port(socket.SOCK_DGRAM)
    near, far = "<sip:127.0.0.1:%d;lr>" % port, "<sip:edge.test;lr>"
    s = Steps("paths").reg(200, "<sip:2001@192.0.2.7:5060>", extra="Supported: path\nPath: %s\nPath: %s\n" % (near, far))
    want("Path", s.run(bench, pbx)[0].get("Path"), "%s, %s" % (near, far))
    text = invited(bench, pbx, port, "edge")
    if "Route: %s, %s" % (near, far) not in text:
        raise Failure("the INVITE does not go by both: " + text)


def test_escaped(bench):
    """escapes of an address of record are resolved before it is looked up (10.3 step 5); the 200 bears a Date"""
    pbx = pbx_for(bench, "max_contacts=5")
    got = Steps("escaped", user="%32%3001").reg(200, "<sip:2001@192.0.2.7:5060>").run(bench, pbx)[0]
    want("contact", "sip:2001@192.0.2.7:5060" in got.get("Contact"), True)
    want("Date", bool(re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", got.get("Date"))), True)
    want("contacts", "192.0.2.7" in pbx.cli("sip show contacts"), True)


def test_rewrite_contact(bench):
    """behind NAT a contact is reached where its REGISTER came from; without rewrite_contact where it says"""
    pbx = pbx_for(bench, "max_contacts=5", ep="rewrite_contact=yes", users=(2001,),
                  more=OPEN.format(n=2002, ep="", aor="max_contacts=1"))
    port = free_port(socket.SOCK_DGRAM)
    Steps("nat").reg(200, "<sip:2001@192.0.2.7:5060>").run(bench, pbx, port=port)
    text = invited(bench, pbx, port, "natted")
    if "INVITE sip:2001@" not in text:
        raise Failure("no INVITE where the REGISTER came from: " + text)
    pbx2 = pbx_for_plain(bench)
    other = free_port(socket.SOCK_DGRAM)
    Steps("plain").reg(200, "<sip:2001@127.0.0.1:%d>" % other).run(bench, pbx2)
    text = invited(bench, pbx2, other, "plain-uas")
    if "INVITE sip:2001@127.0.0.1:%d" % other not in text:
        raise Failure("no INVITE where the contact says: " + text)


def pbx_for_plain(bench):
    pjsip = PJSIP + "".join(OPEN.format(n=n, aor="max_contacts=5", ep="") for n in (2001, 2002))
    return Pbx(bench, {"pjsip.conf": pjsip, "rtp.conf": RTP,
                       "extensions.conf": EXTENSIONS.replace("_10XX", "_[12]0XX")}, name="plain")


AUTH = """
[2001](phone)
auth=2001
aors=2001
[2001](login)
username=2001
password=secret2001
supported_algorithms_uas=md5,sha-256
[2001]
type=aor
max_contacts=5
"""


def auth_pbx(bench, life=32):
    text = PJSIP + AUTH.replace("supported_", "nonce_lifetime=%d\nsupported_" % life)
    return Pbx(bench, {"pjsip.conf": text, "rtp.conf": RTP, "extensions.conf": EXTENSIONS})


def test_digest_algorithms(bench):
    """SHA-256 and MD5 are offered, the stronger first, and either is accepted"""
    pbx = auth_pbx(bench)
    for alg in ("MD5", "SHA-256"):
        r = Raw(bench, pbx)
        ch = next(c for c in challenges(r.request("REGISTER").expect(401)) if c["algorithm"] == alg)
        r.request("REGISTER", extra=credentials(ch, "2001", "secret2001", "REGISTER", "sip:x"), uri=None)
        r.expect(200)
        r.request("REGISTER", extra=credentials(ch, "2001", "wrong", "REGISTER", "sip:x", 2))
        r.expect(401)
    offered = [c["algorithm"] for c in challenges(Raw(bench, pbx).request("REGISTER").expect(401))]
    want("offered", offered, ["SHA-256", "MD5"])


def test_digest_nonces(bench):
    """a foreign or old nonce with the right password is stale, a count may not be used again"""
    pbx = auth_pbx(bench, life=2)
    r = Raw(bench, pbx)

    def show(code, ch, nc, password="secret2001", nonce=None):
        r.request("REGISTER", extra=credentials(ch, "2001", password, "REGISTER", "sip:x", nc, nonce))
        m = r.expect(code)
        return "stale" if any(c.get("stale", "").lower() == "true" for c in challenges(m)) else ""
    ch = challenges(r.request("REGISTER").expect(401))[0]
    want("a foreign nonce", show(401, ch, 1, nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"), "stale")
    want("a foreign nonce, wrong password", show(401, ch, 1, "wrong", "dcd98b7102dd2f0e8b11d0f600bfb0c093"), "")
    show(200, ch, 1)
    want("the same count again", show(401, ch, 1), "stale")
    show(200, ch, 2)
    want("an older count", show(401, ch, 1), "stale")
    want("a wrong password", show(401, ch, 3, "wrong"), "")

    late = challenges(r.request("REGISTER").expect(401))[0]
    until("a nonce nobody used to grow old", lambda: show(401, late, 1, "wrong") == "stale", 8)
    want("an old nonce, right password", show(401, late, 1), "stale")
    fresh = challenges(r.request("REGISTER").expect(401))[0]
    show(200, fresh, 1)
    if ch["nonce"] == fresh["nonce"]:
        raise Failure("the nonce never changes")
    # A phone that registers with a nonce refreshes with it, without a challenge, and beyond its life.
    show(200, ch, 3)
    want("a refresh again", show(401, ch, 3), "stale")
