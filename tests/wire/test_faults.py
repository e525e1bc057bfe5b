# SPDX-License-Identifier: BSD-3-Clause
"""Bad input, floods, restarts."""
import glob
import json
import os
import re
import resource
import signal
import socket
import subprocess

from wire import BUILD, TOP, Failure, Pbx, Sound, until
from raw import Raw
from office import office
from phone import Phone
from sipp import ACK, Scenario, Sipp
from test_calls import connect, flowing, judge, pair
from test_modules import rows


def test_kill_nine(bench):
    """after kill -9 and a restart UDP bindings ring, those over TCP count as unreachable"""
    pbx = Pbx(bench, office())
    a, b = pair(bench, pbx)
    c = Phone(bench, "c", "1003", "secret1003", pbx.address, 880, transport="tcp")
    c.wait_registered()
    pbx.kill()
    c.stop()
    pbx.start()
    contacts = pbx.cli("sip show contacts")
    if "1001" not in contacts or "1002" not in contacts:
        raise Failure("bindings are gone: " + contacts)
    a.dial("1003")
    a.wait("CALL_CLOSED")
    text = pbx.cli("call show last")
    if not re.search(r"not registered|unreachable|no .*reachable", text, re.I):
        raise Failure("calling a TCP phone that is gone: " + text)
    connect(a, b, "1002")
    flowing(pbx, 2)
    a.hangup()
    b.wait("CALL_CLOSED")
    judge(a, 660, 440, 1)


def test_sigterm_ends_calls(bench):
    """SIGTERM sends BYE and leaves promptly"""
    pbx = Pbx(bench, office())
    a, b = pair(bench, pbx)
    connect(a, b, "1002")
    pbx.proc.send_signal(signal.SIGTERM)
    a.wait("CALL_CLOSED", 10)
    b.wait("CALL_CLOSED", 10)
    if pbx.proc.wait(10) != 0:
        raise Failure("it ended with %d" % pbx.proc.returncode)


def test_reload_with_a_mistake(bench):
    """a mistake refuses the reload and the running configuration stays whole"""
    files = office()
    pbx = Pbx(bench, files)
    a, b = pair(bench, pbx)
    connect(a, b, "1002")
    pbx.write({"extensions.conf": files["extensions.conf"] + "\n[broken\nexten => 1,1,NoOp()\n",
               "pjsip.conf": files["pjsip.conf"].replace("context=internal", "contxt=internal")})
    status, out = pbx.run("core reload")
    if status == 0 or "extensions.conf" not in out or "did you mean" not in out:
        raise Failure("reload said %d: %s" % (status, out))
    flowing(pbx, 2)
    a.hangup()
    b.wait("CALL_CLOSED")
    connect(b, a, "1001")
    a.hangup()
    b.wait("CALL_CLOSED")
    pbx.write(files)
    pbx.cli("core reload")
    pbx.proc.send_signal(signal.SIGHUP)
    until("a reload by SIGHUP", lambda: pbx.run("core show uptime")[0] == 0)


def test_start_refused(bench):
    """every mistake at start is named, and the start refused"""
    files = office()
    files["pjsip.conf"] += "\n[x]\ntype=endpint\n\n[y]\ntype=endpoint\nrtp_symetric=yes\n"
    pbx = Pbx(bench, files, expect_start=False)
    r = subprocess.run([BUILD + "/bellbird", "-f", "-C", pbx.etc, "-S", pbx.state], capture_output=True,
                       text=True, timeout=20, stdin=subprocess.DEVNULL)
    text = r.stdout + r.stderr
    if r.returncode == 0 or "endpint" not in text or "rtp_symetric" not in text or "rtp_symmetric" not in text:
        raise Failure("it ended with %d: %s" % (r.returncode, text))


