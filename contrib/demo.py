# SPDX-License-Identifier: BSD-3-Clause
"""contrib/up --demo: a real call between two software phones, told and judged."""
import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TOP, "tests", "wire"))
sys.dont_write_bytecode = True

from office import office  # noqa: E402
from phone import Phone  # noqa: E402
from test_calls import connect, flowing  # noqa: E402
from wire import Bench, Pbx, Sound  # noqa: E402


def main():
    bench = Bench("demo")
    try:
        print("Starting Bellbird on a free port, with phones 1001 and 1002 (baresip).")
        pbx = Pbx(bench, office())
        a = Phone(bench, "a", "1001", "secret1001", pbx.address, 440)
        b = Phone(bench, "b", "1002", "secret1002", pbx.address, 660)
        a.wait_registered()
        b.wait_registered()
        print("Both are registered:\n" + pbx.cli("sip show contacts"))
        print("1001 calls 1002, plays 440 Hz; 1002 answers and plays 660 Hz.")
        connect(a, b, "1002")
        flowing(pbx, 5)
        print(pbx.cli("core show channels"))
        a.hangup()
        b.wait("CALL_CLOSED")
        print("What happened, as the PBX tells it (call show last):\n")
        print(pbx.cli("call show last"))
        print(pbx.cli("call ladder last"))
        good = True
        for phone, wanted, own in ((a, 660, 440), (b, 440, 660)):
            s = Sound(phone.heard())
            ok = s.seconds(wanted) > 3 and s.trace(own, 0.01) < 0.3
            good = good and ok
            print("%s: recorded %.1f s, of it %.1f s the other's tone (%d Hz), %.1f s its own: %s" % (
                phone.user, s.length(), s.seconds(wanted), wanted, s.trace(own, 0.01),
                "sounds right" if ok else "SOUNDS WRONG"))
        return 0 if good else 1
    finally:
        bench.close()


if __name__ == "__main__":
    sys.exit(main())
