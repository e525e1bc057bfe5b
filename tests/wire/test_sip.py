# SPDX-License-Identifier: BSD-3-Clause
"""SIP over real sockets with peers of other make: ways, trunks, offers, odd orders of messages."""
import hashlib
import re
import socket

from wire import Failure, Pbx, Sound, free_port, until
from office import FEATURES, PHONE, PJSIP, RTP, office
from phone import Phone
from raw import Raw
from sipp import ANSWER, Scenario, Sipp, ULAW
from test_calls import connect, flowing, judge
from test_causes import told

PEER = """
[{n}](phone)
aors={n}
{ep}
[{n}]
type=aor
{aor}
"""

PLAN = """\
[general]

[internal]
exten => _20XX,1,Dial(PJSIP/${EXTEN},20)
 same => n,NoOp(dialed ${DIALSTATUS})
 same => n,Hangup()

exten => 600,1,Answer()
 same => n,Echo()

exten => 610,1,Answer()
 same => n,Read(GOT,,4,,1,5)
 same => n,NoOp(digits ${GOT})
 same => n,Hangup()

exten => 611,1,NoOp(header ${PJSIP_HEADER(read,X-Test)})
 same => n,Dial(PJSIP/2002,20,b(mark^s^1))
 same => n,Hangup()

exten => 612,1,NoOp(contacts ${PJSIP_DIAL_CONTACTS(2003)})
 same => n,Dial(${PJSIP_DIAL_CONTACTS(2003)},20)
 same => n,Hangup()

exten => 613,1,Set(CALLERID(name)=Some Body)
 same => n,Dial(PJSIP/2002,20)
 same => n,Hangup()

exten => 615,1,Dial(PJSIP/self,20)
 same => n,Hangup()

exten => 616,1,Ringing()
 same => n,Wait(1)
 same => n,Ringing()
 same => n,Wait(60)

exten => 614,1,Dial(PJSIP/2002,20,b(long^s^1))
 same => n,Hangup()

[long]
exten => s,1,Set(X=0123456789012345678901234567890123456789)
 same => n,Set(PJSIP_HEADER(add,X-Long)=${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}${X})
 same => n,Set(PJSIP_HEADER(add,X-Longer)=${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}${X})
 same => n,Return()

[mark]
exten => s,1,Set(PJSIP_HEADER(add,X-Mark)=from the dial plan)
 same => n,Return()
"""


def peers(bench, *which, more="", transports="", name="pbx"):
    """A PBX with endpoints without auth: (name, port of its fixed contact or None, further endpoint lines)."""
    pjsip = PJSIP + transports
    for n, port, ep in which:
        aor = "max_contacts=5\n" + ("contact=sip:%s@127.0.0.1:%d\n" % (n, port) if port else "")
        pjsip += PEER.format(n=n, aor=aor, ep=ep)
    return Pbx(bench, {"pjsip.conf": pjsip + more, "rtp.conf": RTP, "extensions.conf": PLAN, "features.conf": FEATURES}, name=name)


def udp():
    return free_port(socket.SOCK_DGRAM)


def idle(pbx):
    until("no channel left", lambda: "0 active channels" in pbx.cli("core show channels"))


SIX = """
[udp6]
type=transport
protocol=udp
bind=[::1]:@PORT@
"""


def test_ipv6(bench):
    """a phone on IPv6 and one on IPv4 talk"""
    files = office(more=SIX)
    pbx = Pbx(bench, files)
    a = Phone(bench, "a", "1001", "secret1001", "[::1]:%d" % pbx.port, 440, host="::1")
    b = Phone(bench, "b", "1002", "secret1002", pbx.address, 660)
    a.wait_registered()
    b.wait_registered()
    connect(a, b, "1002")
    flowing(pbx, 2)
    a.hangup()
    b.wait("CALL_CLOSED")
    judge(a, 660, 440, 1)
    judge(b, 440, 660, 1)
    b.dial("1001")
    a.wait("CALL_INCOMING")
    b.hangup()
    a.wait("CALL_CLOSED")
    a.dial("600")
    a.wait("CALL_ESTABLISHED")
    told(pbx, r"packets come from \[::1\]")