def test_check(bench):
    """--check: 0 clean, 1 warnings, 2 errors with file, line and suggestion"""
    files = office()

    def check(**more):
        pbx = Pbx(bench, dict(files, **{k.replace("_", ".", 1): v for k, v in more.items()}),
                  name="check%d" % len(glob.glob(bench.dir + "/check*")), expect_start=False)
        r = subprocess.run([BUILD + "/bellbird", "--check", "-C", pbx.etc, "-S", pbx.state],
                           capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
        return r.returncode, r.stdout + r.stderr
    clean = check()
    if clean[0] != 0:
        raise Failure("the office is not clean: %s" % (clean,))
    warn = check(extensions_conf=files["extensions.conf"] + "exten => 9,1,VoiceMail(1001@default)\n")
    if warn[0] != 1 or "VoiceMail" not in warn[1]:
        raise Failure("VoiceMail: %s" % (warn,))
    bad = check(extensions_conf=files["extensions.conf"] + "\n".join([
        "exten => 9,1,Hangip()", " same => n,Goto(nowhere,s,1)", " same => n,Wait(soon)",
        " same => n,Set(X=${Y)", " same => n,Dial(PJSIP/7777)", " same => n,NoOp(${LENN(x)})",
        "include => elsewhere", ""]))
    for word in ("Hangup", "nowhere", "soon", "7777", "LENN", "elsewhere"):
        if word not in bad[1]:
            raise Failure("%s is not named in: %s" % (word, bad[1]))
    if bad[0] != 2 or not re.search(r"extensions\.conf:\d+:\d+", bad[1]):
        raise Failure("it ended with %d: %s" % bad)


def flood_sane(pbx, bench):
    """A second phone still calls."""
    a = Phone(bench, "a", "1001", "secret1001", pbx.address, 440)
    a.wait_registered()
    a.dial("600")
    a.wait("CALL_ESTABLISHED")
    flowing(pbx, 1, legs=1)
    a.hangup()
    a.wait("CALL_CLOSED")


def test_descriptors(bench):
    """as many descriptors as the system allows, though the first limit of a process be low"""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Low for who inherits it; enough for what the tests before have open in this process.
    low = len(os.listdir("/proc/self/fd")) + 100
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(low, soft), hard))
    try:
        pbx = Pbx(bench, office())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    with open("/proc/%d/limits" % pbx.proc.pid) as f:
        line = re.search(r"Max open files +(\S+) +(\S+)", f.read())
    if line.group(1) != line.group(2):
        raise Failure("the limit stayed at %s of %s" % line.groups())


def memory(pbx):
    with open("/proc/%d/statm" % pbx.proc.pid) as f:
        return int(f.read().split()[1]) * 4096 / 1e6


def test_flood_without_credentials(bench):
    """two thousand INVITEs without credentials"""
    pbx = Pbx(bench, office())
    before = memory(pbx)
    s = Scenario("flood")
    from sipp import INVITE, ULAW
    s.send(INVITE, user="x", to="600", cseq=1, retrans=0, **ULAW)
    s.xml += '<recv response="100" optional="true"></recv><recv response="503" optional="true" next="9"></recv>\n'
    s.xml += '<recv response="401" timeout="5000" ontimeout="9"></recv><label id="9"/>\n'
    sipp = Sipp(bench, s, pbx.address, calls=2000, args=["-r", "1000", "-l", "2000"])
    flood_sane(pbx, bench)
    sipp.proc.wait(60)
    if memory(pbx) > before + 150:
        raise Failure("memory went from %.0f to %.0f MB" % (before, memory(pbx)))


def test_flood_without_ack(bench):
    """two thousand calls of an authenticated phone that never sends an ACK"""
    pbx = Pbx(bench, office())
    before = memory(pbx)
    s = Scenario("noack").invite("1002", "600", "secret1002")
    s.xml += '<recv response="503" optional="true" next="9"></recv>\n'
    s.xml += '<recv response="200" timeout="8000" ontimeout="9"></recv><label id="9"/>\n'
    sipp = Sipp(bench, s, pbx.address, calls=2000, args=["-r", "500", "-l", "2000"])
    until("calls came in", lambda: sipp.received("SIP/2.0 (200|503)"), 20)
    flood_sane(pbx, bench)
    try:
        sipp.proc.wait(60)
    except subprocess.TimeoutExpired:
        pass
    if not re.search(r"SIP/2\.0 503[^\0]*?Retry-After", sipp.messages()):
        raise Failure("no 503 with Retry-After was seen")
    if memory(pbx) > before + 200:
        raise Failure("memory went from %.0f to %.0f MB" % (before, memory(pbx)))


