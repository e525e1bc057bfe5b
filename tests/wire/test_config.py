# SPDX-License-Identifier: BSD-3-Clause
"""Wrong configuration: every mistake named where it stands; a refused reload leaves all as it was."""
import re
import signal
import subprocess

from wire import BUILD, Failure, Pbx, sip_port, until
from office import EXTENSIONS, PHONE, office
from phone import Phone
from test_calls import connect, flowing, pair

# (file, its text, the line of the mistake, a word that the message must have)
MISTAKES = [
    ("pjsip.conf", "[x]\ntype=endpint\n", 2, "endpint"),
    ("pjsip.conf", "[x]\ntype=endpoint\nrtp_symetric=yes\n", 3, "rtp_symmetric"),
    ("pjsip.conf", "[x]\ntype=endpoint\nrtp_symmetric=perhaps\n", 3, "perhaps"),
    ("pjsip.conf", "[x]\ntype=endpoint\nauth=nobody\n", 3, "nobody"),
    ("pjsip.conf", "[x]\ntype=endpoint\naors=nowhere\n", 3, "nowhere"),
    ("pjsip.conf", "[x]\ntype=endpoint\nallow=ulow\n", 3, "ulow"),
    ("pjsip.conf", "[x](missing)\ntype=endpoint\n", 1, "missing"),
    ("pjsip.conf", "[t]\ntype=transport\nprotocol=udp\nbind=300.1.2.3\n", 4, "300.1.2.3"),
    ("pjsip.conf", "[t]\ntype=transport\nprotocol=pigeon\nbind=127.0.0.1\n", 3, "pigeon"),
    ("pjsip.conf", "[x]\ntype=aor\nmax_contacts=-3\n", 3, "max_contacts"),
    ("pjsip.conf", "[x]\ntype=aor\ncontact=sip:a b@\n", 3, "contact"),
    ("pjsip.conf", "[x]\ntype=identify\nendpoint=1001\nmatch=1.2.3.4/99\n", 4, "1.2.3.4/99"),
    ("pjsip.conf", "type=endpoint\n", 1, "section"),
    ("pjsip.conf", "[x]\ntype=endpoint\ntype=aor\n", 3, "already"),
    ("pjsip.conf", "[]\ntype=endpoint\n", 1, "no name"),
    ("pjsip.conf", "[x]\ntype=endpoint\nrtp_timeout=-1\n", 3, "less than 0"),
    ("pjsip.conf", "[x]\ntype=endpoint\nset_var=novalue\n", 3, "novalue"),
    ("pjsip.conf", "[x]\ntype=identify\nendpoint=1001\n", 1, "no match"),
    ("pjsip.conf", "[x]\ntype=endpoint\ndisallow=all\nallow=\n", 3, "no codec"),
    ("pjsip.conf", "[x]\ntype=auth\nusername=x\n", 1, "nobody can log in"),
    ("extensions.conf", "[a\nexten => 1,1,NoOp()\n", 1, "]"),
    ("extensions.conf", "[a]\nexten => 1,x,NoOp()\n", 2, "x"),
    ("extensions.conf", "[a]\nextn => 1,1,NoOp()\n", 2, "exten"),
    ("extensions.conf", "[a]\n same => n,NoOp()\n", 2, "same"),
    ("extensions.conf", "[a]\nexten => _[1-,1,NoOp()\n", 2, "["),
    ("extensions.conf", "#include \"nowhere.conf\"\n", 1, "nowhere.conf"),
    ("pjsip.conf", "[x]\ntype=endpoint\ncontext=nowhere\n", 3, "no context 'nowhere'"),
    ("extensions.conf", "[a]\nexten => 1,1,ExecIf(1?Playbak(x))\n", 2, "mean 'Playback'"),
    ("extensions.conf", "[a]\nexten => 1,1,Dial(PJSIP/1001,,U(subb))\n", 2, "no subroutine 'subb'"),
    ("extensions.conf", "[a]\nexten => 1,1,Playback(hello-wrld)\n", 2, "no sound 'hello-wrld'"),
    ("extensions.conf", "[a]\nexten => 1,1,MusicOnHold(jaz)\n", 2, "no music class 'jaz'"),
    ("modules.conf", "[modules]\nautoload=maybe\n", 2, "maybe"),
    ("modules.conf", "[modules]\nlode=app_dial.so\n", 2, "load"),
    ("modules.conf", "[modules]\nload=app_diall.so\n", 2, "app_diall"),
    ("modules.conf", "[modules]\nload=chan_pjsp.so\n", 2, "chan_pjsip"),
    ("logger.conf", "[logfiles]\nconsole => notice,wrning\n", 2, "wrning"),
    ("logger.conf", "[general]\ndateformatt=%F\n", 2, "dateformat"),
    ("rtp.conf", "[general]\nrtpstart=abc\n", 2, "abc"),
    ("rtp.conf", "[general]\nrtpstart=20000\nrtpend=10000\n", 3, "rtpend"),
    ("rtp.conf", "[general]\nrtpstrat=10000\n", 2, "rtpstart"),
    ("features.conf", "[featuremap]\nblindxferr=#1\n", 2, "blindxfer"),
    ("features.conf", "[general]\nfeaturedigittimeout=soon\n", 2, "soon"),
    ("musiconhold.conf", "[default]\nmode=fils\n", 2, "fils"),
    ("musiconhold.conf", "[default]\nmode=files\ndirectry=/x\n", 3, "directory"),
    ("musiconhold.conf", "[x]\nmode=files\ndirectory=/nowhere\n", 3, "/nowhere: No such"),
    ("indications.conf", "[general]\ncountry=uz\n", 2, "no country 'uz'"),
    ("indications.conf", "[xx]\ndial = 4x5/10,,!\n", 2, "4x5"),
    ("cdr.conf", "[general]\nenable=sometimes\n", 2, "enable"),
    ("cdr.conf", "[general]\nenabel=yes\n", 2, "enable"),
    ("asterisk.conf", "[options]\nverbose=loud\n", 2, "loud"),
    ("bellbird.conf", "[options]\nstrikt=yes\n", 2, "strict"),
    ("bellbird.conf", "[stories]\ncalls=0\n", 2, "calls"),
    ("bellbird.conf", "[direktories]\nastlogdir => /tmp\n", 1, "direktories"),
]


