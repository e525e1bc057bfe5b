# SPDX-License-Identifier: BSD-3-Clause
"""Malformed input from a hostile sender: an answer or silence, a quiet log, flat memory, and phones still call."""
import os
import random
import re
import socket
import struct
import time

from wire import Failure, Pbx, Sound, until
from office import office
from phone import Phone
from test_calls import connect, flowing, pair
from test_faults import flood_sane, memory

OPTIONS = ("OPTIONS sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/%s %s:%d;branch=z9hG4bK%x;rport\r\n"
           "From: <sip:h@h>;tag=1\r\nTo: <sip:x@127.0.0.1>\r\nCall-ID: %x\r\nCSeq: 1 OPTIONS\r\n"
           "Max-Forwards: 70\r\n%sContent-Length: %s\r\n\r\n%s")


def options(sock, more="", length="0", body="", proto="UDP"):
    host, port = sock.getsockname()
    return (OPTIONS % (proto, host, port, random.getrandbits(60), random.getrandbits(60), more, length,
                       body)).encode()


def udp(address="127.0.0.1"):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, 0))
    s.settimeout(3)
    return s


def answer(sock):
    """First line of what comes back, or '' when nothing does."""
    try:
        return sock.recv(65535).split(b"\r\n")[0].decode(errors="replace")
    except OSError:
        return ""


def fds(pbx):
    return len(os.listdir("/proc/%d/fd" % pbx.proc.pid))


def test_udp(bench):
    """over UDP: each malformed request its 4xx, garbage silence; a phone still calls"""
    pbx = Pbx(bench, office())
    to = ("127.0.0.1", pbx.port)
    wrong = []
    good = options(udp())
    cases = [
        ("good", good, "200"),
        ("body shorter than Content-Length", None, "400"),
        ("huge Content-Length", None, "400"),
        ("negative Content-Length", None, "400"),
        ("half a request line", b"OPTIONS sip:x@127.", ""),
        ("no Via", re.sub(rb"Via:.*?\r\n", b"", good), ""),
        ("no CSeq", re.sub(rb"CSeq:.*?\r\n", b"", good), "400"),
        ("no Call-ID", re.sub(rb"Call-ID:.*?\r\n", b"", good), "400"),
        ("no From", re.sub(rb"From:.*?\r\n", b"", good), "400"),
        ("two From", good.replace(b"From:", b"From: <sip:o@o>;tag=9\r\nFrom:"), "400"),
        ("other CSeq method", good.replace(b"1 OPTIONS", b"1 INVITE"), "400"),
        ("version 3", good.replace(b"SIP/2.0\r\nVia", b"SIP/3.0\r\nVia"), "505"),
        ("no URI", good.replace(b"sip:x@127.0.0.1 SIP", b"<<<>>> SIP"), "400"),
        ("scheme", good.replace(b"OPTIONS sip:x@127.0.0.1 ", b"OPTIONS nobody:x "), "416"),
        ("zeros", b"\0" * 3000, ""),
        ("binary", bytes(random.Random(7).randrange(256) for _ in range(3000)), ""),
        ("an answer to nothing", b"SIP/2.0 200 OK\r\n" + good.split(b"\r\n", 1)[1], ""),
        ("an ACK to nothing", good.replace(b"OPTIONS", b"ACK"), ""),
        ("require", good.replace(b"Max-For", b"Require: magic\r\nMax-For"), "420"),
        ("hops", good.replace(b"Max-Forwards: 70", b"Max-Forwards: many"), "400"),
    ]
    for name, data, want in cases:
        s = udp()
        if name.startswith("body"):
            data = options(s, length="900", body="v=0")
        elif name.startswith("huge"):
            data = options(s, length="99999999999999999999")
        elif name.startswith("negative"):
            data = options(s, length="-5")
        else:
            host, port = s.getsockname()
            data = re.sub(rb"127\.0\.0\.1:\d+;branch=\w+", b"127.0.0.1:%d;branch=z9hG4bK%x" % (
                port, random.getrandbits(60)), data)
        if not want:
            s.settimeout(0.4)
        s.sendto(data, to)
        got = answer(s)
        if (want and want not in got) or (not want and got):
            wrong.append("%s: wanted '%s', got '%s'" % (name, want, got))
        s.close()
    if wrong:
        raise Failure("; ".join(wrong))
    flood_sane(pbx, bench)


