#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs the benchmark programs in turns and compares their results.

  run.py PROGRAM_DIR [--quick] [--only W]... [--rounds N]

A round starts every program once, each in a fresh process: A B C, A B C, ... A
figure is the median over the rounds. Prints a Markdown table for each workload,
and writes results.json and results.svg into PROGRAM_DIR.
"""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys

OURS = "workqueue"
POOL_WORKLOADS = ("W1", "W1b", "W2", "W3", "W8")
# Prefix of a program's name: the workloads it has.
WORKLOADS = {"pool_": POOL_WORKLOADS, "timers_": ("W5",), "lateness": ("W6",),
             "dotnet_peer": ("W1", "W1b", "W2", "W3", "W5")}
TITLES = {
    "W1": "W1: throughput, producer on cpu 0, worker on cpu 1",
    "W1b": "W1b: throughput, producer and worker on cpu 0",
    "W2": "W2: round trip, queue one item and wait for it",
    "W3": "W3: an item that queues itself again",
    "W5": "W5: arm and cancel a timer while n are armed",
    "W6": "W6: lateness of 1,000 timers",
    "W8": "W8: create and destroy",
}
# The order of drivers in a table; others follow by name.
ORDER = [OURS, "c-mpsc", "c-spin", "c-mutex", "c-wheel", "timerfd"]
NO_RATIO = ("arm_ratio", "cancel_ratio", "early")
TIMEOUT_S = 300


def programs(directory, wanted):
    """(path, workloads to run) of each program that has a workload wanted."""
    found = []
    for name in sorted(os.listdir(directory)):
        path = os.path.join(directory, name)
        if not os.path.isfile(path) or not os.access(path, os.X_OK):
            continue
        for prefix, workloads in WORKLOADS.items():
            chosen = [w for w in workloads if not wanted or w in wanted]
            if name.startswith(prefix) and chosen:
                found.append((path, chosen))
    return found


def run_program(path, workloads, quick):
    command = [path] + (["--quick"] if quick else []) + workloads
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=TIMEOUT_S,
                          check=False)
    if done.returncode:
        sys.exit(f"run.py: {os.path.basename(path)}: exit code {done.returncode}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def measure(found, rounds, quick):
    """{(workload, case, metric): {driver: [one value per round]}}"""
    results = {}
    for number in range(rounds):
        for path, workloads in found:
            print(f"round {number + 1} of {rounds}: {os.path.basename(path)}", file=sys.stderr)
            for line in run_program(path, workloads, quick):
                key = (line["workload"], line["case"], line["metric"])
                drivers = results.setdefault(key, {})
                drivers.setdefault(line["driver"], []).append(line["median"])
    return results


def add_sums(results):
    """Arming and cancelling belong together: cheap at one is often dear at the other."""
    for key in [k for k in results if k[2] in ("arm_ns", "arm_all_ns")]:
        workload, case, metric = key
        cancels = results[(workload, case, metric.replace("arm", "cancel"))]
        results[(workload, case, metric.replace("arm", "arm_and_cancel"))] = {
            driver: [a + c for a, c in zip(arms, cancels[driver])]
            for driver, arms in results[key].items()}


def in_order(drivers):
    return sorted(drivers, key=lambda d: (ORDER.index(d) if d in ORDER else len(ORDER), d))


def number_text(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def cell(values):
    median = statistics.median(values)
    return f"{number_text(median)} ({number_text(min(values))}..{number_text(max(values))})"


def row(case, metric, drivers, columns):
    cells = [f"{case}, {metric}"]
    ours = statistics.median(drivers[OURS]) if OURS in drivers else None
    for driver in columns:
        if driver not in drivers:
            cells.append("")
            continue
        text = cell(drivers[driver])
        peer = statistics.median(drivers[driver])
        if driver != OURS and ours is not None and peer and metric not in NO_RATIO:
            text += f" **{ours / peer:.2f}**"
        cells.append(text)
    return "| " + " | ".join(cells) + " |"


def table(workload, results):
    rows = [(key[1], key[2], drivers) for key, drivers in results.items() if key[0] == workload]
    columns = in_order({driver for _, _, drivers in rows for driver in drivers})
    lines = [f"### {TITLES.get(workload, workload)}", "",
             "| | " + " | ".join(columns) + " |",
             "|---|" + "---|" * len(columns)]
    lines += [row(case, metric, drivers, columns) for case, metric, drivers in rows]
    return "\n".join(lines) + "\n"


def as_json(results, options):
    out = []
    for (workload, case, metric), drivers in results.items():
        ours = statistics.median(drivers[OURS]) if OURS in drivers else None
        for driver, values in drivers.items():
            median = statistics.median(values)
            out.append({"workload": workload, "case": case, "metric": metric, "driver": driver,
                        "rounds": values, "median": median, "min": min(values),
                        "max": max(values),
                        "ours_to_this": round(ours / median, 3) if ours and median else None})
    return {"machine": {"cpus": len(os.sched_getaffinity(0)), "kernel": platform.release(),
                        "load": os.getloadavg()},
            "quick": options.quick, "rounds": options.rounds, "results": out}


def svg(results):
    """Bars of the figures in nanoseconds or microseconds, a panel for each row of a table."""
    panels = [(key, drivers) for key, drivers in results.items()
              if key[2] in ("item_ns", "arm_and_cancel_ns", "p50_us", "create_destroy_us")]
    out, y = [], 10
    for (workload, case, metric), drivers in panels:
        medians = {d: statistics.median(drivers[d]) for d in in_order(drivers)}
        longest = max(medians.values()) or 1
        y += 22
        out.append(f'<text x="10" y="{y}" font-weight="bold">{workload}, {case}, {metric}</text>')
        for driver, median in medians.items():
            y += 16
            width = max(1, 380 * median / longest)
            colour = "#c33" if driver == OURS else "#888" if driver.startswith("c-") else "#48a"
            out.append(f'<text x="20" y="{y}">{driver}</text><rect x="110" y="{y - 10}" '
                       f'width="{width:.1f}" height="12" fill="{colour}"/>'
                       f'<text x="{115 + width:.1f}" y="{y}">{number_text(median)}</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="600" height="{y + 20}" '
            'font-family="sans-serif" font-size="12">'
            '<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(out) + "\n</svg>\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument("--only", action="append", metavar="W", help="one workload, as W5")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    unknown = set(options.only or ()) - set(TITLES)
    if unknown:
        parser.error(f"no such workload: {', '.join(sorted(unknown))} (there is {' '.join(TITLES)})")
    found = programs(options.directory, options.only)
    start_load = os.getloadavg()[0]
    results = measure(found, options.rounds, options.quick)
    add_sums(results)
    print(f"{len(os.sched_getaffinity(0))} CPUs, load before {start_load:.1f}, "
          f"{options.rounds} rounds: median (min..max), and in bold ours divided by it\n")
    for workload in TITLES:
        if any(key[0] == workload for key in results):
            print(table(workload, results))
    with open(os.path.join(options.directory, "results.json"), "w", encoding="utf-8") as file:
        json.dump(as_json(results, options), file, indent=1)
    with open(os.path.join(options.directory, "results.svg"), "w", encoding="utf-8") as file:
        file.write(svg(results))


if __name__ == "__main__":
    main()
