# SPDX-License-Identifier: GPL-2.0-only
"""What this library sets itself: ours at most so many times a peer, or at most so much."""
import collections
import statistics

import tables

Target = collections.namedtuple("Target", "workload case metric limit peer")
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
    ("idle", "one second", "wakeups", 0, None),
    ("idle", "one second", "cpu_us", 0, None),
)]


def reached(target, results):
    """Ours, or ours divided by the peer; None if one of them was not measured."""
    drivers = results.get(target[:3], {})
    ours = tables.ours(drivers)
    if ours is None or target.peer is None:
        return ours
    peers = [target.peer] if target.peer != BEST else [
        d for d in drivers if d != tables.OURS and d not in tables.FLOORS]
    medians = [statistics.median(drivers[p]) for p in peers if p in drivers]
    return ours / min(medians) if medians and min(medians) else None


def words(target):
    return f"≤ {target.limit:g}" + (f" × {target.peer}" if target.peer else "")


def verdict(target, value):
    if value is None:
        return "not measured"
    text = f"{value:.3f}" if target.peer else tables.number_text(value)
    return ("met" if value <= target.limit else "**not met**") + f" ({text})"


def of_row(key, results):
    """What a row's last cell says."""
    return "; ".join(f"{words(t)}: {verdict(t, reached(t, results))}"
                     for t in TARGETS if t[:3] == key)


def measured(results):
    return [(t, reached(t, results)) for t in TARGETS if t[:3] in results]


def summary(results):
    rows = measured(results)
    met = sum(value is not None and value <= target.limit for target, value in rows)
    lines = [f"### Targets: {met} of {len(rows)} met", "", "| | target | |", "|---|---|---|"]
    lines += [f"| {t.workload}, {t.case}, {t.metric} | {words(t)} | {verdict(t, value)} |"
              for t, value in rows]
    return "\n".join(lines) if rows else ""


def as_json(results):
    return [{**t._asdict(), "value": None if value is None else round(value, 3),
             "met": value is not None and value <= t.limit} for t, value in measured(results)]