def test_udp_giants(bench):
    """gigantic headers, ten thousand header lines, datagrams of 64k: refused or served, memory flat"""
    pbx = Pbx(bench, office())
    to = ("127.0.0.1", pbx.port)
    s = udp()
    s.settimeout(0.2)
    giants = [options(s, more="Subject: " + "x" * 60000 + "\r\n"),
              options(s, more="X: y\r\n" * 10000),
              options(s, more="Via: SIP/2.0/UDP a;branch=z9hG4bK1\r\n" * 1700),
              options(s, more="Contact: " + "<sip:a@b>," * 6000 + "<sip:a@b>\r\n"),
              options(s, more="Route: " + "<sip:a@b;lr>," * 4500 + "<sip:a@b>\r\n"),
              options(s, more="Subject: " + "\r\n " * 20000 + "\r\n"),
              b"OPTIONS sip:" + b"a" * 65000 + b" SIP/2.0\r\n\r\n",
              b"\r\n" * 32000, b"A" * 65000]

    def send(rounds):
        for _ in range(rounds):
            for g in giants:
                s.sendto(g[:65507], to)
            answer(s)
    send(20)
    pbx.cli("core show uptime")
    before = memory(pbx)
    send(100)
    pbx.cli("core show uptime")
    flood_sane(pbx, bench)
    if memory(pbx) > before + 30:
        raise Failure("memory went from %.0f to %.0f MB" % (before, memory(pbx)))


def test_log_is_limited(bench):
    """ten thousand malformed messages of one sender are a few lines; another sender's is still logged"""
    pbx = Pbx(bench, office())
    to = ("127.0.0.1", pbx.port)
    size = len(pbx.log())
    s = udp("127.0.0.2")
    bad = options(s).replace(b"CSeq: 1 OPTIONS", b"CSeq: nonsense")
    login = options(s).replace(b"OPTIONS", b"REGISTER").replace(
        b"Max-For", b'Authorization: Digest username="1001", realm="bellbird", nonce="x", uri="sip:x", '
        b'response="00000000000000000000000000000000"\r\nMax-For')
    for i in range(10000):
        s.sendto(bad, to)
        s.sendto(login.replace(b"branch=", b"branch=z9hG4bK%d" % i), to)
        if i % 50 == 0:
            pbx.cli("core show uptime") if i % 1000 == 0 else time.sleep(0.001)
    other = udp("127.0.0.3")
    other.sendto(options(other).replace(b"CSeq: 1 OPTIONS", b"CSeq: nonsense"), to)
    until("the other sender in the log", lambda: "127.0.0.3" in pbx.log()[size:], 5)
    lines = pbx.log()[size:].count("\n")
    if lines > 200:
        raise Failure("%d lines were logged" % lines)
    flood_sane(pbx, bench)


