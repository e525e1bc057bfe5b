# SPDX-License-Identifier: BSD-3-Clause
"""`call show` gives the true cause of what went wrong."""
import re

from wire import Failure, Pbx, free_port, until
from office import office
from phone import Phone
from sipp import Scenario, Sipp, ACK, BYE, ACK_2XX, INVITE, ULAW
import socket


def told(pbx, *patterns):
    """The story of the last call says all of these (without regard to case)."""
    def says():
        text = pbx.cli("call show last")
        return text if all(re.search(p, text, re.I | re.S) for p in patterns) else None
    try:
        return until("a story", says, 10)
    except Failure:
        raise Failure("wanted %s in:\n%s" % (patterns, pbx.cli("call show last")))


def caller(bench, pbx, to, *codes, scenario=None):
    """SIPp calls as 1001 and gets one of these final answers."""
    s = Scenario("caller").invite("1001", to, "secret1001").recv(codes[0])
    s.send(ACK, user="1001", to=to, cseq=2, back=1, retrans=0)
    sipp = Sipp(bench, s, pbx.address)
    sipp.wait()
    return sipp


def contact(bench, pbx, user="1002"):
    """Registers a contact on a port that nothing listens on afterwards. Returns the port."""
    s = Sipp(bench, Scenario("contact").register(user, "secret" + user).recv(200), pbx.address)
    s.wait()
    return s.port


def test_wrong_password(bench):
    """wrong password: no channel ever existed"""
    pbx = Pbx(bench, office())
    s = Scenario("wrong").invite("1001", "600", "wrong").recv(401)
    s.send(ACK, user="1001", to="600", cseq=2, back=1, retrans=0)
    Sipp(bench, s, pbx.address).wait()
    told(pbx, r"password", r"1001")
    if "0 calls processed" not in pbx.cli("core show channels"):
        raise Failure("a channel existed: " + pbx.cli("core show channels"))


def test_unknown_user_looks_the_same(bench):
    """unknown and known users are refused alike"""
    pbx = Pbx(bench, office())
    answers = []
    for user in ("1001", "nobody"):
        s = Scenario("u" + user).invite(user, "600", "wrong").recv(401)
        s.send(ACK, user=user, to="600", cseq=2, back=1, retrans=0)
        sipp = Sipp(bench, s, pbx.address)
        sipp.wait()
        text = sipp.messages()
        answers.append(re.sub(r'nonce="[^"]*"|opaque="[^"]*"|branch=\S+|tag=\S+|Call-ID:.*|nobody|1001|\d+', "",
                              "".join(re.findall(r"SIP/2\.0 401.*?\r?\n\r?\n", text, re.S))))
    if answers[0] != answers[1] or not answers[0]:
        raise Failure("they differ:\n%s\n---\n%s" % tuple(answers))


def test_credentials_that_identify_nobody(bench):
    """right credentials under another name: without auth_username in identify_by they are nobody's, and that is told"""
    pbx = Pbx(bench, office(extra={1002: "identify_by=username,auth_username"}))
    for user, code, says in (("1001", 401, r"nobody here is called 'anonymous'.*identify_by"),
                             ("stranger", 401, r"no credentials have that user name")):
        s = Scenario("by" + user).send(INVITE, user="anonymous", to="4711", cseq=1, **ULAW).recv(401, auth=True)
        s.send(ACK, user="anonymous", to="4711", cseq=1, back=2, retrans=0)
        s.send(INVITE, user="anonymous", to="4711", cseq=2, **dict(
            ULAW, auth="[authentication username=%s password=secret%s]\n" % (user, user))).recv(100, optional=True).recv(code)
        s.send(ACK, user="anonymous", to="4711", cseq=2, back=2, retrans=0)
        Sipp(bench, s, pbx.address).wait()
        told(pbx, says)
    s = Scenario("known").send(INVITE, user="anonymous", to="4711", cseq=1, **ULAW).recv(401, auth=True)
    s.send(ACK, user="anonymous", to="4711", cseq=1, back=2, retrans=0)
    s.send(INVITE, user="anonymous", to="4711", cseq=2, **dict(
        ULAW, auth="[authentication username=1002 password=secret1002]\n")).recv(100, optional=True).recv(404)
    Sipp(bench, s, pbx.address).wait()


