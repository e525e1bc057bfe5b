#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Each kind of traffic over and over: what lives afterwards, in bytes and by object, must not grow.

soak.py [MINUTES] [mixed] [KIND ...]      run by `make soak MINUTES=…`; not among the tests

First every kind by itself: a batch that fills the tables which keep the last of something, then batches whose growth is
judged by the bytes that live in the program (`core show memory`). Then, for the rest of the time, batches of all kinds in
turn, at random; with `mixed` nothing else.
"""
import os
import random
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from wire import Bench, Failure, until  # noqa: E402
from test_faults import memory  # noqa: E402
from test_hostile import fds, media_ports  # noqa: E402
from traffic import KINDS, Office  # noqa: E402

PASSING = ("channel", "sip session", "sip request", "sip_strans", "sip_conn")


def facts(pbx):
    """Living objects by type, what is held by name, bytes in use."""
    doc = pbx.json("core show memory")
    held = {h["held"]: h["bytes"] for h in doc["held"]}
    return {o["type"]: o["live"] for o in doc["objects"]}, held, doc["heap_in_use_bytes"]


def quiet(pbx):
    """Until the last transaction has had its time."""
    def gone():
        live = facts(pbx)[0]
        return not any(live.get(k) for k in PASSING)
    until("channels and transactions to end", gone, 90)


def measure(pbx):
    quiet(pbx)
    live, held, used = facts(pbx)
    # SQLite's cache fills as the file grows, stories are long or short, nonces live for half a minute: bounded all.
    passing = sum(held[k] for k in ("database cache", "stories kept", "SIP nonces"))
    return {"bytes": used - passing, "cache": held["database cache"],
            "stories": held["stories kept"], "objects": live, "held": held,
            "fds": fds(pbx) - len(media_ports(pbx, 0)), "MB": memory(pbx)}


def grown(before, after, n):
    """What has grown although n of a kind have come and gone; None when nothing has."""
    # A leak would be at least a block a time.
    allowed = 24 * 1024 + 8 * n
    if after["bytes"] > before["bytes"] + allowed:
        return "%d bytes more after %d, which is %.0f each" % (
            after["bytes"] - before["bytes"], n, (after["bytes"] - before["bytes"]) / n)
    if after["fds"] > before["fds"] + 4:
        return "descriptors went from %d to %d" % (before["fds"], after["fds"])
    for name, count in after["objects"].items():
        if count > before["objects"].get(name, 0) + 10:
            return "%s went from %s to %s" % (name, before["objects"].get(name, 0), count)
    return None


def one_kind(office, fn, n):
    """A batch to fill the tables, then up to four times two batches: one pair without growth is enough."""
    fn(office, n)
    before = measure(office.pbx)
    for attempt in range(4):
        for _ in range(2):
            fn(office, n)
        after = measure(office.pbx)
        problem = grown(before, after, 2 * n)
        print("%-22s %6d  %+9d bytes  %5.1f MB  cache %d kB  stories %d kB%s" % (
            fn.__name__, 2 * n, after["bytes"] - before["bytes"], after["MB"], after["cache"] // 1024,
            after["stories"] // 1024,
            "  " + problem if problem else ""), flush=True)
        if not problem:
            return None
        before = after
    return "%s: %s" % (fn.__name__, problem)


def mixed(office, kinds, until_when):
    """All kinds at random; the tables are full already."""
    before, rounds, problem = None, 0, None
    while time.monotonic() < until_when or rounds < 2:
        for fn, n in random.sample(kinds, len(kinds)):
            fn(office, max(1, n // 4))
        now = measure(office.pbx)
        rounds += 1
        print("round %-3d %9d bytes  %5.1f MB  %s" % (rounds, now["bytes"], now["MB"], now["held"]), flush=True)
        before = before or now
        problem = grown(before, now, rounds)
    return problem


def main():
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 8
    words = [w for w in sys.argv[2:] if w != "mixed"]
    kinds = [k for k in KINDS if not words or k[0].__name__ in words]
    bench, problems = Bench("soak"), []
    end = time.monotonic() + minutes * 60
    try:
        office = Office(bench)
        for fn, n in kinds if "mixed" not in sys.argv else ():
            problems.append(one_kind(office, fn, n))
        problems.append(mixed(office, kinds, end))
    except Failure as e:
        problems.append(str(e))
    except Exception:
        problems.append(traceback.format_exc())
    for close in reversed(bench.closers):
        try:
            close()
        except Failure as e:
            problems.append("closing: %s" % e)
    bench.closers = []
    bench.close()
    problems = [p for p in problems if p]
    print("soak: %s" % ("; ".join(problems) or "all is back where it was"))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
