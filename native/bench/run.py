#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs the benchmark programs in turns and compares their results.

  run.py PROGRAM_DIR [--quick] [--only W]... [--rounds N] [--json FILE] [--svg FILE]

A round starts, workload by workload, every program that has it, each in a fresh
process: A B C, A B C, ... A figure is the median over the rounds. Prints a Markdown
table for each workload and what was met of the targets.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

import machine
import picture
import tables
import targets
import watch

POOL = ("W1", "W1b", "W2", "W3", "W3b", "W4", "W7", "W8", "W9p", "W9q", "W9n", "idle")
# How a program's name begins: the workloads it has. The first that fits counts.
WORKLOADS = {"pool_futex": ("W2",), "pool_": POOL, "threads": ("W8",), "timers_": ("W5",),
             "cancel_": ("W5b",), "lateness_": ("W6",),
             "dotnet_peer": ("W1", "W1b", "W2", "W3", "W3b", "W4", "W5", "W6", "W7", "W9p",
                             "W9n", "idle")}
TIMEOUT_S = 300


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


def run_program(path, workload, quick):
    options = ["--quick"] if quick else []
    command = [path, *options, workload]
    if workload == "W7":
        command = [os.path.join(os.path.dirname(path), "launch"), *options, path]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=TIMEOUT_S,
                          check=False)
    if done.returncode:
        sys.exit(f"run.py: {os.path.basename(path)} {workload}: exit code {done.returncode}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def measure(found, rounds, quick):
    """{(workload, case, metric): {driver: [one value per round]}}"""
    results = {}

    def add(line):
        drivers = results.setdefault((line["workload"], line["case"], line["metric"]), {})
        drivers.setdefault(line["driver"], []).append(line["median"])

    for number in range(rounds):
        for workload, paths in found.items():
            print(f"round {number + 1} of {rounds}: {workload}", file=sys.stderr)
            if workload == "idle":
                lines = watch.idle(paths)
            else:
                lines = [line for path in paths for line in run_program(path, workload, quick)]
            if workload == "W7":
                lines += watch.sizes(paths)
            for line in lines:
                add(line)
    return results


def derive(results):
    """Arming and cancelling belong together: cheap at one is often dear at the other."""
    for key in [k for k in results if k[2] in ("arm_ns", "arm_all_ns")]:
        workload, case, metric = key
        cancels = results[(workload, case, metric.replace("arm", "cancel"))]
        results[(workload, case, metric.replace("arm", "arm_and_cancel"))] = {
            driver: [a + c for a, c in zip(arms, cancels[driver])]
            for driver, arms in results[key].items()}
    for metric in ("arm_and_cancel", "arm_and_cancel_all"):
        few = results.get(("W5", "1000", f"{metric}_ns"), {})
        many = results.get(("W5", "1000000", f"{metric}_ns"), {})
        ratios = {driver: [m / f for m, f in zip(many[driver], few[driver])] for driver in many}
        if ratios:
            results[("W5", "1000000 over 1000", f"{metric}_ratio")] = ratios


def as_json(results, options, machine_lines):
    out = []
    for (workload, case, metric), drivers in results.items():
        ours = tables.ours(drivers)
        for driver, values in drivers.items():
            median = statistics.median(values)
            out.append({"workload": workload, "case": case, "metric": metric, "driver": driver,
                        "rounds": values, "median": median, "min": min(values),
                        "max": max(values),
                        "ours_to_this": round(ours / median, 3) if ours and median else None})
    return {"machine": machine_lines, "quick": options.quick, "rounds": options.rounds,
            "results": out, "targets": targets.as_json(results)}


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def main():
    parser = argparse.ArgumentParser(prog="./build.sh bench", description=__doc__.splitlines()[0])
    parser.add_argument("directory", help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument("--only", action="append", metavar="W", help="one workload, as W5")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", metavar="FILE", help="every round; default: in the build")
    parser.add_argument("--svg", metavar="FILE", help="the picture; default: in the build")
    options = parser.parse_args()
    unknown = set(options.only or ()) - set(tables.TITLES)
    if unknown:
        parser.error(f"no such workload: {', '.join(sorted(unknown))} "
                     f"(there is {' '.join(tables.TITLES)})")
    found = programs(options.directory)
    chosen = {w: found[w] for w in tables.TITLES
              if w in found and (not options.only or w in options.only)}
    machine_lines = machine.describe()
    results = measure(chosen, options.rounds, options.quick)
    derive(results)
    machine_lines += [f"load after: {os.getloadavg()[0]:.1f}"]
    print("; ".join(machine_lines))
    print(f"\n{'A quick run, a tenth of the work; ' if options.quick else ''}"
          f"rounds: {options.rounds}; median (min..max), in bold ours divided by it\n")
    for workload in chosen:
        print(tables.table(workload, results))
    print(targets.summary(results))
    write(options.json or os.path.join(options.directory, "results.json"),
          json.dumps(as_json(results, options, machine_lines), indent=1) + "\n")
    write(options.svg or os.path.join(options.directory, "results.svg"), picture.svg(results))


if __name__ == "__main__":
    main()
