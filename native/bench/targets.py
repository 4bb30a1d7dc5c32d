# SPDX-License-Identifier: GPL-2.0-only
"""What this library sets itself: one of ours at most so many times a peer, or at most so much."""
import collections
import statistics

import tables
from drivers import ALL_OURS, OURS

Target = collections.namedtuple("Target", "workload case metric limit peer driver",
                                defaults=[OURS])
BEST = "the best peer"

TARGETS = [Target(*row) for row in (
    ("W1", "two CPUs", "item_ns", 1.0, "dotnet"),
    ("W1", "two CPUs", "item_ns", 1.5, "c-mpsc"),
    ("W1b", "one CPU", "item_ns", 1.0, "dotnet"),
    ("W1b", "one CPU", "item_ns", 1.5, "c-mpsc"),
    ("W2", "one CPU", "p50_us", 1.1, "futex"),
    ("W2", "one CPU, 50 us apart", "p50_us", 1.1, "futex"),
    ("W2", "two CPUs", "p50_us", 1.0, "dotnet"),
    ("W2", "two CPUs", "cpu_us", 1.0, "dotnet"),
    ("W3", "self requeue", "item_ns", 1.0, BEST),
    ("W4", "2 producers", "item_ns", 1.0, "dotnet"),
    ("W5", "1000000", "arm_and_cancel_all_ns", 1.3, "c-wheel"),
    ("W5", "1000000", "arm_and_cancel_all_ns", 0.3, "libuv"),
    ("W5", "1000000", "arm_and_cancel_all_ns", 0.4, "dotnet"),
    ("W5", "1000000", "arm_and_cancel_all_ns", 0.4, "dotnet-new"),
    ("W5", "1000000 over 1000", "arm_and_cancel_ratio", 1.3, None),
    ("W5", "1000000 over 1000", "arm_and_cancel_all_ratio", 1.3, None),
    ("W6", "1..1000 ms", "early", 0, None),
    ("W6", "1..1000 ms", "p50_us", 1.3, "timerfd"),
    ("W6", "1..1000 ms", "p99_us", 1.3, "timerfd"),
    ("W7", "process", "start_us", 1660, None),
    ("W7", "process", "rss_mb", 3.2, None),
    ("W7", "process", "vmsize_mb", 300, None),
    ("W7", "stripped file", "size_mb", 1.2, None),
    ("W8", "one at a time", "create_destroy_us", 1.1, "pthread"),
    ("W8", "1,000 queues", "create_destroy_us", 1.1, "pthread"),
    ("W1", "two CPUs", "item_ns", 1.15, OURS, "alloc-percpu"),
    ("W1b", "one CPU", "item_ns", 1.15, OURS, "alloc-percpu"),
    ("W2", "one CPU", "p50_us", 1.15, OURS, "alloc-percpu"),
    ("W2", "one CPU, 50 us apart", "p50_us", 1.15, OURS, "alloc-percpu"),
    ("W2", "two CPUs", "p50_us", 1.15, OURS, "alloc-percpu"),
    ("W2", "two CPUs, 50 us apart", "p50_us", 1.15, OURS, "alloc-percpu"),
    ("W3", "self requeue", "item_ns", 1.15, OURS, "alloc-percpu"),
    ("W8", "one at a time", "create_destroy_us", 1.0, None, "alloc-percpu"),
    ("W8", "1,000 queues", "create_destroy_us", 1.0, None, "alloc-percpu"),
    ("W9q", "10 queues", "item_ns", 0.1, OURS, "alloc-percpu"),
    ("W9q", "100 queues", "item_ns", 0.1, OURS, "alloc-percpu"),
    ("W9q", "1000 queues", "item_ns", 0.1, OURS, "alloc-percpu"),
    ("idle", "one second", "wakeups", 0, None),
    ("idle", "one second", "cpu_us", 0, None),
)]


def peers_of(target, drivers):
    """Those it is compared with, whether measured or not."""
    if target.peer != BEST:
        return [target.peer] if target.peer else []
    return [d for d in drivers if d not in ALL_OURS and d not in tables.FLOORS]


def reached(target, found):
    """Ours, or ours divided by the peer; None if one of them was not measured."""
    drivers = {d: values for d, values in found.rows.get(target[:3], {}).items()
               if d not in found.failed(target.workload)}
    ours = tables.ours(drivers, target.driver)
    if ours is None or target.peer is None:
        return ours
    medians = [statistics.median(drivers[p]) for p in peers_of(target, drivers) if p in drivers]
    return ours / min(medians) if medians and min(medians) else None


def broken(target, found):
    """What of those it depends on went wrong, in words."""
    failed = found.failed(target.workload)
    depends = [target.driver] + peers_of(target, failed)
    return "; ".join(f"{d} {failed[d]}" for d in depends if d in failed)


def words(target):
    whose = f"{target.driver} " if target.driver != OURS else ""
    return whose + f"≤ {target.limit:g}" + (f" × {target.peer}" if target.peer else "")


def verdict(target, found):
    value, wrong = reached(target, found), broken(target, found)
    if value is None:
        return "not measured" + (f": {wrong}" if wrong else "")
    text = f"{value:.3f}" if target.peer else tables.number_text(value)
    return (("met" if value <= target.limit else "**not met**") + f" ({text})"
            + (f", but {wrong}" if wrong else ""))


def of_row(key, found):
    """What a row's last cell says."""
    return "; ".join(f"{words(t)}: {verdict(t, found)}" for t in TARGETS if t[:3] == key)


def of_run(found):
    """Those of which something was to be measured."""
    return [t for t in TARGETS if t[:3] in found.rows or broken(t, found)]


def is_met(target, found):
    value = reached(target, found)
    return value is not None and value <= target.limit


def summary(found):
    chosen = of_run(found)
    met = sum(is_met(t, found) for t in chosen)
    lines = [f"### Targets: {met} of {len(chosen)} met", "", "| | target | |", "|---|---|---|"]
    lines += [f"| {t.workload}, {t.case}, {t.metric} | {words(t)} | {verdict(t, found)} |"
              for t in chosen]
    return "\n".join(lines) if chosen else ""


def as_json(found):
    out = []
    for target in of_run(found):
        value, wrong = reached(target, found), broken(target, found)
        out.append({**target._asdict(), "value": None if value is None else round(value, 3),
                    "met": is_met(target, found), **({"broken": wrong} if wrong else {})})
    return out
