# SPDX-License-Identifier: BSD-3-Clause
"""What happens in the middle of calls: codecs and ports that change, digits across the bridge, transfers that fail."""
import re
import socket

from wire import Failure, Pbx, Sound, free_port, until
from office import office
from phone import Phone
from raw import Raw
from sipp import Scenario, Sipp
from test_calls import connect, flowing, pair
from test_causes import told
from voice import ALAW, ULAW, Voice

SOFT = """
[2001](phone)
aors=2001
{ep}
[2001]
type=aor
contact=sip:2001@127.0.0.1:{port}

[2002](phone)
aors=2002
{ep2}
[2002]
type=aor
contact=sip:2002@127.0.0.1:{port2}
"""
PLAN = "\nexten => _20XX,1,Dial(PJSIP/${EXTEN},20,tT)\n same => n,Hangup()\nexten => 703,1,Hangup(17)\n"


def house(bench, ep="", ep2="", ring=False):
    """A PBX with two raw peers without passwords beside the office's phones."""
    ports = [free_port(socket.SOCK_DGRAM) for _ in range(2)]
    files = office(more=SOFT.format(port=ports[0], port2=ports[1], ep=ep, ep2=ep2))
    files["extensions.conf"] += PLAN
    pbx = Pbx(bench, files)
    return pbx, Raw(bench, pbx, "2001", port=ports[0]), Raw(bench, pbx, "2002", port=ports[1])


def to_phone(bench, pbx, r, tone=660, **kw):
    """The raw peer calls 1002, which answers; gives the phone and the raw peer's voice."""
    b = Phone(bench, "b", "1002", "secret1002", pbx.address, tone)
    b.wait_registered()
    v = Voice(bench, 440)
    r.request("INVITE", "1002", body=r.sdp(port=v.port, **kw))
    b.wait("CALL_INCOMING")
    b.answer()
    ok = r.expect(200)
    r.ack(ok)
    r.peer = ok.get("Contact").strip("<>")
    v.send_to(ok.body)
    return b, v, ok


def hears(who, tone, seconds, since=0):
    until("%s to hear %d Hz for %.1f s" % (who.name, tone, seconds),
          lambda: Sound(who.heard()).seconds(tone) >= since + seconds, 20)


def again(r, v, **kw):
    """A re-INVITE; gives its answer."""
    r.request("INVITE", "1002", uri=r.peer, body=r.sdp(port=v.port, version=r.cseq + 5, **kw))
    ok = r.expect(200)
    r.ack(ok)
    return ok


def end(r, to, phone):
    r.request("BYE", to, uri=r.peer).expect(200)
    phone.wait("CALL_CLOSED")


def test_codec_changes(bench):
    """a re-INVITE changes the codec in mid-call: the sound goes on both ways"""
    pbx, r, _ = house(bench)
    b, v, ok = to_phone(bench, pbx, r)
    hears(b, 440, 1)
    until("the tone at the raw end", lambda: v.heard(660) > 1)
    ok = again(r, v, pts="8", maps="a=rtpmap:8 PCMA/8000\n")
    if " 8" not in ok.body.split("m=audio ")[1].split("\r\n")[0]:
        raise Failure("the answer does not take A-law: " + ok.body)
    v.send_to(ok.body, pt=ALAW)
    before = Sound(b.heard()).seconds(440), v.heard(660)
    hears(b, 440, 1.5, before[0])
    until("the tone as A-law", lambda: len(v.packets(ALAW)) > 75 and v.heard(660) > before[1] + 1.5)
    end(r, "1002", b)


def test_port_changes(bench):
    """a re-INVITE changes the RTP port in mid-call: nothing is sent to the old one, sound goes on"""
    pbx, r, _ = house(bench)
    b, v, ok = to_phone(bench, pbx, r)
    hears(b, 440, 1)
    v.move()
    ok = again(r, v)
    v.send_to(ok.body)
    before, got = Sound(b.heard()).seconds(440), v.heard(660)
    hears(b, 440, 1.5, before)
    until("the tone at the new port", lambda: v.heard(660) > got + 1.5)
    end(r, "1002", b)


def test_packet_times(bench):
    """a peer that sends 10, 30 or 40 ms a packet is heard without gaps"""
    pbx, r, _ = house(bench)
    b, v, ok = to_phone(bench, pbx, r)
    for ptime in (10, 30, 40):
        v.send_to(ok.body, ptime=ptime)
        hears(b, 440, 2, Sound(b.heard()).seconds(440))
    end(r, "1002", b)