def torture():
    """Name, message and wanted outcomes of each torture message."""
    folder = TOP + "/tests/data/torture/"
    with open(folder + "expected.tsv") as rows:
        for row in rows:
            if row.strip() and not row.startswith("#"):
                name, path, _, _, wanted, _ = row.rstrip("\n").split("\t")
                with open(folder + path, "rb") as m:
                    yield name, m.read(), wanted.split(",")


def outcome(data, heard):
    """What a message got: a status code or "drop"."""
    def id_of(text):
        m = re.search(rb"(?im)^(?:call-id|i)[ \t]*:[ \t]*(?:\r\n[ \t]+)*([^\r\n]*?)[ \t]*\r?$", text)
        return m.group(1) if m else None
    codes = re.findall(rb"SIP/2\.0 (\d{3}) .*?\r\n\r\n", b"".join(
        t for t in re.split(rb"(?=SIP/2\.0 \d{3} )", heard) if id_of(t) == id_of(data)), re.S)
    return codes[0].decode() if codes else "drop"


def wanted_is(wanted, got):
    return "any" in wanted or got in wanted or got[0] + "xx" in wanted or ("accept" in wanted and got not in ("400", "drop"))


def over_udp(bench, pbx, data):
    """All that comes back until a later request is answered."""
    r = Raw(bench, pbx)
    with r.sock:
        r.sock.sendto(data[:65000], r.remote)
        r.request("OPTIONS", "600")
        heard = b""
        while ("Call-ID: " + r.call_id).encode() not in heard:
            heard += r.sock.recv(65536)
    return heard


def over_tcp(_, pbx, data):
    """All that comes back until the connection ends."""
    with socket.create_connection(("127.0.0.1", pbx.port), 10) as s:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        heard = b""
        try:
            while True:
                more = s.recv(65536)
                if not more:
                    return heard
                heard += more
        except ConnectionResetError:
            return heard


def test_torture(bench):
    """each torture message of RFC 4475 and 5118 gets what it shall get, by UDP and by TCP, of strangers and of anybody"""
    messages, wrong = list(torture()), []
    for who, more in (("stranger", ""), ("anybody", "\n[anonymous](phone)\n")):
        for kind, way in (("UDP", over_udp), ("TCP", over_tcp)):
            pbx = Pbx(bench, office(more=more), name=who + kind)
            for n, (name, data, wanted) in enumerate(messages):
                # Some share a branch: none is to pass for another one's retransmission.
                sent = data.replace(b"z9hG4bK", b"z9hG4bK%d" % n, 1)
                try:
                    got = outcome(sent, way(bench, pbx, sent))
                except socket.timeout:
                    got = "silence"
                if not wanted_is(wanted, got):
                    wrong.append("%s of %s by %s got %s, wanted %s" % (name, who, kind, got, ",".join(wanted)))
            flood_sane(pbx, bench)
    if len(messages) < 50 or wrong:
        raise Failure("%d messages: %s" % (len(messages), "; ".join(wrong)))


def test_port_in_use(bench):
    """a busy port disables that transport alone; with none left the program exits"""
    files = office()
    files["pjsip.conf"] = files["pjsip.conf"].replace("[tcp]", "[busy]\ntype=transport\nprotocol=udp\n"
                                                      "bind=127.0.0.1:@BUSY@\n\n[tcp]")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as busy:
        busy.bind(("127.0.0.1", 0))
        port = str(busy.getsockname()[1])
        files["pjsip.conf"] = files["pjsip.conf"].replace("@BUSY@", port)
        pbx = Pbx(bench, files)
        if port not in pbx.log():
            raise Failure("the busy port is not named: " + pbx.log())
        states = {t["transport"]: t["state"] for t in pbx.json("sip show transports")["transports"]}
        if states != {"udp": "Listening", "tcp": "Listening", "busy": "Failed"}:
            raise Failure("the console says of the transports: %s" % states)
        flood_sane(pbx, bench)
        only = office()
        only["pjsip.conf"] = re.sub(r"\[tcp\].*?\n\n", "", only["pjsip.conf"], flags=re.S) \
            .replace("@PORT@", port)
        none = Pbx(bench, only, name="none", expect_start=False)
        r = subprocess.run([BUILD + "/bellbird", "-f", "-C", none.etc, "-S", none.state],
                           capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)
        if r.returncode == 0:
            raise Failure("it runs without a transport: " + r.stdout + r.stderr)