def test_unknown_extension(bench):
    """unknown extension"""
    pbx = Pbx(bench, office())
    caller(bench, pbx, "4711", 404)
    told(pbx, r"4711", r"internal", r"no (such )?extension|does not exist|not exist|matches")


def test_no_common_codec(bench):
    """no common codec: 488, and both lists are named"""
    pbx = Pbx(bench, office())
    sdp = dict(pts="3", maps="a=rtpmap:3 GSM/8000\n")
    s = Scenario("gsm").invite("1001", "600", "secret1001", sdp=sdp).recv(488)
    s.send(ACK, user="1001", to="600", cseq=2, back=1, retrans=0)
    Sipp(bench, s, pbx.address).wait()
    told(pbx, r"codec", r"gsm", r"ulaw")


def test_busy(bench):
    """busy"""
    pbx = Pbx(bench, office())
    port = contact(bench, pbx)
    Sipp(bench, Scenario("busy").recv("INVITE").reply("486 Busy Here").recv("ACK"), port=port).listening()
    caller(bench, pbx, "602", 486)
    told(pbx, r"busy")


def test_no_answer(bench):
    """it rang and nobody answered"""
    pbx = Pbx(bench, office())
    port = contact(bench, pbx)
    Sipp(bench, Scenario("rings").recv("INVITE").reply("180 Ringing").recv("CANCEL").reply("200 OK", tag=False),
         port=port).listening()
    s = Scenario("caller").invite("1001", "602", "secret1001").recv(480, attrs="")
    s.send(ACK, user="1001", to="602", cseq=2, back=1, retrans=0)
    Sipp(bench, s, pbx.address).wait()
    told(pbx, r"no(body)?[ -]answer|not answer|nobody answered")


def test_caller_cancelled(bench):
    """the caller gave up"""
    pbx = Pbx(bench, office())
    a = Phone(bench, "a", "1001", "secret1001", pbx.address, 440)
    b = Phone(bench, "b", "1002", "secret1002", pbx.address, 660)
    a.wait_registered()
    b.wait_registered()
    a.dial("1002")
    b.wait("CALL_INCOMING")
    a.hangup()
    b.wait("CALL_CLOSED")
    told(pbx, r"caller .*(cancel|gave up|hung up)|cancel")


def test_not_registered(bench):
    """the callee is not registered"""
    pbx = Pbx(bench, office())
    caller(bench, pbx, "1002", 480)
    told(pbx, r"1002", r"not registered|no contact")


def test_callee_silent(bench):
    """the callee's phone does not say anything"""
    pbx = Pbx(bench, office())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        s = Scenario("contact").register("1002", "secret1002").recv(200)
        port = contact_at(bench, pbx, mute.getsockname()[1])
        assert port
        s = Scenario("caller").invite("1001", "602", "secret1001").recv(480)
        s.send(ACK, user="1001", to="602", cseq=2, back=1, retrans=0)
        Sipp(bench, s, pbx.address).wait()
        told(pbx, r"silent|no response|did not respond|not respond|never answered")


def contact_at(bench, pbx, port):
    """Registers a contact that names another port (so rewriting must be off)."""
    s = Scenario("elsewhere").register("1002", "secret1002").recv(200)
    s.xml = s.xml.replace("@[local_ip]:[local_port];transport=[transport]>", "@127.0.0.1:%d>" % port)
    Sipp(bench, s, pbx.address).wait()
    return port


def test_port_closed(bench):
    """nothing listens at the callee's address"""
    pbx = Pbx(bench, office())
    contact(bench, pbx)
    caller(bench, pbx, "1002", 480)
    told(pbx, r"refused|closed|unreachable|nothing listens")


def test_rtp_timeout(bench):
    """a phone that vanishes ends the call by RTP timeout, the other side gets BYE"""
    pbx = Pbx(bench, office(extra={1001: "rtp_timeout=2", 1002: "rtp_timeout=2"}))
    a = Phone(bench, "a", "1001", "secret1001", pbx.address, 440)
    b = Phone(bench, "b", "1002", "secret1002", pbx.address, 660)
    a.wait_registered()
    b.wait_registered()
    a.dial("1002")
    b.wait("CALL_INCOMING")
    b.answer()
    a.wait("CALL_ESTABLISHED")
    b.proc.kill()
    b.proc.wait()
    a.wait("CALL_CLOSED", 20)
    told(pbx, r"(rtp|media|packets?).*(timeout|seconds|stopped|no)")
