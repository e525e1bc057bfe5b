# SPDX-License-Identifier: BSD-3-Clause
"""Another maker's phone: linphonec, driven by its standard input."""
import os
import socket
import subprocess
import time

from wire import free_port, until

CONFIG = """\
[sip]
sip_port={port}
sip_udp_port={port}
sip_tcp_port={port}
sip_tls_port=-1
use_ipv6=0
guess_hostname=0
contact="{user}" <sip:{user}@127.0.0.1:{port}>
default_proxy=0
register_only_when_network_is_up=0
keepalive_period=10000
verify_server_certs=0
media_encryption=none

[net]
nat_policy_ref=none
firewall_policy=0

[rtp]
audio_rtp_port={rtp}

[sound]
playback_dev_id=
capture_dev_id=
echocancellation=0

[video]
enabled=0
display=0
capture=0

[proxy_0]
reg_proxy=sip:{registrar};transport={transport}
reg_identity=sip:{user}@{registrar}
reg_expires=600
reg_sendregister=1
publish=0

[auth_info_0]
username={user}
passwd={password}
realm={realm}
algorithm={algorithm}

[audio_codec_0]
mime=PCMU
rate=8000
channels=1
enabled=1

[audio_codec_1]
mime=PCMA
rate=8000
channels=1
enabled=1
"""


class Linphone:
    def __init__(self, bench, user, password, registrar, tone, transport="udp", algorithm="MD5", realm="bellbird"):
        self.dir = os.path.join(bench.dir, "linphone-" + user)
        os.makedirs(self.dir + "/.local/share/linphone")
        self.name = "linphone"
        rtp = 20000 + free_port(socket.SOCK_DGRAM) % 30000
        with open(self.dir + "/rc", "w") as f:
            f.write(CONFIG.format(user=user, password=password, registrar=registrar, transport=transport,
                                  port=free_port(socket.SOCK_DGRAM), rtp=rtp - rtp % 2, algorithm=algorithm, realm=realm))
        self.out = open(self.dir + "/out", "wb")
        env = dict(os.environ, HOME=self.dir, XDG_CONFIG_HOME=self.dir, XDG_DATA_HOME=self.dir)
        self.proc = subprocess.Popen(["linphonec", "-c", self.dir + "/rc", "-d", "6", "-l", self.dir + "/log"],
                                     cwd=self.dir, env=env, stdin=subprocess.PIPE, stdout=self.out, stderr=self.out)
        bench.cleanup(self.stop)
        self.say("soundcard use files")
        self.say("play " + bench.tone(tone, 8000))
        self.say("record %s/heard.wav" % self.dir)

    def say(self, text):
        self.proc.stdin.write(text.encode() + b"\n")
        self.proc.stdin.flush()

    def printed(self):
        with open(self.dir + "/out", errors="replace") as f:
            return f.read()

    def told(self, text, timeout=15):
        until("linphone to say '%s'" % text, lambda: text in self.printed(), timeout)

    def heard(self):
        return [self.dir + "/heard.wav"] if os.path.exists(self.dir + "/heard.wav") else []

    def stop(self):
        if self.proc.poll() is None:
            try:
                self.say("quit")
                self.proc.wait(4)
            except (OSError, subprocess.TimeoutExpired):
                self.proc.kill()
                self.proc.wait()
        self.out.close()