def test_rich_offer(bench):
    """an offer with video, ICE candidates, rtcp-mux and feedback: audio is taken, the rest declined in its place"""
    pbx, r, _ = house(bench)
    more = ("a=candidate:1 1 UDP 2130706431 127.0.0.1 %d typ host\na=ice-ufrag:abcd\na=ice-pwd:abcdefghijklmnopqrstuv\n"
            "a=rtcp-mux\na=rtcp-fb:* trr-int 1000\na=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL voip-metrics\n"
            "m=video 30002 RTP/AVPF 96 97\na=rtpmap:96 VP8/90000\na=rtpmap:97 H264/90000\na=fmtp:97 profile-level-id=42801F\n")
    b, v, ok = to_phone(bench, pbx, r, pts="96 0 8 101", maps="a=rtpmap:96 opus/48000/2\na=rtpmap:0 PCMU/8000\n"
                        "a=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n", more=more % 30000)
    lines = re.findall(r"(?m)^m=(\w+) (\d+) (\S+)", ok.body)
    if [x[0] for x in lines] != ["audio", "video"] or lines[1][1] != "0" or lines[1][2] != "RTP/AVPF":
        raise Failure("the answer's lines are %s" % lines)
    hears(b, 440, 1.5)
    until("the tone at the raw end", lambda: v.heard(660) > 1.5)
    end(r, "1002", b)


def test_digits_across(bench):
    """digits by INFO arrive as RFC 4733 events with their durations, and events as INFO"""
    pbx, r, c = house(bench, ep="dtmf_mode=info", ep2="dtmf_mode=rfc4733")
    a, v = Voice(bench, 440), Voice(bench, 880)
    r.request("INVITE", "2002", body=r.sdp(port=a.port))
    m = c.wait("INVITE")
    both = dict(pts="0 101", maps="a=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n")
    c.reply(m, 200, body=c.sdp(port=v.port, **both))
    ok = r.expect(200)
    r.ack(ok)
    c.wait("ACK")
    c.joins(m)
    r.peer = ok.get("Contact").strip("<>")
    a.send_to(ok.body)
    v.send_to(m.body)
    until("sound both ways", lambda: v.heard(440) > 0.5 and a.heard(880) > 0.5)
    sent = [("4", 100), ("9", 250), ("D", 400)]
    for digit, ms in sent:
        r.request("INFO", "2002", uri=r.peer, extra="Content-Type: application/dtmf-relay\n",
                  body="Signal=%s\nDuration=%d\n" % (digit, ms)).expect(200)
    until("three digits", lambda: len({e[3] for e in v.events if e[1]}) == 3)
    got = v.digits()
    if [d for d, _ in got] != [d for d, _ in sent] or any(abs(x[1] - y[1]) > 40 for x, y in zip(got, sent)):
        raise Failure("sent %s, came %s" % (sent, got))
    # The tone goes on after the digits.
    before = v.heard(440)
    until("sound again", lambda: v.heard(440) > before + 1)
    events(v, "7", 200)
    info = r.wait("INFO")
    r.reply(info, 200)
    if not re.search(r"(?i)signal\s*=\s*7", info.body) or not re.search(r"(?i)duration\s*=\s*(1[6-9]\d|2[0-4]\d)", info.body):
        raise Failure("the INFO says " + info.body)
    r.request("BYE", "2002", uri=r.peer).expect(200)
    c.reply(c.wait("BYE"), 200)


def events(v, digit, ms):
    """Sends a digit as a phone does: every 20 ms, its end three times."""
    import struct
    import time
    code, ts = "0123456789*#ABCD".index(digit), v.ts
    for i in list(range(20, ms + 1, 20)) + [ms, ms]:
        ended = i == ms
        with v.lock:
            v.sock.sendto(struct.pack("!BBHIIBBH", 0x80, 101 | (0x80 if i == 20 else 0), v.seq & 0xffff, ts & 0xffffffff,
                                      v.ssrc, code, (0x80 if ended else 0) | 10, i * 8), v.remote)
            v.seq += 1
        time.sleep(0.02)


def test_transfer_nowhere(bench):
    """a transfer to a number that does not exist is refused, and both go on talking"""
    pbx = Pbx(bench, office())
    a, b = pair(bench, pbx)
    connect(a, b, "1002")
    flowing(pbx, 1)
    b.digits("#1")
    until("the transfer prompt", lambda: "transfer" in pbx.cli("call show last").lower())
    b.digits("7")  # nothing longer would match
    told(pbx, r"transfer: 7 does not exist in the context internal")
    hears(a, 660, 1.5, Sound(a.heard()).seconds(660))
    hears(b, 440, 1.5, Sound(b.heard()).seconds(440))
    a.hangup()
    b.wait("CALL_CLOSED")


def test_transfer_to_busy(bench):
    """who is sent on to somebody busy is told so, and the story says why it ended"""
    files = office()
    files["extensions.conf"] += PLAN
    pbx = Pbx(bench, files)
    a, b = pair(bench, pbx)
    connect(a, b, "1002")
    flowing(pbx, 1)
    b.digits("#1")
    until("the transfer prompt", lambda: "transfer" in pbx.cli("call show last").lower())
    b.digits("703")
    b.wait("CALL_CLOSED", 20)
    a.wait("CALL_CLOSED", 20)
    told(pbx, r"transfer", r"703", r"busy")