def test_tcp_to_udp(bench):
    """a phone on TCP calls one on UDP"""
    pbx = Pbx(bench, office())
    a = Phone(bench, "a", "1001", "secret1001", pbx.address, 440, transport="tcp")
    b = Phone(bench, "b", "1002", "secret1002", pbx.address, 660)
    a.wait_registered()
    b.wait_registered()
    connect(a, b, "1002")
    flowing(pbx, 2)
    b.hangup()
    a.wait("CALL_CLOSED")
    judge(a, 660, 440, 1)
    judge(b, 440, 660, 1)
    idle(pbx)


def test_trunk_by_address(bench):
    """a trunk is known by its address alone; another address is asked for credentials"""
    port = udp()
    pbx = peers(bench, ("carrier", None, "identify_by=ip"), ("2002", port, ""), more="""
[carrier]
type=identify
endpoint=carrier
match=127.0.0.8/30
""")
    answers = Scenario("callee").recv("INVITE").reply("486 Busy Here").recv("ACK")
    callee = Sipp(bench, answers, port=port).listening()
    r = Raw(bench, pbx, "0301234", host="127.0.0.9")
    r.request("INVITE", "2002", body=r.sdp())
    r.ack(r.expect(486))
    callee.wait()
    if not callee.received(r"From: .*0301234@"):
        raise Failure("the caller's number did not arrive: " + callee.messages())
    r = Raw(bench, pbx, "0301234", host="127.0.0.1")
    r.request("INVITE", "2002", body=r.sdp())
    r.ack(r.expect(401))


def test_outbound_auth(bench):
    """401 and 407 of a callee are answered with our credentials, wrong ones end the call"""
    port, bad = udp(), udp()
    cred = "\n[trunk]\ntype=auth\nusername=us\npassword=ourword\n[bad]\ntype=auth\nusername=us\npassword=wrong\n"
    pbx = peers(bench, ("2001", None, ""), ("2002", port, "outbound_auth=trunk"), ("2003", bad, "outbound_auth=bad"),
                more=cred)
    for code, field, shown in (("401 Unauthorized", "WWW-Authenticate", "Authorization"),
                               ("407 Proxy Authentication Required", "Proxy-Authenticate", "Proxy-Authorization")):
        # SIPp 3.6 verifies Authorization alone.
        s = challenger("asks%s" % code[:3], code, field, verify=code.startswith("401"))
        s.send(ANSWER, attrs="", pts="0", maps=ULAW["maps"]).recv("ACK").recv("BYE").reply("200 OK", tag=False)
        uas = Sipp(bench, s, port=port).listening()
        r = Raw(bench, pbx)
        r.up("2002")
        r.request("BYE", "2002", uri=r.peer).expect(200)
        uas.wait()
        line = re.search(r"(?m)^%s: Digest (.*)$" % shown, uas.messages())
        a = {k: v.strip('"') for k, v in re.findall(r'(\w+)=("[^"]*"|[^,\s]+)', line.group(1))} if line else {}
        if a.get("response") != digest(a):
            raise Failure("%s is wrong in %s" % (shown, uas.messages()))
    s = challenger("never", "401 Unauthorized", "WWW-Authenticate", verify=False)
    s.send(CHALLENGE, code="401 Unauthorized", field="WWW-Authenticate", nonce="2").recv("ACK")
    uas = Sipp(bench, s, port=bad).listening()
    r = Raw(bench, pbx)
    r.request("INVITE", "2003", body=r.sdp())
    m = r.wait("final")
    r.ack(m)
    uas.wait()
    told(pbx, r"did not accept our credentials")


def digest(a):
    def hx(*parts):
        return hashlib.md5(":".join(parts).encode()).hexdigest()
    return hx(hx("us", "trunk.test", "ourword"), a.get("nonce", ""), a.get("nc", ""), a.get("cnonce", ""), "auth",
              hx("INVITE", a.get("uri", "")))


CHALLENGE = """\
SIP/2.0 {code}
[last_Via:]
[last_From:]
[last_To:];tag=[pid]SIPpTag01[call_number]
[last_Call-ID:]
[last_CSeq:]
{field}: Digest realm="trunk.test", nonce="n0nce{nonce}", algorithm=MD5, qop="auth"
Content-Length: 0
"""


