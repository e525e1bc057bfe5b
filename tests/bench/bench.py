#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""make bench: what a call, a registration, a binding and the start cost, as ratios of one run.

bench.py [NAME ...]    parts, start, calls, held, registrations, peers, counts; all but the last two
                       when none is named

Machines differ and are noisy, so each CPU figure is also given as a multiple of what the kernel
takes, in the same run, for the datagrams of that figure alone (bench_kernel). The budgets are
multiples of the same kind, since they were set on another machine. Nothing is asserted: figures
are for reading.
"""
import os
import socket
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "wire"))
sys.dont_write_bytecode = True

import counted  # noqa: E402
import peers as others  # noqa: E402
from office import office  # noqa: E402
from sipp import ACK_2XX, ANSWER, BYE, INVITE, REGISTER, Scenario, Sipp, ULAW  # noqa: E402
from wire import BUILD, Bench, Failure, Pbx, free_port, until  # noqa: E402

OPEN = """
[load]
type=endpoint
context=internal
max_pending=0
disallow=all
allow=ulaw

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
exten => hold,1,Dial(PJSIP/far,20)
exten => 600,1,Answer()
 same => n,Wait(600)
"""
# The datagrams that the PBX receives, and sends: what the kernel takes for these alone.
CALL_PAIRS = 7
REGISTRATION_PAIRS = 2  # with a challenge; one with a nonce that the phone has already
CACHED = 4  # refreshes of that kind for each with a challenge, so that they can be told apart
# The house that the budgets were set in took so long for one pair (doc/performance.md).
CALL_BUDGET = 0.6 / 0.11
FIRST_BUDGET = 0.35 / 0.03
REFRESH_BUDGET = 0.15 / 0.03


def cpu_ms(pid):
    """Processor time of all threads of a process, to the nanosecond."""
    return time.clock_gettime(~pid << 3 | 2) * 1000.0


def pss_kb(pid):
    with open("/proc/%d/smaps_rollup" % pid) as f:
        for line in f:
            if line.startswith("Pss:"):
                return int(line.split()[1])
    raise Failure("no Pss of %d" % pid)


def show(name, value, unit, budget):
    print("%-48s %9.3f %-5s  budget %s" % (name, value, unit, budget), flush=True)


def show_cpu(name, ms, budget_ms, pairs, unit, budget):
    """A CPU figure as measured and as a multiple of its datagrams in the kernel alone."""
    print("%-48s %9.3f ms     budget %.2f   = %5.1f x the kernel alone (%.3f), budget %.1f x" % (
        name, ms, budget_ms, ms / (unit * pairs / 1000), unit * pairs / 1000, budget), flush=True)


def kernel(runs=5):
    """Microseconds for one datagram out and one in."""
    out = [float(subprocess.run([os.path.join(BUILD, "tests/bench/bench_kernel")], capture_output=True,
                                text=True, check=True).stdout) for _ in range(runs)]
    return statistics.median(out)


def quiet(bench, files, name, legs=400, kind=Pbx, **kw):
    """A PBX as it runs in production: no verbose lines; RTP ports for that many legs."""
    files["rtp.conf"] = "[general]\nrtpstart=10000\nrtpend=%d\n" % (10000 + 2 * legs + 2000)
    return kind(bench, files, name=name, verbose=(), **kw)


def settle(pid):
    """Until nothing of what was asked for is still being worked on."""
    settled(lambda: cpu_ms(pid))


def settled(cpu):
    """Processor time once it grows no more."""
    last = -1.0
    while cpu() - last > 2:
        last = cpu()
        time.sleep(0.3)
    return cpu()


def far_end(bench):
    port = free_port(socket.SOCK_DGRAM)
    far = (Scenario("far").recv("INVITE").reply("180 Ringing")
           .send(ANSWER, retrans=500, **ULAW).recv("ACK").recv("BYE").reply("200 OK", tag=False))
    Sipp(bench, far, port=port, calls=1000000, timeout=600, trace=False, args=["-l", "20000"])
    return port


def caller(name, to, pause=0):
    s = (Scenario(name).send(INVITE, user="load", to=to, cseq=1, **ULAW)
         .recv(100, optional=True).recv(180, optional=True).recv(200, rrs=True)
         .send(ACK_2XX, user="load", cseq=1, retrans=0))
    if pause:
        return s.pause(pause)
    return s.send(BYE, user="load", cseq=2).recv(200)


def sipp_done(sipp, what):
    sipp.proc.wait(150)
    if sipp.proc.returncode != 0:
        print("  (SIPp ended with %d: some %s failed)" % (sipp.proc.returncode, what))


def call_cost(bench, address, cpu, name, count, rate):
    """Milliseconds of CPU a call set up and released, and the calls a second that there were."""
    before, t0 = cpu(), time.monotonic()
    sipp = Sipp(bench, caller(name, "far"), address, calls=count, timeout=120, trace=False,
                args=["-r", str(rate), "-l", "2000"])
    sipp_done(sipp, "calls")
    took = time.monotonic() - t0
    return (settled(cpu) - before) / count, count / took


def calls(bench, unit):
    pbx = quiet(bench, office(more=OPEN.format(port=far_end(bench)), extensions=PLAN), "calls")
    pid = pbx.proc.pid

    def cpu():
        return cpu_ms(pid)
    call_cost(bench, pbx.address, cpu, "warm", 500, 200)
    for rate, count, budget in ((25, 250, 1.5), (400, 4000, 0.6), (1000, 8000, 0.6)):
        used, got = call_cost(bench, pbx.address, cpu, "near%d" % rate, count, rate)
        show_cpu("CPU a call set up and released, %.0f/s" % got, used, budget, CALL_PAIRS, unit,
                 budget / 0.6 * CALL_BUDGET)
    pbx.stop()


def held(bench, unit):
    """Legs that only wait in the dial plan, and calls of two legs without packets."""
    for what, to, n, legs, budget in (("leg that runs an application", "600", 400, 1, "24 (half a call)"),
                                      ("call, both legs bridged", "hold", 400, 2, "48")):
        # A program of its own: what an earlier one freed would be used again.
        pbx = quiet(bench, office(more=OPEN.format(port=far_end(bench)), extensions=PLAN), "held" + to,
                    legs=2000)
        pid = pbx.proc.pid
        before = pss_kb(pid)
        sipp = Sipp(bench, caller("held" + to, to, pause=120000), pbx.address, calls=n, timeout=180,
                    trace=False, args=["-r", "200", "-l", str(n)])
        until("%d calls" % n, lambda: "%d active channel" % (n * legs) in pbx.cli("core show channels count"), 60)
        settle(pid)
        # What is held lasts: fibers that wait give the unused part of their stacks back.
        until("stacks to be trimmed", lambda: int(next(
            line for line in pbx.cli("core show threads").splitlines()
            if line.startswith("Stacks trimmed")).split()[-1]) >= n, 30)
        show("memory a held " + what, (pss_kb(pid) - before) / n, "kB", budget)
        sipp.stop()
        pbx.stop()


def register(name, cached=0):
    """Registered by a challenge, then so many times again with the nonce of that challenge."""
    s = Scenario(name)
    s.send(REGISTER, user="[field0]", cseq=1, expires=3600, contact="")
    s.recv(100, optional=True).recv(401, auth=True)
    for i in range(1 + cached):
        s.send(REGISTER, user="[field0]", cseq=2 + i, expires=3600, contact="", auth="[field1]\n")
        s.recv(100, optional=True).recv(200)
    return s


def users_file(bench, n):
    path = os.path.join(bench.dir, "users.csv")
    with open(path, "w") as f:
        f.write("SEQUENTIAL\n" + "".join("r%d;[authentication username=r%d password=p]\n" % (i, i)
                                         for i in range(n)))
    return path


def register_costs(bench, address, cpu, name, n, after_first=lambda: None):
    """Milliseconds of CPU a registration: the first, a refresh by challenge, one without."""
    users, port = users_file(bench, n), free_port(socket.SOCK_DGRAM)

    def run(what, cached=0):
        before = cpu()
        # The same port, so that the later rounds refresh the first one's bindings.
        sipp = Sipp(bench, register(name + what, cached), address, calls=n, port=port, timeout=120,
                    trace=False, args=["-r", "500", "-inf", users])
        sipp_done(sipp, "registrations")
        return (settled(cpu) - before) / n
    first = run("first")
    after_first()
    again = run("again")
    return first, again, (run("cached", CACHED) - again) / CACHED


def phones(n):
    return "".join("\n[r%d]\ntype=endpoint\ncontext=internal\nauth=r%d\naors=r%d\n"
                   "[r%d]\ntype=auth\nusername=r%d\npassword=p\n[r%d]\ntype=aor\nmax_contacts=2\n"
                   % ((i,) * 6) for i in range(n))


def registrations(bench, unit, n=3000):
    pbx = quiet(bench, office(more=phones(n)), "regs")
    pid = pbx.proc.pid
    mem = [pss_kb(pid)]
    first, again, cached = register_costs(bench, pbx.address, lambda: cpu_ms(pid), "us", n,
                                          lambda: mem.append(pss_kb(pid)))
    show_cpu("CPU a registration (401, 200), durable", first, 0.35, REGISTRATION_PAIRS, unit, FIRST_BUDGET)
    show_cpu("CPU a refresh (401, 200), durable", again, 0.15, REGISTRATION_PAIRS, unit, REFRESH_BUDGET)
    show_cpu("CPU a refresh with a known nonce (200), durable", cached, 0.15, 1, unit, REFRESH_BUDGET)
    show("memory a binding", (mem[1] - mem[0]) * 1024.0 / n, "bytes", "2000")
    pbx.stop()


def show_peer(name, ms, pairs, unit):
    print("%-48s %9.3f ms                   = %5.1f x the kernel alone (%.3f)" % (
        name, ms, ms / (unit * pairs / 1000), unit * pairs / 1000), flush=True)


def peers(bench, unit, n=3000):
    """The same loads on Kamailio: it keeps bindings in memory and relays calls in one transaction each."""
    peer = others.kamailio(bench, far_end(bench))
    if not peer:
        print("Kamailio is not installed: left out")
        return
    call_cost(bench, peer.address, peer.cpu_ms, "kwarm", 500, 200)
    for rate, count in ((25, 250), (400, 4000), (1000, 8000)):
        used, got = call_cost(bench, peer.address, peer.cpu_ms, "kama%d" % rate, count, rate)
        show_peer("Kamailio: CPU a call relayed, %.0f/s" % got, used, CALL_PAIRS, unit)
    first, again, cached = register_costs(bench, peer.address, peer.cpu_ms, "kama", n)
    show_peer("Kamailio: CPU a registration (401, 200)", first, REGISTRATION_PAIRS, unit)
    show_peer("Kamailio: CPU a refresh (401, 200)", again, REGISTRATION_PAIRS, unit)
    show_peer("Kamailio: CPU a refresh with a known nonce", cached, 1, unit)
    peer.stop()


def count_calls(bench, n=200):
    pbx = quiet(bench, office(more=OPEN.format(port=far_end(bench)), extensions=PLAN), "ccalls",
                kind=counted.CountedPbx)

    def run(name, count):
        sipp_done(Sipp(bench, caller(name, "far"), pbx.address, calls=count, timeout=120, trace=False,
                       args=["-r", "20", "-l", "2000"]), "calls")
    run("cwarm", 50)
    got = pbx.counted(lambda: run("ccall", n), lambda: settle(pbx.proc.pid))
    show_counts("a call set up and released", got, n)
    pbx.stop()


def count_registrations(bench, n=200):
    pbx = quiet(bench, office(more=phones(n)), "cregs", kind=counted.CountedPbx)
    users, port = users_file(bench, n), free_port(socket.SOCK_DGRAM)

    def run(what, cached=0):
        def work():
            sipp_done(Sipp(bench, register("c" + what, cached), pbx.address, calls=n, port=port, timeout=120,
                           trace=False, args=["-r", "25", "-inf", users]), "registrations")
        return pbx.counted(work, lambda: settle(pbx.proc.pid))
    first, again, more = run("first"), run("again"), run("cached", CACHED)
    show_counts("a registration (401, 200)", first, n)
    show_counts("a refresh (401, 200)", again, n)
    show_counts("a refresh with a known nonce (200)", [m - a for m, a in zip(more, again)], n * CACHED)
    pbx.stop()


def show_counts(name, counts, n):
    print("%-48s %9.0f thousand instructions, %5.0f allocations" % (
        name, counts[0] / n / 1000, counts[1] / n), flush=True)


# Slowly: callgrind makes one machine of thirty, and what comes too fast for it is turned away.
def counts(bench, unit):
    """What does not depend on what else the machine does."""
    if not counted.available():
        print("valgrind is not installed: left out")
        return
    count_calls(bench)
    count_registrations(bench)


def one_start(bench, i):
    pbx = Pbx(bench, office(), name="start%d" % i, expect_start=False)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s, \
            open(os.path.join(pbx.state, "output"), "ab") as out:
        s.bind(("127.0.0.1", 0))
        s.connect(("127.0.0.1", pbx.port))
        s.settimeout(0.002)
        me = "127.0.0.1:%d" % s.getsockname()[1]
        ask = ("OPTIONS sip:x@%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%%d;rport\r\n"
               "Max-Forwards: 70\r\nFrom: <sip:b@x>;tag=1\r\nTo: <sip:x@x>\r\nCall-ID: b%d\r\n"
               "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n" % (pbx.address, me, i))
        t0 = time.monotonic()
        pbx.proc = subprocess.Popen([os.path.join(BUILD, "bellbird"), "-f", "-C", pbx.etc, "-S", pbx.state],
                                    stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        n = 0
        while True:
            n += 1
            if time.monotonic() - t0 > 20:
                raise Failure("no OPTIONS was answered:\n" + pbx.log()[-2000:])
            try:
                s.send((ask % n).encode())
                s.recv(4096)
                break
            except OSError:
                time.sleep(0.001)
        took = (time.monotonic() - t0) * 1000
    settle(pbx.proc.pid)
    used, mem = cpu_ms(pbx.proc.pid), pss_kb(pbx.proc.pid)
    idle = cpu_ms(pbx.proc.pid)
    time.sleep(1)
    idle = cpu_ms(pbx.proc.pid) - idle
    pbx.stop()
    return took, used, mem, idle


def start(bench, unit):
    took, used, mem, idle = zip(*(one_start(bench, i) for i in range(5)))
    show("start to the first answered OPTIONS (median)", statistics.median(took), "ms", "100")
    show("CPU of the start", statistics.median(used), "ms", "none")
    show("idle memory (PSS)", statistics.median(mem) / 1024.0, "MB", "15")
    show("idle CPU", statistics.median(idle), "ms/s", "none")


def parts(bench, unit):
    """The benches in C, each a program of its own."""
    for name in ("bench_base", "bench_fiber", "bench_sip", "bench_dialplan", "bench_relay"):
        path = os.path.join(BUILD, "tests/bench", name)
        if os.path.exists(path):
            print("\n== " + name, flush=True)
            subprocess.run([path], timeout=300, check=True)


def main():
    rooms = {f.__name__: f for f in (parts, start, calls, held, registrations, peers, counts)}
    words = sys.argv[1:] or [w for w in rooms if w not in ("peers", "counts")]
    for w in words:
        if w not in rooms:
            sys.exit("bench.py: '%s' is none of: %s" % (w, " ".join(rooms)))
    bench = Bench("bench")
    try:
        if "parts" in words:
            parts(bench, 0)
        print("\n== the whole program over loopback")
        unit = kernel()
        print("%-48s %9.3f us" % ("kernel: one datagram out and one in", unit), flush=True)
        for w in words:
            if w != "parts":
                rooms[w](bench, unit)
    finally:
        bench.close()


if __name__ == "__main__":
    main()
