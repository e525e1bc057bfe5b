# SPDX-License-Identifier: BSD-3-Clause
"""The bench of the wire tests: temporary folders, the PBX, tones and how to judge them."""
import array
import contextlib
import json
import math
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import wave

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BB_BUILD", os.path.join(TOP, "build"))


class Failure(Exception):
    """What a test found wrong, in one sentence."""


TAKEN = {}


def free_port(kind):
    """A port nobody uses now, and that no other test run on this machine is given while we live."""
    while True:
        with socket.socket(socket.AF_INET, kind) as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        mark = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            mark.bind("\0bellbird-test-port-%d" % port)
        except OSError:
            mark.close()
            continue
        TAKEN[port] = mark
        return port


def port_run(n):
    """The first of n ports that are free together, below those that the system gives out by itself."""
    while True:
        first = random.randrange(5000, 9900 - n, n + n % 2)
        mark = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        socks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(n)]
        try:
            mark.bind("\0bellbird-test-ports-%d-%d" % (n, first))
            for i, s in enumerate(socks):
                s.bind(("127.0.0.1", first + i))
        except OSError:
            mark.close()
            continue
        finally:
            for s in socks:
                s.close()
        TAKEN[first] = mark
        return first


def sip_port():
    """Free for UDP and for TCP."""
    while True:
        port = free_port(socket.SOCK_DGRAM)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def until(what, cond, timeout=15):
    """Poll a condition that has no event of its own."""
    end = time.monotonic() + timeout
    while True:
        value = cond()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure("waited %s s for: %s" % (timeout, what))
        time.sleep(0.05)


