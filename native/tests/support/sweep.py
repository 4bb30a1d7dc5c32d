#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
# usage: sweep.py INCLUDE < HEADERS
#
# For abi_system_headers.sh: do all HEADERS of the system still compile, alone, before and
# behind all of ours? Many go into one source; if that does not compile, its halves are tried. A
# header that fails alone has to fail as well when only what ours include stands beside it.
import concurrent.futures
import pathlib
import re
import subprocess
import sys

AT_ONCE = 10
include = pathlib.Path(sys.argv[1])
kernel = [f"-I{include}", f"-I{include}/workqueue"]


def error(headers, flags):
    source = "".join(f"#include <{header}>\n" for header in headers)
    command = ["gcc", "-std=gnu11", "-w", "-fsyntax-only", "-fmax-errors=1", "-x", "c", *flags, "-"]
    run = subprocess.run(command, input=source, stderr=subprocess.PIPE, text=True, check=False)
    return run.stderr if run.returncode else None


def needs_of_ours():
    names = set(ours)
    for file in [include / "workqueue.h", *include.glob("workqueue/**/*.h")]:
        names |= set(re.findall(r"^#include <([a-z_/]+\.h)>", file.read_text(), re.MULTILINE))
    return [name for name in sorted(names) if not error([name], [])]


def sweep(order, headers):
    if not error(order(headers, ours), kernel):
        return []
    if len(headers) > 1:
        half = len(headers) // 2
        return sweep(order, headers[:half]) + sweep(order, headers[half:])
    if error(order(headers, needs), []):
        return []
    return [f"FAIL <{headers[0]}> {order.__name__}: {error(order(headers, ours), kernel)}"]


def alone(headers, _):
    return headers


def before_ours(headers, others):
    return headers + others


def behind_ours(headers, others):
    return others + headers


ours = [str(file.relative_to(include / "workqueue")) for file in sorted(include.glob("workqueue/linux/*.h"))]
needs = needs_of_ours()
every = sys.stdin.read().split()
chunks = [(order, every[i:i + AT_ONCE]) for order in (alone, before_ours, behind_ours) for i in range(0, len(every), AT_ONCE)]
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    failures = [line for result in pool.map(lambda chunk: sweep(*chunk), chunks) for line in result]
print("\n".join(failures) if failures else f"ok {len(every)} headers")
sys.exit(bool(failures))
