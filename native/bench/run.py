#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs the benchmark programs in turns and compares their results.

  run.py PROGRAM_DIR [--quick | --tiny] [--only W]... [--rounds N] [--timeout S]
         [--json FILE] [--svg FILE]

A round starts, workload by workload, every program that has it, each in a fresh
process: A B C, A B C, ... A figure is the median over the rounds. Prints a Markdown
table for each workload as soon as its last round is over, and what was met of the
targets. The JSON file is written after each workload of each round.

A program that hangs or fails is said to, in its cells, and is not started for that
workload again; the others go on, and the exit code is 1. An interrupted run shows
what it has.
"""
import argparse
import json
import os
import signal
import statistics
import sys

import drivers
import machine
import picture
import results
import tables
import targets
import watch

TIMEOUT_S = 120


def say(words):
    print(words, flush=True)


def run_workload(workload, paths, options, found):
    """One round of it. What is wrong with a program is its own matter."""
    size = ["--tiny"] if options.tiny else ["--quick"] if options.quick else []
    paths = [p for p in paths if (workload, drivers.name_of(p)) not in found.failures]
    if workload == "idle":
        runs = watch.idle(paths, options.timeout)
    else:
        runs = ((p, *drivers.run(p, workload, size, options.timeout)) for p in paths)
    for path, lines, wrong in runs:
        for line in lines:
            found.add(line)
        if wrong:
            found.fail(workload, drivers.name_of(path), wrong)
            print(f"{workload}: {os.path.basename(path)} {wrong}", file=sys.stderr, flush=True)
    if workload == "W7":
        for line in watch.sizes(paths):
            found.add(line)


def measure(chosen, options, found, machine_lines, shown):
    for number in range(options.rounds):
        for workload, paths in chosen.items():
            print(f"round {number + 1} of {options.rounds}: {workload}", file=sys.stderr, flush=True)
            run_workload(workload, paths, options, found)
            found.derive()
            write_json(options, found, machine_lines)
            if number + 1 == options.rounds:
                say(tables.table(workload, found))
                shown.add(workload)


def as_json(found, options, machine_lines):
    out = []
    for (workload, case, metric), row in found.rows.items():
        ours = tables.ours(row)
        for driver, values in row.items():
            median = statistics.median(values)
            out.append({"workload": workload, "case": case, "metric": metric, "driver": driver,
                        "rounds": values, "median": median, "min": min(values),
                        "max": max(values),
                        "ours_to_this": round(ours / median, 3) if ours and median else None})
    return {"machine": machine_lines, "quick": options.quick, "rounds": options.rounds,
            "results": out, "targets": targets.as_json(found),
            "failures": [{"workload": workload, "driver": driver, "what": wrong}
                         for (workload, driver), wrong in found.failures.items()]}


def write(path, text):
    """The file is whole at any moment."""
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


def write_json(options, found, machine_lines):
    write(options.json or os.path.join(options.directory, "results.json"),
          json.dumps(as_json(found, options, machine_lines), indent=1) + "\n")


def parse():
    parser = argparse.ArgumentParser(prog="./build.sh bench", description=__doc__.splitlines()[0])
    parser.add_argument("directory", help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument("--tiny", action="store_true", help="no work: a test of the programs")
    parser.add_argument("--only", action="append", metavar="W", help="one workload, as W5")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--timeout", type=float, default=TIMEOUT_S, metavar="S",
                        help="a program that takes longer for one workload hangs")
    parser.add_argument("--json", metavar="FILE", help="every round; default: in the build")
    parser.add_argument("--svg", metavar="FILE", help="the picture; default: in the build")
    options = parser.parse_args()
    unknown = set(options.only or ()) - set(tables.TITLES)
    if unknown:
        parser.error(f"no such workload: {', '.join(sorted(unknown))} "
                     f"(there is {' '.join(tables.TITLES)})")
    return options


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    options = parse()
    there = drivers.programs(options.directory)
    chosen = {w: there[w] for w in tables.TITLES
              if w in there and (not options.only or w in options.only)}
    found = results.Results()
    machine_lines = machine.describe()
    signal.signal(signal.SIGTERM, interrupt)
    say("; ".join(machine_lines))
    say(f"\n{'A quick run, a tenth of the work; ' if options.quick else ''}"
        f"rounds: {options.rounds}; median (min..max), in bold ours divided by it\n")
    interrupted, shown = False, set()
    try:
        measure(chosen, options, found, machine_lines, shown)
    except KeyboardInterrupt:
        interrupted = True
        found.derive()
        say("Interrupted; this is what there is.\n")
        for workload in chosen:
            if workload not in shown and found.has(workload):
                say(tables.table(workload, found))
    machine_lines.append(f"load after: {os.getloadavg()[0]:.1f}")
    say(f"{targets.summary(found)}\n\n{machine_lines[-1]}")
    write_json(options, found, machine_lines)
    write(options.svg or os.path.join(options.directory, "results.svg"), picture.svg(found))
    return 130 if interrupted else 1 if found.failures else 0


if __name__ == "__main__":
    sys.exit(main())