def test_two_instances(bench):
    """two instances with different states run side by side; one state takes one"""
    one = Pbx(bench, office(), name="one")
    Pbx(bench, office(), name="two")
    r = subprocess.run([BUILD + "/bellbird", "-f", "-C", one.etc, "-S", one.state], capture_output=True,
                       text=True, timeout=20, stdin=subprocess.DEVNULL)
    if r.returncode == 0:
        raise Failure("a second instance took the same state")


def test_no_configuration(bench):
    """a -C that is not there: one sentence and a status, neither a start nor a clean check"""
    for args, status in ((["--check"], 2), (["-f"], 1), (["-x", "core show version"], 2)):
        for path in ("nowhere", "nowhere/asterisk.conf"):
            r = subprocess.run([BUILD + "/bellbird", "-C", os.path.join(bench.dir, path), "-S", bench.dir] + args,
                               capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)
            if r.returncode != status or "cannot be read: No such file" not in r.stderr:
                raise Failure("%s ended with %d: %s" % (args, r.returncode, r.stdout + r.stderr))


def test_moved_directory(bench):
    """asterisk.conf of a directory that was copied names a place that is not there: told, and read here"""
    files = dict(office(), **{"asterisk.conf": "[directories]\nastetcdir => /nowhere/asterisk\n"})
    pbx = Pbx(bench, files, expect_start=False)
    r = subprocess.run([BUILD + "/bellbird", "--check", "-C", os.path.join(pbx.etc, "asterisk.conf"), "-S", pbx.state],
                       capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)
    if r.returncode or "asterisk.conf:2:1: note: astetcdir '/nowhere/asterisk' does not count" not in r.stdout:
        raise Failure("the check ended with %d: %s" % (r.returncode, r.stdout + r.stderr))


def test_completion(bench):
    """TAB: devices to call, words between arguments, contexts, modules"""
    pbx = Pbx(bench, office())
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(os.path.join(pbx.state, "bellbird.ctl"))
        f = s.makefile("rw")

        def words(line):
            f.write(json.dumps({"op": "complete", "id": 1, "line": line}) + "\n")
            f.flush()
            while True:
                m = json.loads(f.readline())
                if m.get("id") == 1:
                    return m["words"]
        f.write('{"op":"hello","verbose":0,"debug":0,"log":false,"colour":false}\n')
        for line, want in (("channel originate ", ["PJSIP/1001", "PJSIP/1002", "PJSIP/1003"]),
                           ("channel originate SIP/1001 ", ["application", "extension"]),
                           ("channel originate S", ["SIP/1001", "SIP/1002", "SIP/1003"]),
                           ("dialplan explain 1002 ", ["from"]),
                           ("dialplan explain 1002 from i", ["internal"]),
                           ("sip show endpoint 100", ["1001", "1002", "1003"]),
                           ("module unload app_ec", ["app_echo"])):
            got = words(line)
            if got != want:
                raise Failure("TAB behind '%s' offers %s" % (line, got))


def test_command_status(bench):
    """-x tells success by its exit status"""
    pbx = Pbx(bench, office())
    if pbx.run("core show version")[0] != 0 or pbx.run("core sow version")[0] == 0:
        raise Failure("exit status: %s %s" % (pbx.run("core show version"), pbx.run("core sow version")))
    mode = os.stat(glob.glob(pbx.state + "/**/*.ctl", recursive=True)[0]).st_mode & 0o777
    if mode != 0o600:
        raise Failure("the socket's mode is %o" % mode)