def named(text, file, line, word):
    """The line of the output that blames this place and has the word."""
    at = re.compile(r"%s:%d(:\d+)?\b.*%s" % (re.escape(file), line, re.escape(word)), re.I)
    return at.search(text)


def base():
    """The office's files without what the mistakes are about."""
    files = office()
    files.setdefault("musiconhold.conf", "[jazz]\nmode=files\n")
    return files


def with_mistake(file, text):
    """The office with this put on top of its file, so that the line numbers are the text's own."""
    files = base()
    old = files.get(file, "")
    if file == "rtp.conf":
        old = ""
    files[file] = text + "\n" + old
    return files


def test_mistakes_at_start(bench):
    """each mistake is named with its file and line, by --check and at start"""
    wrong = []
    for i, (file, text, line, word) in enumerate(MISTAKES):
        pbx = Pbx(bench, with_mistake(file, text), name="m%d" % i, expect_start=False)
        r = subprocess.run([BUILD + "/bellbird", "--check", "-C", pbx.etc, "-S", pbx.state],
                           capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)
        out = r.stdout + r.stderr
        if r.returncode not in (1, 2) or not named(out, file, line, word):
            wrong.append("%s %r: wanted line %d and '%s', ended with %d: %s" % (
                file, text, line, word, r.returncode, out.strip()[:400]))
    if wrong:
        raise Failure("%d not named:\n%s" % (len(wrong), "\n".join(wrong)))


