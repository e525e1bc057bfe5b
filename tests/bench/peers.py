# SPDX-License-Identifier: BSD-3-Clause
"""Other programs as targets of the same loads, so that a ratio to them can be read on any machine."""
import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "wire"))

from wire import Failure, sip_port  # noqa: E402

# A stateful proxy that calls one far end, and a registrar that keeps bindings in memory and challenges by
# digest (qop=auth, each nonce count once). One worker, as the load comes to one port.
KAMAILIO = """\
debug=0
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
listen=udp:{address}
alias="127.0.0.1"
mpath="{modules}"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("usrloc", "db_mode", 0)
modparam("registrar", "max_contacts", 2)
modparam("auth", "nonce_expire", 3600)
modparam("auth", "nonce_count", 1)
modparam("auth", "qop", "auth")
modparam("auth", "nid_pool_no", 1)
modparam("auth", "nc_array_size", 1048576)

request_route {{
	if (method == "REGISTER") {{
		if (!pv_www_authenticate("$td", "p", "0")) {{
			www_challenge("$td", "1");
			exit;
		}}
		save("location");
		exit;
	}}
	if (has_totag()) {{
		if (loose_route())
			t_relay();
		exit;
	}}
	if (method == "INVITE") {{
		record_route();
		$du = "sip:{far}";
		t_relay();
	}}
}}
"""


class Peer:
    """A running program of several processes."""

    def __init__(self, proc, address):
        self.proc, self.address = proc, address

    def pids(self):
        """The program and what it forked: all of its session."""
        out = []
        for p in os.listdir("/proc"):
            if p.isdigit():
                try:
                    with open("/proc/%s/stat" % p) as f:
                        if int(f.read().rpartition(")")[2].split()[3]) == self.proc.pid:
                            out.append(int(p))
                except OSError:
                    continue  # it ended meanwhile
        return out

    def cpu_ms(self):
        return sum(time.clock_gettime(~pid << 3 | 2) * 1000.0 for pid in self.pids())

    def stop(self):
        if self.proc.poll() is None:
            self.proc.terminate()
            self.proc.wait(20)


def bound(address):
    """Somebody listens there."""
    port = int(address.split(":")[1])
    with open("/proc/net/udp") as f:
        return any(line.split()[1].endswith(":%04X" % port) for line in f.readlines()[1:])


def kamailio(bench, far):
    """Kamailio with the far end's port; None where it is not installed."""
    program = shutil.which("kamailio", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if not program:
        return None
    root = os.path.join(bench.dir, "kamailio")
    os.makedirs(root)
    address = "127.0.0.1:%d" % sip_port()
    text = KAMAILIO.format(address=address, far="127.0.0.1:%d" % far, modules=modules(program))
    with open(root + "/kamailio.cfg", "w") as f:
        f.write(text)
    with open(root + "/out", "wb") as out:
        proc = subprocess.Popen([program, "-DD", "-E", "-m", "256", "-f", root + "/kamailio.cfg", "-Y", root, "-w", root],
                                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    peer = Peer(proc, address)
    bench.cleanup(peer.stop)
    for _ in range(200):
        if proc.poll() is not None:
            with open(root + "/out", errors="replace") as f:
                raise Failure("Kamailio ended with %d:\n%s" % (proc.returncode, f.read()[-2000:]))
        if bound(address) and len(peer.pids()) > 2:
            return peer
        time.sleep(0.05)
    raise Failure("Kamailio did not open its port")


def modules(program):
    """Where its modules lie, by what it says of itself."""
    said = subprocess.run([program, "-h"], capture_output=True, text=True).stdout
    at = said.partition("Modules search path (default: ")[2].partition(")")[0]
    return "".join(at.split())
