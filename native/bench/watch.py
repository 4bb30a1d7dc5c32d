# SPDX-License-Identifier: GPL-2.0-only
"""What is seen of a driver from outside: an idle process's threads, a library's size."""
import glob
import os
import subprocess
import tempfile
import time

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


def idle(paths):
    """Starts them all, looks twice, a second apart. Idle, they do not disturb each other."""
    started = [subprocess.Popen([path, "idle"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                text=True) for path in paths]
    drivers = [process.stdout.readline().strip() for process in started]
    time.sleep(SETTLE_S)
    before = [threads_of(process.pid) for process in started]
    time.sleep(WATCH_S)
    after = [threads_of(process.pid) for process in started]
    lines = []
    for process, driver, (wakes, ran), (wakes_after, ran_after) in zip(started, drivers, before, after):
        process.kill()  # nothing that they would do at their end is of interest
        process.wait()
        process.stdin.close()
        process.stdout.close()
        lines.append(line("idle", driver, "one second", "wakeups", wakes_after - wakes))
        lines.append(line("idle", driver, "one second", "cpu_us", (ran_after - ran) / 1000))
    return lines


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
    found = []
    for path in paths:
        driver, soname = LIBRARIES.get(os.path.basename(path), (None, None))
        file = library_of(path, soname) if driver else None
        if file:
            found.append(line("W7", driver, "stripped file", "size_mb", stripped_mb(file)))
    return found
