# SPDX-License-Identifier: GPL-2.0-only
"""The benchmark programs: which there are, what each has, and how one is run."""
import json
import os
import signal
import subprocess

POOL = ("W1", "W1b", "W2", "W3", "W3b", "W4", "W7", "W8", "W9p", "W9q", "W9n", "idle")
# How a program's name begins: the workloads it has. The first that fits counts.
WORKLOADS = {"pool_futex": ("W2",), "pool_": POOL, "threads": ("W8",), "timers_": ("W5",),
             "cancel_": ("W5b",), "lateness_": ("W6",),
             "dotnet_peer": ("W1", "W1b", "W2", "W3", "W3b", "W4", "W5", "W6", "W7", "W9p",
                             "W9n", "idle")}
# How it ends: the driver's name, where that is another.
NAMES = {"wq": "workqueue", "mutex": "c-mutex", "spin": "c-spin", "mpsc": "c-mpsc",
         "urcu": "c-urcu", "wheel": "c-wheel", "tbb": "onetbb", "dispatch": "libdispatch",
         "peer": "dotnet", "threads": "pthread", "percpu": "alloc-percpu",
         "unbound": "alloc-unbound", "ordered": "alloc-ordered"}
OURS = "workqueue"
ALL_OURS = (OURS, "alloc-percpu", "alloc-unbound", "alloc-ordered")


def name_of(path):
    last = os.path.basename(path).split("_", 1)[-1]
    return NAMES.get(last, last)


def programs(directory):
    """{workload: paths of the programs that have it}"""
    found = {}
    for name in sorted(os.listdir(directory)):
        path = os.path.join(directory, name)
        if not os.path.isfile(path) or not os.access(path, os.X_OK):
            continue
        prefix = next((p for p in WORKLOADS if name.startswith(p)), None)
        for workload in WORKLOADS.get(prefix, ()):
            found.setdefault(workload, []).append(path)
    return found


def start(command, **more):
    """In a process group of its own, so that kill() reaches what it starts."""
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True,
                            **more)


def kill(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def ended(code):
    """What is wrong with a program that ended so, or None."""
    if code >= 0:
        return f"fails: exit code {code}" if code else None
    return f"fails: {signal.Signals(-code).name}"


def output_of(command, limit_s):
    """(what it printed, what went wrong or None)"""
    try:
        process = start(command)
    except OSError as error:
        return "", f"fails: {error.strerror}"
    try:
        out, _ = process.communicate(timeout=limit_s)
        return out, ended(process.returncode)
    except subprocess.TimeoutExpired:
        kill(process)
        return process.communicate()[0], "hangs"
    except BaseException:
        kill(process)
        raise


def run(path, workload, size, limit_s):
    """(its lines, what went wrong or None); size is [] or an option"""
    command = [path, *size, workload]
    if workload == "W7":
        command = [os.path.join(os.path.dirname(path), "launch"), *size, path]
    out, wrong = output_of(command, limit_s)
    lines = []
    for text in out.splitlines():
        if not text.startswith("{"):
            continue
        try:
            lines.append(json.loads(text))
        except ValueError:
            wrong = wrong or "fails: a line is not JSON"
    return lines, wrong
