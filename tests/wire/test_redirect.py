# SPDX-License-Identifier: BSD-3-Clause
"""type=route: what is redirected, what refused, and by what a route is chosen."""
import re

from wire import Failure, Pbx
from office import EXTENSIONS, PJSIP, RTP
from raw import Raw
from sipp import ACK, Scenario, Sipp
from test_registrar import OPEN, Steps, contacts, want

ROUTES = """
[local]
type=route
source=127.0.0.3
action=refuse 603

[chat]
type=route
method=MESSAGE
action=refuse 488

[moved]
type=route
user=_2XXX
action=redirect

[shut]
type=route
user=9999
action=refuse 410

[elsewhere]
type=route
domain=other.test
action=refuse 404
"""


def pbx_for(bench):
    pjsip = PJSIP + OPEN.format(n=2001, ep="", aor="max_contacts=5") + \
        OPEN.format(n=2002, ep="", aor="contact=sip:fixed@192.0.2.1\nmax_contacts=5") + \
        OPEN.format(n=2003, ep="", aor="max_contacts=5") + ROUTES
    return Pbx(bench, {"pjsip.conf": pjsip, "rtp.conf": RTP, "extensions.conf": EXTENSIONS})


def called(bench, pbx, to, code):
    """SIPp calls and gets this answer; gives it."""
    s = Scenario("to%s" % to).invite("2003", to).recv(code)
    s.send(ACK, user="2003", to=to, cseq=1, back=1, retrans=0)
    sipp = Sipp(bench, s, pbx.address)
    sipp.wait()
    return sipp.messages()


def test_redirect(bench):
    """302 with all contacts and their q, the best first; 480 for nobody there, 404 for nobody known"""
    pbx = pbx_for(bench)
    a, b, c = ("sip:2001@127.0.0.1:%d" % p for p in (7001, 7002, 7003))
    Steps("there").reg(200, "<%s>;q=0.2" % a, "<%s>;q=0.8" % b, "<%s>;q=0.5" % c).run(bench, pbx)
    text = called(bench, pbx, "2001", 302)
    found = re.findall(r"(?m)^Contact: <(sip:2001[^>]*)>;q=([\d.]+)", text[text.index("SIP/2.0 302"):])
    want("contacts", found, [(b, "0.800"), (c, "0.500"), (a, "0.200")])
    text = called(bench, pbx, "2002", 302)
    want("a contact of the configuration", "<sip:fixed@192.0.2.1>" in text, True)
    # Nobody is sent back to where he called (8.3).
    r = Raw(bench, pbx, "2003")
    r.request("INVITE", uri=b.replace("2001", "%32001"), body=r.sdp())
    m = r.expect(302)
    r.ack(m)
    want("contacts but the one asked for", [c in m.text.partition("\r\n")[2] for c in (a, b)], [True, False])
    called(bench, pbx, "2003", 480)
    called(bench, pbx, "2004", 404)
    want("what is not redirected", "0 calls processed" in pbx.cli("core show channels"), True)
    r = Raw(bench, pbx, "2003")
    r.request("INVITE", "600", body=r.sdp())
    r.ack(r.expect(200))


def test_refuse(bench):
    """routes by source, method, user and domain; the first that fits counts"""
    pbx = pbx_for(bench)
    called(bench, pbx, "9999", 410)
    r = Raw(bench, pbx, "2003")
    for spelling in ("%39999", "9999;x=1"):  # however it is spelled, the dial plan would see 9999
        r.call_id += "x"
        r.request("INVITE", uri="sip:%s@127.0.0.1:%d" % (spelling, pbx.port), body=r.sdp())
        r.ack(r.expect(410))
    r = Raw(bench, pbx, "2003", host="127.0.0.3")
    for method in ("INVITE", "OPTIONS", "REGISTER"):
        r.request(method, "600", body=r.sdp() if method == "INVITE" else "")
        m = r.expect(603)
        if method == "INVITE":
            r.ack(m)
    r = Raw(bench, pbx, "2003")
    r.request("MESSAGE", "2001").expect(488)
    r.request("INVITE", "600", body=r.sdp(), uri="sip:600@other.test")
    r.ack(r.expect(404))
    text = pbx.cli("call show last")
    if "404" not in text or "[elsewhere]" not in text:
        raise Failure("the story does not name the route: " + text)