def test_mistakes_at_reload(bench):
    """the same at reload: named, refused, and what runs stays whole"""
    pbx = Pbx(bench, base())
    wrong = []
    for file, text, line, word in MISTAKES:
        # These are read at start alone, or loading is judged there.
        if file in ("asterisk.conf", "bellbird.conf"):
            continue
        pbx.write(with_mistake(file, text))
        status, out = pbx.run("core reload")
        if not named(out, file, line, word):
            wrong.append("%s %r: ended with %d: %s" % (file, text, status, out.strip()[:300]))
        good = base()
        pbx.write({file: good.get(file, "")})
        if "1002" not in pbx.cli("sip show endpoints"):
            raise Failure("after %r the endpoints are gone" % text)
    pbx.write(base())
    pbx.cli("core reload")
    if wrong:
        raise Failure("%d not named:\n%s" % (len(wrong), "\n".join(wrong)))


def test_all_mistakes_at_once(bench):
    """a start with mistakes in many files names all of them and refuses"""
    files = base()
    picked = [m for m in MISTAKES if m[0] in ("pjsip.conf", "features.conf", "rtp.conf", "cdr.conf")]
    picked = [m for m in picked if m[3] in ("rtp_symmetric", "blindxfer", "abc", "enable")]
    for file, text, line, word in picked:
        files[file] = text + "\n" + ("" if file == "rtp.conf" else files.get(file, ""))
    pbx = Pbx(bench, files, expect_start=False)
    r = subprocess.run([BUILD + "/bellbird", "-f", "-C", pbx.etc, "-S", pbx.state], capture_output=True,
                       text=True, timeout=20, stdin=subprocess.DEVNULL)
    out = r.stdout + r.stderr
    missing = [m[0] for m in picked if not named(out, m[0], m[2], m[3])]
    if r.returncode == 0 or missing or len(picked) < 4:
        raise Failure("it ended with %d, not named: %s in: %s" % (r.returncode, missing, out))


def test_reload_busy_transport(bench):
    """a new transport on a busy port at reload: named, and nothing that runs is lost"""
    import socket
    files = base()
    pbx = Pbx(bench, files)
    a, b = pair(bench, pbx)
    connect(a, b, "1002")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as busy:
        busy.bind(("127.0.0.1", 0))
        port = str(busy.getsockname()[1])
        more = files["pjsip.conf"].replace("[tcp]", "[busy]\ntype=transport\nprotocol=udp\n"
                                           "bind=127.0.0.1:%s\n\n[tcp]" % port)
        pbx.write(dict(files, **{"pjsip.conf": more}))
        out = pbx.run("core reload")[1]
        if port not in out + pbx.log():
            raise Failure("the busy port is not named: " + out)
    flowing(pbx, 1)
    a.hangup()
    b.wait("CALL_CLOSED")
    connect(b, a, "1001")
    b.hangup()
    a.wait("CALL_CLOSED")


def test_reload_removes_endpoint_in_call(bench):
    """an endpoint removed during its call: the call goes on, a new one is not possible"""
    files = base()
    pbx = Pbx(bench, files)
    a, b = pair(bench, pbx)
    connect(a, b, "1002")
    pbx.write(office(phones=(1001, 1003)))
    pbx.cli("core reload")
    flowing(pbx, 2)
    if "1002" in pbx.cli("sip show endpoints"):
        raise Failure("1002 is still there")
    b.hangup()
    a.wait("CALL_CLOSED")
    a.dial("1002")
    a.wait("CALL_CLOSED")
    b.dial("600")
    b.wait("CALL_CLOSED")
    if b.has("CALL_ESTABLISHED") and len([e for e in b.seen if e.get("type") == "CALL_ESTABLISHED"]) > 1:
        raise Failure("an endpoint that is gone could call")
    pbx.write(files)
    pbx.cli("core reload")
    connect(a, b, "1002")
    a.hangup()
    b.wait("CALL_CLOSED")


