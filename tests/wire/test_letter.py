# SPDX-License-Identifier: BSD-3-Clause
"""SIP to the letter: what is rare on the wire, and right all the same."""
import hashlib
import re
import socket

from wire import Failure
from raw import Raw
from test_sip import idle, peers, udp


def bye(r, to="600"):
    r.request("BYE", to, uri=r.peer)
    while True:  # a 200 of the INVITE may still come again
        m = r.wait("final")
        if m.get("CSeq").endswith("BYE"):
            break
    if m.code != 200:
        raise Failure("the BYE got " + m.text)


def established(r, ok):
    r.ack(ok)
    r.peer = ok.get("Contact").strip("<>")


class Drip:
    """A socket that sends each byte for itself."""

    def __init__(self, sock):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock

    def __getattr__(self, name):
        return getattr(self.sock, name)

    def sendall(self, data):
        for i in range(len(data)):
            self.sock.sendall(data[i:i + 1])


def test_stream(bench):
    """by TCP: byte by byte, two messages in one segment, line ends between, a connection that ends in a message"""
    pbx = peers(bench, ("2001", None, ""))
    r = Raw(bench, pbx, kind="tcp")
    r.sock = Drip(r.sock)
    r.up("600")
    bye(r)
    r = Raw(bench, pbx, kind="tcp")
    texts, r.send_text = [], lambda text: texts.append(text.replace("\n", "\r\n").encode())
    r.request("OPTIONS", "600")
    r.request("OPTIONS", "600")
    r.sock.sendall(b"\r\n" + texts[0] + b"\r\n\r\n" + texts[1][:50])
    r.expect(200)
    r.sock.sendall(texts[1][50:])
    r.expect(200)
    r.sock.sendall(texts[0][:100])
    r.sock.close()
    r = Raw(bench, pbx, kind="tcp")
    r.request("OPTIONS", "600").expect(200)


def test_compact(bench):
    """compact names, folded lines, blanks before the colon, any case"""
    pbx = peers(bench, ("2001", None, ""))
    r = Raw(bench, pbx)
    sdp = r.sdp().replace("\n", "\r\n")
    r.branch, r.cseq = "z9hG4bKcompact", 1
    r.send_text("INVITE sip:600@127.0.0.1:%d SIP/2.0\nv : SIP/2.0/UDP 127.0.0.1:%d\n ;branch=%s;\n\trport\n"
                "MAX-forwards:70\nf:\n \"A\n  B\" <sip:2001@x>\n ;tag=%s\nt: <sip:600@x>\ni: %s\nCSEQ: 1\n INVITE\n"
                "m: <%s>\nk: 100rel,timer\nc: application/sdp\nl: %d\n\n%s" % (
                    pbx.port, r.port, r.branch, r.tag, r.call_id, r.uri(), len(sdp), sdp))
    established(r, r.expect(200))
    bye(r)
    idle(pbx)


def test_repeated_invite(bench):
    """an INVITE that comes again after its 200 makes no second call; every 200 is the same"""
    pbx = peers(bench, ("2001", None, ""))
    r = Raw(bench, pbx)
    texts, send = [], r.send_text
    r.send_text = lambda text: (texts.append(text), send(text))
    r.request("INVITE", "600", body=r.sdp())
    ok = r.expect(200)
    send(texts[0])
    again = r.expect(200)
    if again.text != ok.text:
        raise Failure("the 200 changed:\n%s\n%s" % (ok.text, again.text))
    established(r, again)
    bye(r)
    idle(pbx)


def test_update(bench):
    """UPDATE with a description is answered by one, without one by none (RFC 3311)"""
    pbx = peers(bench, ("2001", None, ""))
    r = Raw(bench, pbx)
    r.up("600")
    held = r.request("UPDATE", "600", uri=r.peer, body=r.sdp(version=2, more="a=sendonly\n")).expect(200)
    if "a=recvonly" not in held.body:
        raise Failure("the offer was answered with " + held.text)
    plain = r.request("UPDATE", "600", uri=r.peer).expect(200)
    if plain.body:
        raise Failure("no offer was answered with " + plain.text)
    bye(r)
    idle(pbx)


def called(bench, pbx, port):
    """A caller whose call waits for its callee: both, and the INVITE that the callee got."""
    callee, r = Raw(bench, pbx, "2002", port=port), Raw(bench, pbx)
    r.request("INVITE", "2002", body=r.sdp())
    return r, callee, callee.wait("INVITE")


def test_description_late(bench):
    """180 without a description, then 183 with one, then the 200"""
    port = udp()
    pbx = peers(bench, ("2001", None, ""), ("2002", port, ""))
    r, callee, invite = called(bench, pbx, port)
    callee.reply(invite, 180)
    if r.wait(180).body:
        raise Failure("a 180 with a description came")
    callee.reply(invite, 183, body=callee.sdp())
    if "m=audio" not in r.wait(183).body:
        raise Failure("a 183 without a description came")
    callee.reply(invite, 200, body=callee.sdp())
    callee.wait("ACK")
    established(r, r.expect(200))
    bye(r, "2002")
    callee.reply(callee.wait("BYE"), 200)
    idle(pbx)


