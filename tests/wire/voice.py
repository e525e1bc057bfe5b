# SPDX-License-Identifier: BSD-3-Clause
"""The voice of a raw peer: sends a tone as RTP and keeps what comes back, packet by packet."""
import array
import audioop
import math
import random
import socket
import struct
import threading
import time

from wire import Failure, port_run, power

ULAW, ALAW = 0, 8


class Voice:
    """One RTP socket with RTCP beside it; a thread sends and receives until the test ends."""

    def __init__(self, bench, freq, host="127.0.0.1"):
        self.port = port_run(2)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((host, self.port))
        self.sock.settimeout(0.005)
        self.freq, self.remote, self.pt, self.ptime = freq, None, ULAW, 20
        self.ssrc, self.seq, self.ts = random.getrandbits(32), random.getrandbits(15), random.getrandbits(31)
        self.sample = 0
        self.got, self.events = [], []  # (when, payload type, payload); (digit, end, duration, timestamp)
        self.due, self.on = time.monotonic(), True
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        bench.cleanup(self.stop)

    def send_to(self, sdp, pt=ULAW, ptime=20):
        """Send the tone where an answer or offer says."""
        port = int(sdp.split("m=audio ")[1].split()[0])
        with self.lock:
            self.remote, self.pt, self.ptime = (sdp.split("c=IN IP4 ")[1].split()[0], port), pt, ptime
        return self

    def move(self, sock_port=None):
        """From now on from and at another port."""
        new = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        port = sock_port or port_run(2)
        new.bind((self.sock.getsockname()[0], port))
        new.settimeout(0.005)
        with self.lock:
            old, self.sock, self.port = self.sock, new, port
        old.close()
        return port

    def quiet(self):
        with self.lock:
            self.remote = None

    def _packet(self, n):
        step = 2 * math.pi * self.freq / 8000
        pcm = array.array("h", (int(8000 * math.sin(step * (self.sample + i))) for i in range(n)))
        self.sample = (self.sample + n) % 8000
        code = audioop.lin2ulaw if self.pt == ULAW else audioop.lin2alaw
        return struct.pack("!BBHII", 0x80, self.pt, self.seq & 0xffff, self.ts & 0xffffffff, self.ssrc) + \
            code(pcm.tobytes(), 2)

    def _run(self):
        while self.on:
            with self.lock:
                sock, remote = self.sock, self.remote
                if remote and time.monotonic() >= self.due:
                    n = 8 * self.ptime
                    try:
                        sock.sendto(self._packet(n), remote)
                    except OSError:
                        pass
                    self.seq, self.ts = self.seq + 1, self.ts + n
                    self.due = max(self.due + self.ptime / 1000, time.monotonic() - 0.2)
            try:
                data = sock.recv(2000)
            except OSError:
                continue
            if len(data) < 12 or data[0] >> 6 != 2:
                continue
            pt, ts = data[1] & 0x7f, struct.unpack("!I", data[4:8])[0]
            if pt >= 96 and len(data) == 16:
                event, end, duration = struct.unpack("!BBH", data[12:16])
                self.events.append(("0123456789*#ABCD"[event], bool(end & 0x80), duration, ts))
            else:
                self.got.append((time.monotonic(), pt, data[12:]))

    def packets(self, pt=None):
        return [p for p in list(self.got) if pt is None or p[1] == pt]

    def heard(self, freq, share=0.7):
        """Seconds in which this tone is what came, in windows of 100 ms."""
        pcm = array.array("h")
        for _, pt, payload in list(self.got):
            if pt in (ULAW, ALAW):
                pcm.frombytes((audioop.ulaw2lin if pt == ULAW else audioop.alaw2lin)(payload, 2))
        return sum(0.1 for i in range(0, len(pcm) - 799, 800)
                   if max(map(abs, pcm[i:i + 800])) > 300 and power(pcm[i:i + 800], 8000, freq) > share)

    def digits(self):
        """What came as events of RFC 4733: (digit, milliseconds), each once by its timestamp."""
        last = {}
        for digit, end, duration, ts in list(self.events):
            last[ts] = (digit, max(duration, last.get(ts, ("", 0, False))[1]), end or last.get(ts, ("", 0, False))[2])
        if any(not e for _, _, e in last.values()):
            raise Failure("an event has no end: %s" % last)
        return [(d, n // 8) for d, n, _ in last.values()]

    def stop(self):
        self.on = False
        self.thread.join(2)
        self.sock.close()