def challenger(name, code, field, verify=True):
    """SIPp asks for credentials and judges them itself."""
    s = Scenario(name).recv("INVITE")
    s.send(CHALLENGE, code=code, field=field, nonce="1", retrans=500).recv("ACK")
    s.xml += ('<recv request="INVITE"><action><verifyauth assign_to="ok" username="us" password="ourword"/>'
              '</action></recv>\n' if verify else '<recv request="INVITE"/>\n')
    if verify:
        s.xml += '<nop test="ok" next="good"/>\n'
        s.reply("403 Wrong Credentials").recv("ACK")
        s.xml += '<label id="good"/>\n'
    return s


def test_options_and_qualify(bench):
    """OPTIONS is answered; contacts are asked, their round trip told, silence noticed"""
    port = udp()
    pbx = peers(bench, ("2001", None, ""), more=PEER.format(
        n=2002, ep="", aor="contact=sip:2002@127.0.0.1:%d\nqualify_frequency=1\nqualify_timeout=1" % port))
    m = Raw(bench, pbx).request("OPTIONS", "600").expect(200)
    if "INVITE" not in m.get("Allow") or "application/sdp" not in m.get("Accept"):
        raise Failure("OPTIONS got " + m.text)

    def status():
        return re.search(r"(?m)^.*2002@127.*$", pbx.cli("sip show contacts")).group(0)
    until("the silent contact to be noticed", lambda: re.search(r"(?i)unavail|unreach", status()), 10)
    s = Scenario("alive").recv("OPTIONS").reply("200 OK")
    sipp = Sipp(bench, s, port=port, calls=100)
    until("the contact to be reachable, with its round trip",
          lambda: re.search(r"(?i)\b(avail|reachable).*\d+\.\d+", status()) and "unreach" not in status().lower(), 10)
    sipp.stop()
    until("the contact to be unreachable again", lambda: re.search(r"(?i)unavail|unreach", status()), 10)
    r = Raw(bench, pbx)
    r.request("INVITE", "2002", body=r.sdp())
    r.ack(r.wait("final"))
    told(pbx, r"unreachable|not reachable|no reachable|does not answer|not answer")


def test_delayed_offer(bench):
    """an INVITE without offer gets ours in the 200; a new INVITE before its answer gets 491"""
    pbx = peers(bench, ("2001", None, ""))
    r = Raw(bench, pbx)
    r.request("INVITE", "600")
    ok = r.expect(200)
    if "m=audio" not in ok.body:
        raise Failure("no offer in " + ok.text)
    r.to_tag = ok.get("To").partition(";tag=")[2]
    first = r.cseq
    r.request("INVITE", "600", body=r.sdp(), uri=ok.get("Contact").strip("<>"))
    while True:
        m = r.wait("final")
        if m.get("CSeq").startswith(str(r.cseq)):
            break
    if m.code != 491:
        raise Failure("wanted 491, got " + m.text)
    tag = r.to_tag
    r.ack(m)
    r.to_tag = tag
    r.ack(ok, body=r.sdp(), cseq=first)
    told(pbx, r"ulaw|PCMU")
    r.request("BYE", "600", uri=ok.get("Contact").strip("<>"))
    r.expect(200)
    idle(pbx)


def test_new_offers(bench):
    """re-INVITE changes the codec, c=0.0.0.0 holds, an offer we cannot take gets 488 and changes nothing"""
    pbx = peers(bench, ("2001", None, ""))
    r = Raw(bench, pbx)
    r.up("600", pts="0 8", maps="a=rtpmap:0 PCMU/8000\na=rtpmap:8 PCMA/8000\n")

    def offer(code, **kw):
        r.request("INVITE", "600", uri=r.peer, body=r.sdp(**kw))
        tag = r.to_tag
        m = r.expect(code)
        r.ack(m)
        r.to_tag = tag
        return m
    if "RTP/AVP 8" not in offer(200, pts="8", maps="a=rtpmap:8 PCMA/8000\n", version=2).body:
        raise Failure("the codec did not change")
    told(pbx, r"ulaw|PCMU", r"alaw|PCMA")
    held = offer(200, pts="8", maps="a=rtpmap:8 PCMA/8000\n", host="0.0.0.0", version=3)
    if "a=recvonly" not in held.body:
        raise Failure("the hold was answered with " + held.body)
    told(pbx, r"on hold")
    offer(488, pts="3", maps="a=rtpmap:3 GSM/8000\n", version=4)
    offer(200, pts="8", maps="a=rtpmap:8 PCMA/8000\n", version=5)
    told(pbx, r"back from hold")
    r.request("BYE", "600", uri=r.peer).expect(200)
    idle(pbx)


