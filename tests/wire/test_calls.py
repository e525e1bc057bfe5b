# SPDX-License-Identifier: BSD-3-Clause
"""Two phones register, call each other and talk."""
from wire import Failure, Pbx, Sound, until
from office import office, EXTENSIONS
from phone import Phone
from sipp import ACK_2XX, BYE, REINVITE, Scenario, Sipp, ULAW


def pair(bench, pbx, **kw):
    a = Phone(bench, "a", "1001", "secret1001", pbx.address, 440, **kw.get("a", {}))
    b = Phone(bench, "b", "1002", "secret1002", pbx.address, 660, **kw.get("b", {}))
    a.wait_registered()
    b.wait_registered()
    return a, b


def connect(a, b, number):
    a.dial(number)
    b.wait("CALL_INCOMING")
    b.answer()
    a.wait("CALL_ESTABLISHED")
    b.wait("CALL_ESTABLISHED")


def talk(pbx, phone_files, seconds):
    """Let time pass as the recordings show it, not the clock of the test."""
    until("%s s of sound" % seconds,
          lambda: all(Sound(f()).length() >= seconds for f in phone_files), seconds * 4 + 10)


def judge(phone, hears, own, at_least):
    s = Sound(phone.heard())
    if s.seconds(hears) < at_least:
        raise Failure("%s heard %d Hz for %.1f s of %.1f s, wanted %.1f" % (
            phone.name, hears, s.seconds(hears), s.length(), at_least))
    if s.trace(own, 0.01) > 0.2:
        raise Failure("%s heard its own %d Hz for %.1f s" % (phone.name, own, s.trace(own, 0.01)))


def two_phones(bench, a_opts, b_opts, seconds=3, transport="udp"):
    pbx = Pbx(bench, office())
    a, b = pair(bench, pbx, a=dict(a_opts, transport=transport), b=dict(b_opts, transport=transport))
    connect(a, b, "1002")
    flowing(pbx, seconds)
    a.hangup()
    b.wait("CALL_CLOSED")
    judge(a, 660, 440, seconds - 1)
    judge(b, 440, 660, seconds - 1)
    until("no channel left", lambda: "0 active channels" in pbx.cli("core show channels"))
    return pbx


def flowing(pbx, seconds, legs=2):
    """Wait until that many seconds of packets have come in on each leg."""
    def enough():
        rows = pbx.json("sip show channelstats")
        rows = rows if isinstance(rows, list) else next(v for v in rows.values() if isinstance(v, list))
        return sum(1 for r in rows if int(r["rx_packets"]) >= seconds * 50) >= legs
    until("%s s of packets on %d legs" % (seconds, legs), enough, seconds + 20)


def test_two_phones(bench):
    """two phones talk in both directions"""
    two_phones(bench, {}, {})


def test_two_phones_tcp(bench):
    """the same over TCP"""
    two_phones(bench, {}, {}, transport="tcp")


def test_alaw_to_g722(bench):
    """one has only A-law, the other only G.722"""
    two_phones(bench, dict(accept="PCMA/8000/1"), dict(codecs="g722", accept="G722/16000/1"))


def test_echo(bench):
    """600 sends one's own voice back"""
    pbx = Pbx(bench, office())
    a = Phone(bench, "a", "1001", "secret1001", pbx.address, 440)
    a.wait_registered()
    a.dial("600")
    a.wait("CALL_ESTABLISHED")
    flowing(pbx, 3, legs=1)
    a.hangup()
    a.wait("CALL_CLOSED")
    s = Sound(a.heard())
    if s.seconds(440) < 2:
        raise Failure("heard oneself for %.1f s only" % s.seconds(440))


def test_announcement_and_music(bench):
    """601 speaks, then plays music"""
    pbx = Pbx(bench, office())
    a = Phone(bench, "a", "1001", "secret1001", pbx.address, 440)
    a.wait_registered()
    a.dial("601")
    a.wait("CALL_ESTABLISHED")
    flowing(pbx, 6, legs=1)
    a.hangup()
    a.wait("CALL_CLOSED")
    s = Sound(a.heard())
    if s.loud() < 3 or s.trace(440, 0.3) > 0.5:
        raise Failure("of %.1f s only %.1f were audible" % (s.length(), s.loud()))