def test_tcp(bench):
    """over TCP: half lines, lies about lengths, binary; each costs its sender the connection, nobody else"""
    pbx = Pbx(bench, office())
    a = Phone(bench, "t", "1003", "secret1003", pbx.address, 880, transport="tcp")
    a.wait_registered()

    def talk(data, pieces=1):
        with socket.create_connection(("127.0.0.1", pbx.port)) as s:
            s.settimeout(1)
            if data is None:
                data = options(s, proto="TCP")
            step = max(1, len(data) // pieces)
            for i in range(0, len(data), step):
                try:
                    s.sendall(data[i:i + step])
                except OSError:
                    return "closed"
                if pieces > 1:
                    time.sleep(0.002)
            return answer(s)
    with socket.create_connection(("127.0.0.1", pbx.port)) as s:
        base = options(s, proto="TCP")
    if "200" not in talk(None):
        raise Failure("a good request over TCP has no answer")
    if "200" not in talk(None, pieces=60):
        raise Failure("a request in sixty pieces has no answer")
    for name, data in [
            ("half a line", b"OPTIONS sip:"),
            ("huge Content-Length", base.replace(b"Content-Length: 0", b"Content-Length: 4294967296")),
            ("two lengths", base.replace(b"Content-Length: 0", b"Content-Length: 0\r\nContent-Length: 9")),
            ("no length", base.replace(b"Content-Length: 0\r\n", b"")),
            ("binary", os.urandom(200000)),
            ("an endless line", b"A" * 400000),
            ("endless headers", base[:-4] + b"\r\nX: y" * 100000),
            ("line ends", b"\r\n" * 100000)]:
        for _ in range(5):
            got = talk(data)
            if "200" in got:
                raise Failure("%s was answered with %s" % (name, got))
    flood_sane(pbx, bench)
    if "1003" not in pbx.cli("sip show contacts"):
        raise Failure("the TCP phone lost its binding")


def test_tcp_slow(bench):
    """a thousand slow connections are capped; the phones are served meanwhile"""
    files = office()
    files["pjsip.conf"] = files["pjsip.conf"].replace(
        "[global]\ntype=global", "[global]\ntype=global\nmax_connections_per_source=50")
    pbx = Pbx(bench, files)
    before, socks = memory(pbx), []
    for i in range(1000):
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        s.bind(("127.0.0.2", 0))
        try:
            s.connect(("127.0.0.1", pbx.port))
            s.sendall(b"OPTIONS sip:x")
        except OSError:
            pass
        socks.append(s)
    until("connections to be refused", lambda: fds(pbx) < 150)
    count = pbx.json("sip show transports")
    b = Phone(bench, "t", "1003", "secret1003", pbx.address, 880, transport="tcp")
    b.wait_registered()
    flood_sane(pbx, bench)
    for s in socks:
        try:
            s.sendall(b"y")
        except OSError:
            pass
    if memory(pbx) > before + 30:
        raise Failure("memory went from %.0f to %.0f MB (%s)" % (before, memory(pbx), count))
    for s in socks:
        s.close()
    until("the connections to be forgotten", lambda: fds(pbx) < 60)


def test_out_of_fds(bench):
    """more connections than file descriptors: the program stays calm, and recovers"""
    import resource
    pbx = Pbx(bench, office())
    resource.prlimit(pbx.proc.pid, resource.RLIMIT_NOFILE, (fds(pbx) + 40, fds(pbx) + 40))
    socks = []
    for i in range(200):
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        s.setblocking(False)
        s.bind(("127.0.0.%d" % (2 + i % 100), 0))
        try:
            s.connect(("127.0.0.1", pbx.port))
        except OSError:
            pass
        socks.append(s)

    def cpu():
        with open("/proc/%d/stat" % pbx.proc.pid) as f:
            p = f.read().split()
        return (int(p[13]) + int(p[14])) / os.sysconf("SC_CLK_TCK")
    time.sleep(0.3)
    used = cpu()
    time.sleep(1)
    used = cpu() - used
    for s in socks:
        s.close()
    if used > 0.5:
        raise Failure("it burnt %.1f s of CPU in a second" % used)
    until("descriptors to come back", lambda: pbx.run("core show uptime")[0] == 0)
    flood_sane(pbx, bench)


def media_ports(pbx, n):
    """UDP ports the PBX has open beside SIP."""
    inodes = set()
    for fd in os.listdir("/proc/%d/fd" % pbx.proc.pid):
        try:
            link = os.readlink("/proc/%d/fd/%s" % (pbx.proc.pid, fd))
        except OSError:
            continue
        if link.startswith("socket:"):
            inodes.add(link[8:-1])
    ports = []
    with open("/proc/net/udp") as f:
        for line in f.readlines()[1:]:
            w = line.split()
            if w[9] in inodes and int(w[1].split(":")[1], 16) != pbx.port:
                ports.append(int(w[1].split(":")[1], 16))
    if len(ports) < n:
        raise Failure("only %d media ports are open" % len(ports))
    return ports


def test_media_garbage(bench):
    """garbage, wrong RTP, RTCP that kills, and a third party's stream at the media ports: the sound is the phone's"""
    pbx = Pbx(bench, office())
    a, b = pair(bench, pbx)
    connect(a, b, "1002")
    flowing(pbx, 1)
    ports = media_ports(pbx, 4)
    rnd = random.Random(3)
    mine, foreign = udp(), udp("127.0.0.9")
    ssrc, seq = 0xBADBAD, 100
    # A tone at 1500 Hz as A-law and mu-law would be heard; loud noise is enough to tell.
    loud = bytes(rnd.randrange(256) for _ in range(160))
    bye = struct.pack("!BBHI", 0x81, 203, 1, ssrc)
    end = time.monotonic() + 4
    while time.monotonic() < end:
        for s in (mine, foreign):
            for p in ports:
                for data in (struct.pack("!BBHII", 0x80, 0, seq & 0xffff, seq * 160 & 0xffffffff, ssrc) + loud,
                             bytes(rnd.randrange(256) for _ in range(rnd.randrange(1, 60))),
                             struct.pack("!BBHII", 0xBF, 0, seq & 0xffff, 0, ssrc), b"\x80", b"",
                             bye, struct.pack("!BBH", 0x80, 200, 0xffff)):
                    try:
                        s.sendto(data, ("127.0.0.1", p))
                    except OSError:
                        pass
        seq += 1
        time.sleep(0.02)
    flowing(pbx, 1)
    a.hangup()
    b.wait("CALL_CLOSED")
    for who, freq in ((a, 660), (b, 440)):
        sound = Sound(who.heard())
        if sound.seconds(freq, share=0.7) < 0.85 * sound.loud() or sound.seconds(freq) < 4:
            raise Failure("%s heard %.1f s of %d Hz in %.1f s of sound" % (
                who.name, sound.seconds(freq), freq, sound.loud()))
    for s in (mine, foreign):
        s.settimeout(0.1)
        try:
            got, source = s.recvfrom(2000)
        except OSError:
            continue
        raise Failure("the third party %s was sent %d bytes from %s: %s" % (
            s.getsockname(), len(got), source, got[:40].hex()))