def test_early_media(bench):
    """what the callee plays with its 183 is heard before anybody answers"""
    port = udp()
    pbx = peers(bench, ("2002", port, ""), more=office_phone())
    s = Scenario("early").recv("INVITE")
    s.send(ANSWER.replace("200 OK", "183 Session Progress"), retrans=0, pts="0", maps=ULAW["maps"])
    s.recv("CANCEL").reply("200 OK", tag=False)
    uas = Sipp(bench, s, port=port, args=["-rtp_echo"]).listening()
    a = Phone(bench, "a", "1001", "secret1001", pbx.address, 440)
    a.wait_registered()
    a.dial("2002")
    until("early media to be heard", lambda: Sound(a.heard()).seconds(440) > 1, 20)
    if a.has("CALL_ESTABLISHED"):
        raise Failure("the call was answered")
    a.hangup()
    uas.wait()


def office_phone():
    return PHONE.format(n=1001, extra="")


def test_cancel_crosses_ok(bench):
    """a 200 that meets our CANCEL is acknowledged and ended by BYE"""
    port = udp()
    pbx = peers(bench, ("2001", None, ""), ("2002", port, ""))
    callee = Raw(bench, pbx, "2002", port=port)
    r = Raw(bench, pbx)
    r.request("INVITE", "2002", body=r.sdp())
    invite = callee.wait("INVITE")
    callee.reply(invite, 180)
    r.wait(180)
    branch = r.branch
    r.request("CANCEL", "2002", cseq=1, branch=branch, contact=False)
    cancel = callee.wait("CANCEL")
    callee.reply(invite, 200, body=callee.sdp())
    callee.reply(cancel, 200)
    callee.wait("ACK")
    callee.reply(callee.wait("BYE"), 200)
    codes = {r.wait("final").code, r.wait("final").code}
    if codes != {200, 487}:
        raise Failure("the caller got %s" % codes)
    idle(pbx)


def test_follow_redirect(bench):
    """302 of a callee is followed: the number it names is dialed in the caller's context"""
    first, second = udp(), udp()
    pbx = peers(bench, ("2001", None, ""), ("2002", first, ""), ("2003", second, ""))
    s = Scenario("moved").recv("INVITE")
    s.send(ANSWER.split("Contact:")[0].replace("200 OK", "302 Moved Temporarily") +
           "Contact: <mailto:them@x.test>;q=1.0, <sip:9@127.0.0.1:1>;q=0.1, <sip:2003@127.0.0.1:1>;q=0.9\nContent-Length: 0\n",
           retrans=500).recv("ACK")
    moved = Sipp(bench, s, port=first).listening()
    s = Scenario("new").recv("INVITE").send(ANSWER, retrans=500, pts="0", maps=ULAW["maps"]).recv("ACK")
    s.recv("BYE").reply("200 OK", tag=False)
    new = Sipp(bench, s, port=second).listening()
    r = Raw(bench, pbx)
    r.up("2002")
    moved.wait()
    told(pbx, r"redirect")
    r.request("BYE", "2002", uri=r.peer).expect(200)
    new.wait()
    if not new.received(r"INVITE sip:2003@"):
        raise Failure("the new address got " + new.messages())


def test_digits(bench):
    """digits as INFO and as RFC 4733 events arrive in Read"""
    pbx = peers(bench, ("2001", None, "dtmf_mode=info"), more=office_phone())
    r = Raw(bench, pbx)
    r.up("610")
    for d in "47":
        r.request("INFO", "610", uri=r.peer, extra="Content-Type: application/dtmf-relay\n",
                  body="Signal=%s\nDuration=160\n" % d).expect(200)
    r.request("INFO", "610", uri=r.peer, extra="Content-Type: application/dtmf\n", body="#").expect(200)
    told(pbx, r"digits 47\b")
    r.wait("BYE")
    a = Phone(bench, "a", "1001", "secret1001", pbx.address, 440)
    a.wait_registered()
    a.dial("610")
    a.wait("CALL_ESTABLISHED")
    a.digits("2580")
    told(pbx, r"digits 2580")
    a.wait("CALL_CLOSED")