def test_fork(bench):
    """of two contacts one answers, the other gets CANCEL"""
    pbx = Pbx(bench, office())
    a, b = pair(bench, pbx)
    loser = (Scenario("loser").register("1002", "secret1002").recv(200))
    port = Sipp(bench, loser, pbx.address)
    port.wait()
    waits = (Scenario("rings").recv("INVITE").reply("180 Ringing").recv("CANCEL").reply("200 OK")
             .send(CANCELLED, retrans=500).recv("ACK"))
    other = Sipp(bench, waits, port=port.port).listening()
    a.dial("1002")
    b.wait("CALL_INCOMING")
    until("the other contact rings", lambda: other.received(r"INVITE sip:"))
    b.answer()
    a.wait("CALL_ESTABLISHED")
    other.wait()
    if not other.received(r"(?s)CANCEL sip:.*Reason:.*"):
        raise Failure("the CANCEL has no Reason: %s" % other.messages()[-800:])
    flowing(pbx, 2)
    a.hangup()
    b.wait("CALL_CLOSED")
    judge(a, 660, 440, 1)
    judge(b, 440, 660, 1)


CANCELLED = """\
SIP/2.0 487 Request Terminated
Via: SIP/2.0/[transport] [remote_ip]:[remote_port];branch=[branch]
[last_Via:]
[last_From:]
[last_To:];tag=[pid]SIPpTag01[call_number]
[last_Call-ID:]
CSeq: 1 INVITE
Content-Length: 0
""".replace("Via: SIP/2.0/[transport] [remote_ip]:[remote_port];branch=[branch]\n", "")


def test_hold_and_resume(bench):
    """a held phone hears music, after resuming there is sound both ways again"""
    pbx = Pbx(bench, office())
    b = Phone(bench, "b", "1002", "secret1002", pbx.address, 660)
    b.wait_registered()
    # The holder echoes media, so what b hears of its own tone has gone both ways.
    s = Scenario("holder").invite("1001", "1002", "secret1001").recv(200, rrs=True)
    s.send(ACK_2XX, user="1001", cseq=2, retrans=0).pause(3000)
    for cseq, direction in ((3, "a=sendonly\n"), (4, "a=sendrecv\n")):
        s.send(REINVITE, user="1001", cseq=cseq, pts="0", maps=ULAW["maps"] + direction)
        s.recv(100, optional=True).recv(401, optional=True).recv(200, rrs=True)
        s.send(ACK_2XX, user="1001", cseq=cseq, retrans=0).pause(3000)
    s.send(BYE, user="1001", cseq=5).recv(200)
    holder = Sipp(bench, s, pbx.address, args=["-rtp_echo"])
    b.wait("CALL_INCOMING")
    b.answer()
    until("b's tone to come back", lambda: Sound(b.heard()).seconds(660) > 1.5, 20)
    until("the story tells of the hold", lambda: "on hold" in pbx.cli("call show last"))
    before = Sound(b.heard())
    until("b hears music", lambda: Sound(b.heard()).loud() - Sound(b.heard()).seconds(660) > 1, 20)
    holder.wait()
    b.wait("CALL_CLOSED")
    after = Sound(b.heard())
    if after.seconds(660) < before.seconds(660) + 1.5:
        raise Failure("b heard its tone for %.1f s before and %.1f s in all" % (
            before.seconds(660), after.seconds(660)))


def test_blind_transfer_by_code(bench):
    """#1 and a number send the other party there"""
    pbx = Pbx(bench, office())
    a, b = pair(bench, pbx)
    c = Phone(bench, "c", "1003", "secret1003", pbx.address, 880)
    c.wait_registered()
    connect(a, b, "1002")
    flowing(pbx, 1)
    b.digits("#1")
    until("the transfer prompt is played", lambda: "transfer" in pbx.cli("call show last").lower())
    b.digits("1003")
    c.wait("CALL_INCOMING", 20)
    c.answer()
    c.wait("CALL_ESTABLISHED")
    b.wait("CALL_CLOSED")
    until("a hears c", lambda: Sound(a.heard()).seconds(880) > 1.5, 20)
    a.hangup()
    c.wait("CALL_CLOSED")
    s = Sound(c.heard())
    if s.seconds(440) < 1:
        raise Failure("c heard a for %.1f s" % s.seconds(440))
