# SPDX-License-Identifier: GPL-2.0-only
"""What is seen of a driver from outside: an idle process's threads, a library's size."""
import glob
import os
import select
import subprocess
import sys
import tempfile
import time

import drivers

SETTLE_S = 0.3
WATCH_S = 1.0
# The file that a driver brings with it: a shared library, or, for .NET, the program.
LIBRARIES = {"pool_workqueue": ("workqueue", "libworkqueue.so"), "pool_libuv": ("libuv", "libuv.so"),
             "pool_glib": ("glib", "libglib-2.0.so"), "pool_tbb": ("onetbb", "libtbb.so"),
             "pool_dispatch": ("libdispatch", "libdispatch.so"), "dotnet_peer": ("dotnet", None)}


def line(workload, driver, case, metric, value):
    return {"workload": workload, "driver": driver, "case": case, "metric": metric,
            "median": value}


def threads_of(pid):
    """(times that any thread was switched in, nanoseconds that all have run)"""
    wakeups = run_ns = 0
    for task in glob.glob(f"/proc/{pid}/task/*"):
        with open(f"{task}/status", encoding="ascii", errors="replace") as file:
            wakeups += sum(int(text.split()[1]) for text in file if "_ctxt_switches" in text)
        with open(f"{task}/schedstat", encoding="ascii") as file:
            run_ns += int(file.read().split()[0])
    return wakeups, run_ns


def first_line(process, deadline):
    """(what it says when it is ready, what went wrong or None)"""
    ready, _, _ = select.select([process.stdout], [], [], max(0, deadline - time.monotonic()))
    if not ready:
        return "", "hangs"
    words = process.stdout.readline().strip()
    return words, None if words else drivers.ended(process.wait()) or "fails: says nothing"


def looks(process):
    """As threads_of(); None if it is no more."""
    try:
        return threads_of(process.pid) if process.poll() is None else None
    except OSError:
        return None


def stop(process):
    drivers.kill(process)  # nothing that it would do at its end is of interest
    process.wait()
    process.stdin.close()
    process.stdout.close()


def idle(paths, limit_s):
    """
    [(path, lines, what went wrong or None)]. Starts them all, looks twice, a second apart.
    Idle, they do not disturb each other.
    """
    started, said = {}, {}
    try:
        for path in paths:
            try:
                started[path] = drivers.start([path, "idle"], stdin=subprocess.PIPE)
            except OSError as error:
                said[path] = "", f"fails: {error.strerror}"
        deadline = time.monotonic() + limit_s
        for path, process in started.items():
            said[path] = first_line(process, deadline)
        time.sleep(SETTLE_S)
        before = {path: looks(process) for path, process in started.items()}
        time.sleep(WATCH_S)
        after = {path: looks(process) for path, process in started.items()}
        for path, process in started.items():
            if process.poll() is not None and not said[path][1]:
                said[path] = "", drivers.ended(process.returncode) or "fails: does not stay idle"
    finally:
        for process in started.values():
            stop(process)
    return [(path, *seen(*said[path], before.get(path), after.get(path))) for path in paths]


def seen(driver, wrong, before, after):
    if wrong or not before or not after:
        return [], wrong or "fails: cannot be watched"
    return [line("idle", driver, "one second", "wakeups", after[0] - before[0]),
            line("idle", driver, "one second", "cpu_us", (after[1] - before[1]) / 1000)], None


def library_of(program, soname):
    if not soname:
        return program
    linked = subprocess.run(["ldd", program], stdout=subprocess.PIPE, text=True, check=True).stdout
    return next((text.split("=>")[1].split()[0] for text in linked.splitlines() if soname in text), None)


def stripped_mb(path):
    with tempfile.TemporaryDirectory() as directory:
        copy = os.path.join(directory, "stripped")
        subprocess.run(["strip", "-o", copy, os.path.realpath(path)], check=True)
        return os.path.getsize(copy) / 1024 ** 2


def sizes(paths):
    """Of those that have a file which can be stripped."""
    found = []
    for path in paths:
        driver, soname = LIBRARIES.get(os.path.basename(path), (None, None))
        try:
            file = library_of(path, soname) if driver else None
            if file:
                found.append(line("W7", driver, "stripped file", "size_mb", stripped_mb(file)))
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"W7: no size of {path}: {error}", file=sys.stderr)
    return found
