#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""make bench: what a call, a registration, a binding and the start cost, as ratios of one run.

Machines differ and are noisy, so each CPU figure is also given as a multiple of what the kernel
takes, in the same run, for one datagram in and one out. The budgets are multiples too.
"""
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "wire"))
sys.dont_write_bytecode = True

from office import office  # noqa: E402
from sipp import ACK, ACK_2XX, ANSWER, BYE, INVITE, REGISTER, Scenario, Sipp, ULAW  # noqa: E402
from wire import BUILD, Bench, Pbx, until  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
OPEN = """
[load]
type=endpoint
context=internal
disallow=all
allow=ulaw
aors=load
{more}
[load]
type=identify
endpoint=load
match=127.0.0.1

[far]
type=endpoint
context=internal
disallow=all
allow=ulaw
aors=far

[far]
type=aor
contact=sip:far@127.0.0.1:{port}
"""
PLAN = """
[internal]
exten => far,1,Dial(PJSIP/far,20)
exten => 600,1,Answer()
 same => n,Wait(600)
"""


def cpu_ms(pid):
    with open("/proc/%d/stat" % pid) as f:
        v = f.read().rsplit(")", 1)[1].split()
    return (int(v[11]) + int(v[12])) * 1000.0 / TICK


def pss_kb(pid):
    with open("/proc/%d/smaps_rollup" % pid) as f:
        for line in f:
            if line.startswith("Pss:"):
                return int(line.split()[1])


def show(name, value, unit, ratio=None, budget=None, of="datagram in and out"):
    text = "%-46s %10.3f %s" % (name, value, unit)
    if ratio is not None:
        text += "   = %6.1f x one %s" % (ratio, of)
    if budget is not None:
        text += "   (budget %s)" % budget
    print(text, flush=True)


def kernel():
    out = subprocess.run([os.path.join(BUILD, "tests/bench/bench_kernel")], capture_output=True, text=True)
    return float(out.stdout)


CAPS = "max_transactions=100000\n"


def calls(bench, unit, n=4000, rate=400):
    port = 0
    far = (Scenario("far").recv("INVITE").reply("180 Ringing")
           .send(ANSWER, retrans=500, **ULAW).recv("ACK").recv("BYE").reply("200 OK", tag=False))
    from wire import free_port
    import socket
    port = free_port(socket.SOCK_DGRAM)
    files = office(more=OPEN.format(port=port, more=""), extensions=PLAN)
    pbx = Pbx(bench, files, name="calls", args=[])
    Sipp(bench, far, port=port, calls=n * 2, timeout=300)
    near = (Scenario("near").send(INVITE, user="load", to="far", cseq=1, **ULAW)
            .recv(100, optional=True).recv(180, optional=True).recv(200, rrs=True)
            .send(ACK_2XX, user="load", cseq=1, retrans=0)
            .send(BYE, user="load", cseq=2).recv(200))

    def run(count, r, name):
        near.name = name
        s = Sipp(bench, near, pbx.address, calls=count, timeout=200, args=["-r", str(r), "-l", "2000"])
        s.proc.wait(240)
    run(200, 100, "warm")
    before, t0 = cpu_ms(pbx.proc.pid), time.monotonic()
    run(n, rate, "near")
    used, took = cpu_ms(pbx.proc.pid) - before, time.monotonic() - t0
    show("CPU a call set up and released (%d/s)" % (n / took), used / n, "ms", used / n * 1000 / unit,
         "%.0f x: 0.6 ms against 0.11 for 14 datagrams" % (0.6 / 0.11 * 14 / 2))
    pbx.stop()


def held(bench, n=500):
    files = office(more=OPEN.format(port=9, more=""), extensions=PLAN)
    pbx = Pbx(bench, files, name="held")
    before = pss_kb(pbx.proc.pid)
    s = (Scenario("hold").send(INVITE, user="load", to="600", cseq=1, **ULAW)
         .recv(100, optional=True).recv(180, optional=True).recv(200, rrs=True)
         .send(ACK_2XX, user="load", cseq=1, retrans=0).pause(60000))
    sipp = Sipp(bench, s, pbx.address, calls=n, timeout=120, args=["-r", "100", "-l", str(n)])
    until("%d calls" % n, lambda: "%d active channel" % n in pbx.cli("core show channels count"), 60)
    show("memory a held leg with its dial plan", (pss_kb(pbx.proc.pid) - before) / n, "kB", None,
         "48 kB for both legs of a call")
    sipp.stop()
    pbx.stop()


def registrations(bench, unit, n=3000):
    phones = "".join("\n[r%d]\ntype=endpoint\ncontext=internal\nauth=r%d\naors=r%d\n"
                     "[r%d]\ntype=auth\nusername=r%d\npassword=p\n[r%d]\ntype=aor\nmax_contacts=2\n"
                     % ((i,) * 6) for i in range(n))
    pbx = Pbx(bench, office(more=phones), name="regs")
    inf = os.path.join(bench.dir, "users.csv")
    with open(inf, "w") as f:
        f.write("SEQUENTIAL\n" + "".join("r%d;[authentication username=r%d password=p]\n" % (i, i)
                                         for i in range(n)))

    def run(name):
        s = Scenario(name)
        s.send(REGISTER, user="[field0]", cseq=1, expires=3600, contact="")
        s.recv(100, optional=True).recv(401, auth=True)
        s.send(REGISTER, user="[field0]", cseq=2, expires=3600, contact="", auth="[field1]\n")
        s.recv(100, optional=True).recv(200)
        before, mem = cpu_ms(pbx.proc.pid), pss_kb(pbx.proc.pid)
        sipp = Sipp(bench, s, pbx.address, calls=n, timeout=120, args=["-r", "500", "-inf", inf])
        sipp.proc.wait(150)
        return (cpu_ms(pbx.proc.pid) - before) / n, (pss_kb(pbx.proc.pid) - mem) * 1024.0 / n
    first, size = run("first")
    show("CPU a registration (401, 200), durable", first, "ms", first * 1000 / unit,
         "%.0f x: 0.35 ms against 0.03 for 4 datagrams" % (0.35 / 0.03 * 2))
    show("memory a binding, with its first registration", size, "bytes", None, "2000")
    again, _ = run("again")
    show("CPU a refresh (401, 200), durable", again, "ms", again * 1000 / unit,
         "%.0f x: 0.15 ms against 0.03" % (0.15 / 0.03 * 2))
    pbx.stop()


def start(bench):
    times = []
    for i in range(5):
        pbx = Pbx(bench, office(), name="start%d" % i, expect_start=False)
        import socket
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            s.settimeout(0.002)
            me = "127.0.0.1:%d" % s.getsockname()[1]
            ask = ("OPTIONS sip:x@%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%%d;rport\r\n"
                   "Max-Forwards: 70\r\nFrom: <sip:b@x>;tag=1\r\nTo: <sip:x@x>\r\nCall-ID: b%d\r\n"
                   "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n" % (pbx.address, me, i))
            t0 = time.monotonic()
            out = open(os.path.join(pbx.state, "output"), "ab")
            pbx.out = out
            pbx.proc = subprocess.Popen([os.path.join(BUILD, "bellbird"), "-f", "-C", pbx.etc, "-S", pbx.state],
                                        stdin=subprocess.DEVNULL, stdout=out, stderr=out)
            n = 0
            while time.monotonic() - t0 < 10:
                n += 1
                try:
                    s.sendto((ask % n).encode(), ("127.0.0.1", pbx.port))
                    s.recv(4096)
                    break
                except OSError:
                    time.sleep(0.001)
            times.append((time.monotonic() - t0) * 1000)
            mem = pss_kb(pbx.proc.pid)
        pbx.stop()
    show("start to the first answered OPTIONS (median)", sorted(times)[2], "ms", None, "100 ms")
    show("idle memory (PSS)", mem / 1024.0, "MB", None, "15 MB")


def main():
    for name in ("bench_base", "bench_sip", "bench_dialplan", "bench_relay"):
        path = os.path.join(BUILD, "tests/bench", name)
        if os.path.exists(path):
            print("\n== " + name, flush=True)
            subprocess.run([path], timeout=300)
    bench = Bench("bench")
    try:
        print("\n== the whole program over loopback")
        unit = kernel()
        show("kernel: one datagram out and in", unit, "us")
        start(bench)
        calls(bench, unit)
        held(bench)
        registrations(bench, unit)
    finally:
        bench.close()


if __name__ == "__main__":
    main()
