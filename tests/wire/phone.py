# SPDX-License-Identifier: BSD-3-Clause
"""A real phone for the wire tests: one baresip process, driven over its control port.

The phone plays a tone file as its microphone and records what it sends and
what it hears, so that a test can judge the sound at each end.
"""
import collections
import glob
import json
import os
import socket
import subprocess
import threading
import time

from wire import Failure, free_port, until

CONFIG = """\
poll_method epoll
sip_listen {host}:{sip_port}
call_local_timeout 60
call_max_calls 4
audio_path /usr/share/baresip
audio_source {source}
audio_alert aufile,{dir}/alert.wav
ausrc_srate {srate}
auplay_srate {srate}
audio_level no
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
audio_buffer 20-160
rtp_ports {rtp}
rtp_stats yes
module_path /usr/lib/baresip/modules
module {codecs}
module aufile.so
module sndfile.so
module_tmp account.so
module_app ctrl_tcp.so
module_app menu.so
ctrl_tcp_listen 127.0.0.1:{ctrl}
sndfile_path {dir}
statmode_default off
menu_bell no
ring_aufile none
"""


class Phone:
    def __init__(self, bench, name, user, password, registrar, tone, codecs="g711",
                 accept=None, register=True, extra="", transport="udp", answermode="manual",
                 host="127.0.0.1"):
        self.name, self.user = name, user
        self.dir = os.path.join(bench.dir, "phone-" + name)
        os.makedirs(self.dir, exist_ok=True)
        self.events = collections.deque()
        self.cond = threading.Condition()
        self.seen = []
        self.registered = False
        self.tone = tone
        srate = 16000 if "g722" in codecs else 8000
        source = bench.tone(tone, srate)
        self.ctrl = free_port(socket.SOCK_STREAM)
        rtp = free_port(socket.SOCK_DGRAM)
        modules = "\nmodule ".join(c.split("/")[0] + ".so" for c in codecs.split(","))
        config = CONFIG.format(
            host="[%s]" % host if ":" in host else host, sip_port=0, source="aufile," + source,
            dir=self.dir, srate=srate, rtp="%d-%d" % (20000 + rtp % 30000, 20000 + rtp % 30000 + 200),
            codecs=modules, ctrl=self.ctrl)
        with open(self.dir + "/config", "w") as f:
            f.write(config)
        bench.silence(self.dir + "/alert.wav", srate)
        params = ";audio_codecs=" + (accept or "PCMU/8000/1,PCMA/8000/1") + extra
        if not register:
            params += ";regint=0"
        with open(self.dir + "/accounts", "w") as f:
            f.write('<sip:%s@%s;transport=%s>;auth_user=%s;auth_pass=%s;answermode=%s%s\n'
                    % (user, registrar, transport, user, password, answermode, params))
        open(self.dir + "/contacts", "w").close()
        self.log = open(self.dir + "/log", "wb")
        self.proc = subprocess.Popen(["baresip", "-6" if ":" in host else "-4", "-v", "-n", host, "-f", self.dir],
                                     cwd=self.dir,
                                     stdin=subprocess.PIPE, stdout=self.log, stderr=self.log)
        bench.cleanup(self.stop)
        self._connect()

    def _connect(self):
        end = time.monotonic() + 15
        while True:
            try:
                self.sock = socket.create_connection(("127.0.0.1", self.ctrl), timeout=5)
                break
            except OSError:
                if self.proc.poll() is not None or time.monotonic() > end:
                    raise Failure("%s: baresip did not start, see %s/log" % (self.name, self.dir))
                time.sleep(0.05)
        self.sock.settimeout(None)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        buf = b""
        while True:
            try:
                data = self.sock.recv(65536)
            except OSError:
                data = b""
            if not data:
                return
            buf += data
            while b":" in buf:
                head, rest = buf.split(b":", 1)
                n = int(head)
                if len(rest) < n + 1:
                    break
                msg, buf = json.loads(rest[:n]), rest[n + 1:]
                with self.cond:
                    self.events.append(msg)
                    self.seen.append(msg)
                    self.cond.notify_all()

    def command(self, command, params=""):
        msg = json.dumps({"command": command, "params": params, "token": "t"}).encode()
        self.sock.sendall(b"%d:%s," % (len(msg), msg))

    def wait(self, kind, timeout=15, match=None):
        """Wait for an event of the type (and text) that no wait has taken yet."""
        end = time.monotonic() + timeout
        with self.cond:
            while True:
                for e in list(self.events):
                    if e.get("type") == kind and (match is None or match in json.dumps(e)):
                        self.events.remove(e)
                        return e
                left = end - time.monotonic()
                if left <= 0:
                    raise Failure("%s: no %s within %s s; had %s" % (
                        self.name, kind, timeout, [e.get("type", "reply") for e in self.seen]))
                self.cond.wait(left)

    def has(self, kind):
        with self.cond:
            return any(e.get("type") == kind for e in self.seen)

    def wait_registered(self):
        """Its own log tells; the event may have come before the control port was open."""
        def told():
            with open(self.dir + "/log", errors="replace") as f:
                return "200 OK" in f.read()
        until("%s to register" % self.name, told)

    def dial(self, number):
        self.command("dial", number)

    def answer(self):
        self.command("accept")

    def hangup(self):
        self.command("hangup")

    def hold(self):
        self.command("hold")

    def resume(self):
        self.command("resume")

    def digits(self, text):
        """DTMF, spaced as a person would."""
        for d in text:
            self.command("sndcode", d)
            time.sleep(0.25)

    def heard(self):
        """Files of what this phone decoded, oldest first."""
        return sorted(glob.glob(self.dir + "/dump-*-dec.wav"))

    def stop(self):
        if self.proc.poll() is None:
            try:
                self.command("quit")
                self.proc.wait(3)
            except (OSError, subprocess.TimeoutExpired):
                self.proc.kill()
                self.proc.wait()
        try:
            self.sock.close()
        except (OSError, AttributeError):
            pass
        self.log.close()