def read_wav(path):
    """Rate and first channel of a 16-bit file that may still be growing (its header is written last)."""
    with open(path, "rb") as f:
        raw = f.read()
    rate = int.from_bytes(raw[24:28], "little") or 8000
    channels = int.from_bytes(raw[22:24], "little") or 1
    at = raw.find(b"data", 12) + 8
    body = raw[at:] if at > 8 else b""
    data = array.array("h", body[:len(body) // 2 * 2])
    return rate, data[::channels]


def power(data, rate, freq):
    """Share of the signal's energy at one frequency (Goertzel), 0..1."""
    n = len(data)
    total = sum(x * x for x in data)
    if n == 0 or total == 0:
        return 0.0
    k = 2 * math.cos(2 * math.pi * freq / rate)
    a = b = 0.0
    for x in data:
        a, b = x + k * a - b, a
    return (a * a + b * b - k * a * b) * 2 / (n * total)


def windows(data, rate, ms=100):
    size = rate * ms // 1000
    for i in range(0, len(data) - size + 1, size):
        yield data[i:i + size]


class Sound:
    """What a phone recorded, judged window by window."""

    def __init__(self, paths):
        self.parts = [read_wav(p) for p in paths]

    def seconds(self, freq, share=0.7, floor=300):
        """Seconds in which this tone is what is heard."""
        t = 0.0
        for rate, data in self.parts:
            for w in windows(data, rate):
                if max(map(abs, w), default=0) > floor and power(w, rate, freq) > share:
                    t += 0.1
        return round(t, 1)

    def trace(self, freq, share=0.001):
        """Seconds in which there is more than a trace of the tone (one's own echo, say)."""
        t = 0.0
        for rate, data in self.parts:
            for w in windows(data, rate):
                if max(map(abs, w), default=0) > 300 and power(w, rate, freq) > share:
                    t += 0.1
        return round(t, 1)

    def loud(self, floor=300):
        t = 0.0
        for rate, data in self.parts:
            t += 0.1 * sum(1 for w in windows(data, rate) if max(map(abs, w), default=0) > floor)
        return round(t, 1)

    def length(self):
        return round(sum(len(d) / r for r, d in self.parts), 1)


class Bench:
    """One test's folder and everything it started; closes all of it."""

    def __init__(self, name):
        self.name = name
        self.dir = tempfile.mkdtemp(prefix="bellbird-%s-" % name)
        self.closers = []

    def cleanup(self, fn):
        self.closers.append(fn)

    def close(self, keep=False):
        for fn in reversed(self.closers):
            try:
                fn()
            except Exception as e:  # the next one must still be closed
                print("  closing: %s" % e)
        if keep:
            print("  kept: %s" % self.dir)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    def tone(self, freq, rate, seconds=90):
        path = os.path.join(self.dir, "tone-%d-%d.wav" % (freq, rate))
        if not os.path.exists(path):
            step = 2 * math.pi * freq / rate
            period = rate  # whole periods of an integer frequency in one second
            one = array.array("h", (int(8000 * math.sin(step * i)) for i in range(period)))
            with contextlib.closing(wave.open(path, "wb")) as w:
                w.setnchannels(1)
                w.setsampwidth(2)
                w.setframerate(rate)
                w.writeframes(one.tobytes() * seconds)
        return path

    def silence(self, path, rate):
        with contextlib.closing(wave.open(path, "wb")) as w:
            w.setnchannels(1)
            w.setsampwidth(2)
            w.setframerate(rate)
            w.writeframes(bytes(rate // 5 * 2))


class Pbx:
    """A running Bellbird with a configuration of its own."""

    def __init__(self, bench, files, name="pbx", args=(), env=None, expect_start=True,
                 verbose=("-vvv",)):
        self.bench = bench
        self.verbose = list(verbose)
        self.etc = os.path.join(bench.dir, name, "etc")
        self.state = os.path.join(bench.dir, name, "state")
        os.makedirs(self.etc)
        os.makedirs(self.state)
        self.port = sip_port()
        self.args = list(args)
        self.env = env
        self.write(files)
        self.proc = None
        bench.cleanup(self.stop)
        if expect_start:
            self.start()

    def write(self, files):
        rtp = 10000 + (self.port % 20000)
        for name, text in files.items():
            text = text.replace("@PORT@", str(self.port)).replace("@RTP@", str(rtp - rtp % 2)) \
                .replace("@RTPEND@", str(rtp - rtp % 2 + 400)).replace("@STATE@", self.state)
            with open(os.path.join(self.etc, name), "w") as f:
                f.write(text)

    @property
    def address(self):
        return "127.0.0.1:%d" % self.port

    def start(self):
        self.out = open(os.path.join(self.state, "output"), "ab")
        self.proc = subprocess.Popen(
            [os.path.join(BUILD, "bellbird"), "-f", "-C", self.etc, "-S", self.state] + self.verbose + self.args,
            stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.out, env=self.env)

        def ready():
            if self.proc.poll() is not None:
                raise Failure("the PBX ended with %s at start:\n%s" % (self.proc.returncode, self.log()[-3000:]))
            return self.run("core show uptime")[0] == 0
        until("the PBX to start", ready, 60)

    def log(self):
        with open(os.path.join(self.state, "output"), errors="replace") as f:
            return f.read()

    def run(self, command):
        """One console command: (exit status, output)."""
        r = self.ask(command)
        return r.returncode, r.stdout + r.stderr

    def ask(self, command):
        return subprocess.run([os.path.join(BUILD, "bellbird"), "-S", self.state, "-C", self.etc, "-x", command],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, env=self.env)

    def cli(self, command):
        status, out = self.run(command)
        if status != 0:
            raise Failure("'%s' failed: %s" % (command, out))
        return out

    def json(self, command):
        """What a program would read: standard output alone (sanitizers talk on the other one)."""
        r = self.ask(command + " --json")
        if r.returncode != 0:
            raise Failure("'%s' failed: %s" % (command, r.stdout + r.stderr))
        return json.loads(r.stdout)

    def kill(self):
        self.proc.send_signal(signal.SIGKILL)
        self.proc.wait()

    def stop(self):
        if self.proc and self.proc.poll() is None:
            self.proc.terminate()
            try:
                self.proc.wait(20)
            except subprocess.TimeoutExpired:
                self.proc.kill()
                self.proc.wait()
                raise Failure("the PBX did not leave within 20 s of SIGTERM")
        code = self.proc.returncode if self.proc else 0
        if code not in (0, -signal.SIGKILL):
            raise Failure("the PBX ended with %s:\n%s" % (code, self.log()[-4000:]))