def test_reload_changes_codecs(bench):
    """a changed codec list counts for new calls, running ones go on"""
    files = base()
    pbx = Pbx(bench, files)
    a, b = pair(bench, pbx)
    connect(a, b, "1002")
    pbx.write({"pjsip.conf": files["pjsip.conf"].replace("allow=ulaw,alaw,g722", "allow=alaw")})
    pbx.cli("core reload")
    flowing(pbx, 2)
    if "the configuration was read anew" not in pbx.cli("call show 1"):
        raise Failure("the reload is not told: " + pbx.cli("call show 1"))
    a.hangup()
    b.wait("CALL_CLOSED")
    connect(a, b, "1002")
    text = pbx.cli("sip show channelstats")
    if "alaw" not in text or "ulaw" in text:
        raise Failure("the new call has: " + text)
    a.hangup()
    b.wait("CALL_CLOSED")


def test_reload_transports(bench):
    """a transport added at reload listens; removed, its port is free, and the other one still serves"""
    import socket
    files = base()
    pbx = Pbx(bench, files)
    a = Phone(bench, "a", "1001", "secret1001", pbx.address, 440)
    a.wait_registered()
    port = sip_port()
    more = files["pjsip.conf"].replace("[tcp]", "[second]\ntype=transport\nprotocol=udp\n"
                                       "bind=127.0.0.1:%d\n\n[tcp]" % port)
    pbx.write(dict(files, **{"pjsip.conf": more}))
    pbx.cli("core reload")
    b = Phone(bench, "b", "1002", "secret1002", "127.0.0.1:%d" % port, 660)
    b.wait_registered()
    connect(a, b, "1002")
    flowing(pbx, 1)
    a.hangup()
    b.wait("CALL_CLOSED")
    pbx.write(files)
    pbx.cli("core reload")

    def unbound():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            try:
                s.bind(("127.0.0.1", port))
                return True
            except OSError:
                return False
    until("the removed transport's port to be free", unbound)
    a.dial("600")
    a.wait("CALL_ESTABLISHED")
    a.hangup()


def test_reload_by_sighup(bench):
    """SIGHUP reloads: a new extension can be dialed, a mistake changes nothing and is logged"""
    files = base()
    pbx = Pbx(bench, files)
    pbx.write({"extensions.conf": EXTENSIONS + "\nexten => 4711,1,NoOp(cologne)\n"})
    pbx.proc.send_signal(signal.SIGHUP)
    until("the new extension", lambda: "4711" in pbx.cli("dialplan show internal"))
    if not all(row["extension"] for row in pbx.json("dialplan show internal")["dialplan"]):
        raise Failure("a machine is not told to which extension a priority belongs")
    pbx.write({"extensions.conf": EXTENSIONS + "\n[broken\n"})
    pbx.proc.send_signal(signal.SIGHUP)
    until("the mistake in the log", lambda: re.search(r"extensions\.conf:\d+.*\]", pbx.log()))
    if "4711" not in pbx.cli("dialplan show internal"):
        raise Failure("the running dial plan is gone")


def test_reload_removes_module(bench):
    """a module taken out of modules.conf leaves or is told to stay until restart; calls go on"""
    files = dict(base(), **{"modules.conf": "[modules]\nautoload=yes\n"})
    pbx = Pbx(bench, files)
    a, b = pair(bench, pbx)
    connect(a, b, "1002")
    pbx.write({"modules.conf": "[modules]\nautoload=yes\nnoload=app_echo.so\n"})
    status, out = pbx.run("core reload")
    gone = "app_echo" not in pbx.cli("module show")
    if not gone and "app_echo" not in out + pbx.log().split("configuration reloaded")[-2]:
        raise Failure("noload at reload is silent (%d): %s" % (status, out))
    flowing(pbx, 1)
    a.hangup()
    b.wait("CALL_CLOSED")