def test_odd_requests(bench):
    """482 483 420 416 405 501 481 415: what cannot be served is refused by its right number"""
    port = udp()
    pbx = peers(bench, ("2001", None, ""), ("2002", port, ""))
    silent = Raw(bench, pbx, "2002", port=port)
    r = Raw(bench, pbx)

    def gets(code, method="INVITE", **kw):
        r.call_id += "x"
        r.request(method, "600", **kw)
        m = r.expect(code)
        if method == "INVITE":
            r.ack(m)
        return m
    m = gets(420, extra="Require: foo, bar\n")
    if m.get("Unsupported").replace(" ", "") != "foo,bar":
        raise Failure("Unsupported: " + m.text)
    m = gets(420, extra="Require: foo\nProxy-Require: privacy\nProxy-Require: sec-agree\n")
    if m.get("Unsupported").replace(" ", "") != "foo,privacy,sec-agree":
        raise Failure("Unsupported: " + m.text)
    gets(416, uri="http://example.test/")
    gets(483, forwards=0)
    m = gets(405, "PUBLISH")
    if "INVITE" not in m.get("Allow"):
        raise Failure("no Allow in " + m.text)
    gets(501, "FROBNICATE")
    gets(481, "BYE")
    gets(415, extra="Content-Type: application/pkcs7-mime\n", body="x")
    gets(404, uri="sip:4711@127.0.0.1", body=r.sdp())
    r.call_id += "x"
    r.request("INVITE", "2002", body=r.sdp())
    silent.wait("INVITE")
    r.request("INVITE", "2002", body=r.sdp(), cseq=r.cseq)
    m = r.expect(482)
    r.ack(m)


def test_caller_gone(bench):
    """a caller that has gone before any answer is noticed by the next 1xx"""
    pbx = peers(bench, ("2001", None, ""))
    for kind in ("udp", "tcp"):
        r = Raw(bench, pbx, kind=kind)
        r.request("INVITE", "616", body=r.sdp())
        r.wait(180)
        r.sock.close()
        idle(pbx)
        told(pbx, r"cannot be reached: nothing listens")


def test_loop(bench):
    """a call that comes back to us again and again ends with 483 when its hops are used up"""
    pbx = peers(bench, ("2001", None, ""), more=PEER.format(n="self", ep="", aor="contact=sip:615@127.0.0.1:@PORT@\n"))
    r = Raw(bench, pbx)
    r.request("INVITE", "615", body=r.sdp(), forwards=7)
    r.ack(r.expect(483))
    idle(pbx)
    # What came with 7 was sent on seven times; the eighth INVITE was refused before it became a call.
    n = pbx.cli("call list").count(" 615 ")
    if n != 7:
        raise Failure("%d calls:\n%s" % (n, pbx.cli("call list")))


def test_tcp_keepalive_and_loss(bench):
    """CRLF is answered on TCP; a call outlives its connection both ways"""
    pbx = peers(bench, ("2001", None, ""))
    r = Raw(bench, pbx, kind="tcp")
    r.sock.sendall(b"\r\n\r\n")
    if r.sock.recv(10) != b"\r\n":
        raise Failure("the ping got no pong")
    r.up("600")
    r.sock.close()
    again = Raw(bench, pbx, kind="tcp")
    again.call_id, again.tag, again.to_tag, again.cseq, again.peer = r.call_id, r.tag, r.to_tag, r.cseq, r.peer
    again.request("BYE", "600", uri=again.peer).expect(200)
    idle(pbx)
    # The other way: our BYE opens a connection to the Contact.
    r = Raw(bench, pbx, kind="tcp")
    door = socket.socket()
    bench.cleanup(door.close)
    door.bind(("127.0.0.1", 0))
    door.listen(1)
    door.settimeout(10)
    r.port = door.getsockname()[1]
    r.up("600")
    r.sock.close()
    pbx.cli("channel request hangup all")
    r.sock, r.buf = door.accept()[0], b""
    bench.cleanup(r.sock.close)
    r.reply(r.wait("BYE"), 200)
    idle(pbx)