def test_bye_crosses_bye(bench):
    """a BYE that crosses ours on the way: each gets its 200"""
    port = udp()
    pbx = peers(bench, ("2001", None, ""), ("2002", port, ""))
    r, callee, invite = called(bench, pbx, port)
    callee.reply(invite, 200, body=callee.sdp())
    callee.wait("ACK")
    established(r, r.expect(200))
    r.request("BYE", "2002", uri=r.peer).expect(200)
    ours = callee.wait("BYE")
    callee.send_text(
        "BYE %s SIP/2.0\nVia: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bKcross;rport\nMax-Forwards: 70\n"
        "From: %s;tag=raw%s\nTo: %s\nCall-ID: %s\nCSeq: 7 BYE\nContent-Length: 0\n\n" % (
            invite.get("Contact").strip("<>"), port, invite.get("To"), callee.tag, invite.get("From"),
            invite.get("Call-ID")))
    callee.expect(200)
    callee.reply(ours, 200)
    idle(pbx)


def test_bye_before_answer(bench):
    """a caller may end its early dialog by BYE (15.1.1): 200, the INVITE gets 487, the callee CANCEL"""
    port = udp()
    pbx = peers(bench, ("2001", None, ""), ("2002", port, ""))
    r, callee, invite = called(bench, pbx, port)
    callee.reply(invite, 180)
    ringing = r.wait(180)
    r.to_tag = ringing.get("To").partition(";tag=")[2]
    r.request("BYE", "2002", uri=ringing.get("Contact").strip("<>"))
    answers = {(m.get("CSeq").split()[1], m.code) for m in (r.wait("final"), r.wait("final"))}
    if answers != {("BYE", 200), ("INVITE", 487)}:
        raise Failure("the caller got %s" % answers)
    callee.reply(callee.wait("CANCEL"), 200)
    callee.reply(invite, 487)
    callee.wait("ACK")
    idle(pbx)


def test_streams(bench):
    """an answer has as many streams as its offer, in its order, with its payload types (RFC 3264)"""
    pbx = peers(bench, ("2001", None, ""))
    r = Raw(bench, pbx)
    r.request("INVITE", "600", body=(
        "v=0\no=raw 1 1 IN IP4 127.0.0.1\ns=-\nt=0 0\nm=image 4000 udptl t38\nc=IN IP4 127.0.0.1\n"
        "m=video 4002 RTP/AVP 99\nc=IN IP4 127.0.0.1\na=rtpmap:99 H264/90000\n"
        "m=audio 4004 RTP/AVP 97 8 96\nc=IN IP4 127.0.0.1\nb=AS:64\na=rtpmap:97 PCMU/8000\n"
        "a=rtpmap:96 telephone-event/8000\na=ptime:30\n"))
    ok = r.expect(200)
    lines = [m.split() for m in ok.body.split("\r\n") if m.startswith("m=")]
    if [m[0] for m in lines] != ["m=image", "m=video", "m=audio"] or [m[1] for m in lines[:2]] != ["0", "0"] or \
            lines[2][3:] != ["97", "96"] or "a=rtpmap:97 PCMU/8000" not in ok.body:
        raise Failure("the answer is " + ok.body)
    established(r, ok)
    bye(r)
    idle(pbx)


def test_bye_challenged(bench):
    """a callee asks for credentials within the call: our BYE comes again with them"""
    port = udp()
    pbx = peers(bench, ("2001", None, ""), ("2002", port, "outbound_auth=us"),
                more="\n[us]\ntype=auth\nusername=us\npassword=ourword\n")
    r, callee, invite = called(bench, pbx, port)
    callee.reply(invite, 200, body=callee.sdp())
    callee.wait("ACK")
    established(r, r.expect(200))
    bye(r, "2002")
    callee.reply(callee.wait("BYE"), 401,
                 extra='WWW-Authenticate: Digest realm="t", nonce="n1", algorithm=SHA-256, qop="auth"\n')
    again = callee.wait("BYE")
    a = {k: v.strip('"') for k, v in re.findall(r'(\w+)=("[^"]*"|[^,\s]+)', again.get("Authorization"))}

    def hx(*parts):
        return hashlib.sha256(":".join(parts).encode()).hexdigest()
    wanted = hx(hx("us", "t", "ourword"), "n1", a.get("nc", ""), a.get("cnonce", ""), "auth",
                hx("BYE", a.get("uri", "")))
    if a.get("response") != wanted:
        raise Failure("the BYE came again as " + again.text)
    callee.reply(again, 200)
    idle(pbx)
