#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Run the wire tests: real phones and load generators against a real PBX over loopback.

run.py [-k] [-l] [NAME ...]     -k keeps the folders of failed tests, -l lists
"""
import importlib
import os
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

import wire  # noqa: E402


def tests():
    for f in sorted(os.listdir(HERE)):
        if f.startswith("test_") and f.endswith(".py"):
            module = importlib.import_module(f[:-3])
            for name, fn in list(vars(module).items()):
                if name.startswith("test_") and callable(fn):
                    yield f[5:-3] + "." + name[5:], fn


def main():
    words = [a for a in sys.argv[1:] if not a.startswith("-")]
    flags = [a for a in sys.argv[1:] if a.startswith("-")]
    passed, failed = 0, []
    for name, fn in tests():
        if words and not any(w in name for w in words):
            continue
        if "-l" in flags:
            print(name)
            continue
        bench = wire.Bench(name.replace(".", "-"))
        started = time.monotonic()
        problem = None
        try:
            fn(bench)
        except wire.Failure as e:
            problem = str(e)
        except Exception:
            problem = traceback.format_exc()
        try:
            for close in reversed(bench.closers):
                try:
                    close()
                except wire.Failure as e:
                    problem = problem or "closing: %s" % e
            bench.closers = []
        finally:
            bench.close(keep=bool(problem) and "-k" in flags)
        if problem:
            failed.append(name)
            print("FAIL  %s (%.1f s): %s" % (name, time.monotonic() - started, problem), flush=True)
        else:
            passed += 1
            print("ok    %s (%.1f s)  %s" % (name, time.monotonic() - started, fn.__doc__ or ""), flush=True)
    if "-l" not in flags:
        print("wire: %d passed, %d failed" % (passed, len(failed)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