def test_headers_and_identity(bench):
    """PJSIP_HEADER, PJSIP_DIAL_CONTACTS, callerid, from_user, from_domain, P-Asserted-Identity"""
    port, b, c = udp(), udp(), udp()
    pbx = peers(bench, ("2001", None, "callerid=\"Number One\" <4711>\ntrust_id_inbound=yes"),
                ("2002", port, "send_pai=yes\nfrom_user=us\nfrom_domain=home.test"),
                more=PEER.format(n=2003, ep="", aor="contact=sip:x@127.0.0.1:%d\ncontact=sip:y@127.0.0.1:%d\n" % (b, c)) +
                PEER.format(n=2004, ep="trust_id_inbound=yes", aor="max_contacts=1"))
    callee = Raw(bench, pbx, "2002", port=port)
    r = Raw(bench, pbx)

    def seen(by, to, **kw):
        by.call_id += "x"
        by.request("INVITE", to, body=by.sdp(), **kw)
        m = callee.wait("INVITE")
        callee.reply(m, 486)
        by.ack(by.wait("final"))
        callee.wait("ACK")
        return m
    m = seen(r, "611", extra="X-Test: heard this\n")
    told(pbx, r"header heard this")
    checks = [(m.get("X-Mark"), "from the dial plan"),
              (m.get("From").partition(";tag")[0], '"Number One" <sip:us@home.test>'),
              (m.get("P-Asserted-Identity"), '"Number One" <sip:4711@home.test>')]
    m = seen(r, "613")
    checks += [(m.get("From").partition(";tag")[0], '"Some Body" <sip:us@home.test>')]
    m = seen(Raw(bench, pbx, "2004"), "2002", extra='P-Asserted-Identity: "Asserted" <sip:99@x.test>\n')
    checks += [(m.get("P-Asserted-Identity"), '"Asserted" <sip:99@home.test>')]
    for got, wanted in checks:
        if got != wanted:
            raise Failure("wanted %s, got %s" % (wanted, got))
    two = [Raw(bench, pbx, "2003", port=p) for p in (b, c)]
    r.call_id += "x"
    r.request("INVITE", "612", body=r.sdp())
    for x in two:
        m = x.wait("INVITE")
        x.reply(m, 486)
    r.ack(r.wait("final"))
    told(pbx, r"contacts PJSIP/2003/sip:x@127.0.0.1:%d&PJSIP/2003/sip:y@127.0.0.1:%d" % (b, c))


def test_long_invite(bench):
    """an INVITE too long for a datagram goes by UDP, or with disable_tcp_switch=no by TCP where somebody listens"""
    port = udp()
    ends = ("2001", None, ""), ("2002", port, "")
    plain = peers(bench, *ends)
    callee = Raw(bench, plain, "2002", port=port)

    def call(pbx, r, answers):
        r.request("INVITE", "614", body=r.sdp())
        m = answers.wait("INVITE")
        if len(m.text) < 1300:
            raise Failure("the INVITE is short: " + m.text)
        answers.reply(m, 486)
        answers.wait("ACK")
        r.ack(r.expect(486))
        return m.get("Via").split()[0].rpartition("/")[2] + " " + m.get("Contact")
    way = call(plain, Raw(bench, plain), callee)
    if not way.startswith("UDP") or "tcp" in way:
        raise Failure("it went by " + way)
    pbx = peers(bench, *ends, more="\n[system]\ntype=system\ndisable_tcp_switch=no\n", name="switch")
    callee.remote = ("127.0.0.1", pbx.port)
    way = call(pbx, Raw(bench, pbx), callee)  # nobody listens on TCP
    if not way.startswith("UDP"):
        raise Failure("with nobody on TCP it went by " + way)
    door = socket.socket()
    bench.cleanup(door.close)
    door.bind(("127.0.0.1", port))
    door.listen(1)
    door.settimeout(10)
    r = Raw(bench, pbx)
    r.request("INVITE", "614", body=r.sdp())
    callee.kind, callee.sock = "tcp", door.accept()[0]
    bench.cleanup(callee.sock.close)
    m = callee.wait("INVITE")
    if "/TCP " not in m.get("Via") or "transport=tcp" not in m.get("Contact"):
        raise Failure("by TCP it says " + m.text)
    callee.reply(m, 486)
    callee.wait("ACK")
    r.ack(r.expect(486))