def test_hang_up_while_transferring(bench):
    """either side hangs up while the number is dialed: no leg stays"""
    pbx = Pbx(bench, office())
    a, b = pair(bench, pbx)
    for leaves, stays in ((b, a), (a, b)):
        connect(a, b, "1002")
        flowing(pbx, 1)
        b.digits("#1")
        until("the transfer prompt", lambda: "transfer" in pbx.cli("call show last").lower())
        b.digits("10")
        leaves.hangup()
        stays.wait("CALL_CLOSED")
        until("no channel left", lambda: "0 active channels" in pbx.cli("core show channels"))


def test_phone_moves(bench):
    """a phone registers from a new port while its old contact is dead: it rings, and the call is up at once"""
    pbx = Pbx(bench, office())
    a = Phone(bench, "a", "1001", "secret1001", pbx.address, 440)
    a.wait_registered()
    gone = Sipp(bench, Scenario("gone").register("1002", "secret1002").recv(200), pbx.address)
    gone.wait()
    b = Phone(bench, "b", "1002", "secret1002", pbx.address, 660)
    b.wait_registered()
    connect(a, b, "1002")
    hears(a, 660, 1)
    hears(b, 440, 1)
    a.hangup()
    b.wait("CALL_CLOSED")


def test_all_contacts_dead(bench):
    """both contacts are dead: the caller hears of it at once, and the story names both"""
    pbx = Pbx(bench, office())
    ports = []
    for i in range(2):
        s = Sipp(bench, Scenario("dead%d" % i).register("1002", "secret1002").recv(200), pbx.address)
        s.wait()
        ports.append(s.port)
    Sipp(bench, Scenario("caller").invite("1001", "1002", "secret1001").recv(480), pbx.address).wait(10)
    text = pbx.cli("call show last")
    for p in ports:
        if ":%d" % p not in text:
            raise Failure("the contact at %d is not in %s" % (p, text))
    told(pbx, r"nothing listens")


def test_offer_before_the_answer(bench):
    """a second INVITE while the first rings is refused with 500 and Retry-After; the call goes on"""
    pbx, r, c = house(bench)
    r.request("INVITE", "2002", body=r.sdp())
    m = c.wait("INVITE")
    c.reply(m, 180)
    ringing = r.wait(180)
    first, branch = r.cseq, r.branch
    r.to_tag = ringing.get("To").partition(";tag=")[2]
    r.request("INVITE", "2002", uri=ringing.get("Contact").strip("<>"), body=r.sdp(more="a=sendonly\n"))
    no = r.wait("final")
    if no.code not in (491, 500) or (no.code == 500 and not no.get("Retry-After")):
        raise Failure("it was answered " + no.text)
    r.request("ACK", "2002", uri=ringing.get("Contact").strip("<>"), branch=r.branch)
    c.reply(m, 200, body=c.sdp())
    ok = r.expect(200)
    r.branch = branch
    r.ack(ok, cseq=first)
    r.peer = ok.get("Contact").strip("<>")
    c.wait("ACK")
    r.request("BYE", "2002", uri=r.peer).expect(200)
    c.reply(c.wait("BYE"), 200)


def test_forms_of_hold(bench):
    """hold by sendonly, inactive and address 0.0.0.0: the held side hears music alone; afterwards sound both ways"""
    pbx, r, _ = house(bench)
    b, v, ok = to_phone(bench, pbx, r)
    hears(b, 440, 1)
    for form, answer in ((dict(more="a=sendonly\n"), "recvonly"), (dict(more="a=inactive\n"), "inactive"),
                         (dict(host="0.0.0.0"), None)):
        ok = again(r, v, **form)
        if answer and "a=" + answer not in ok.body:
            raise Failure("%s was answered %s" % (form, ok.body))
        before = Sound(b.heard())
        music = before.loud() - before.seconds(440)
        until("music while held by %s" % form, lambda: Sound(b.heard()).loud() - Sound(b.heard()).seconds(440) > music + 1, 15)
        mine, theirs = Sound(b.heard()).seconds(440), len(v.got)
        until("more music", lambda: Sound(b.heard()).loud() - Sound(b.heard()).seconds(440) > music + 2, 15)
        if Sound(b.heard()).seconds(440) > mine + 0.3:
            raise Failure("held by %s, the phone hears the holder" % form)
        if len(v.got) > theirs + 5:
            raise Failure("held by %s, the holder is still sent %d packets" % (form, len(v.got) - theirs))
        ok = again(r, v)
        if "a=sendrecv" not in ok.body:
            raise Failure("resuming was answered " + ok.body)
        v.send_to(ok.body)
        mine, theirs = Sound(b.heard()).seconds(440), v.heard(660)
        hears(b, 440, 1, mine)
        until("the tone after %s" % form, lambda: v.heard(660) > theirs + 1)
    end(r, "1002", b)
