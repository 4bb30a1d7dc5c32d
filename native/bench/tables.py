# SPDX-License-Identifier: GPL-2.0-only
"""The Markdown tables: a row for each figure, a column for each driver."""
import statistics

import targets
from drivers import ALL_OURS, OURS

FLOORS = ("c-mpsc", "c-spin", "c-urcu", "c-mutex", "c-wheel", "futex", "timerfd", "pthread")
PEERS = ("dotnet", "dotnet-new", "glib", "libdispatch", "libuv", "onetbb", "libev", "libevent")
ORDER = ALL_OURS + PEERS + FLOORS
# Every workload, in the order in which they run.
TITLES = {
    "W1": "W1: throughput, producer on cpu 0, worker on cpu 1",
    "W1b": "W1b: throughput, producer and worker on cpu 0",
    "W2": "W2: round trip, queue one item and wait for it",
    "W3": "W3: an item that queues itself again",
    "W3b": "W3b: a thousand items that queue themselves again",
    "W4": "W4: two producers, a worker for each CPU, nothing pinned",
    "W5": "W5: arm and cancel a timer while n are armed",
    "W5b": "W5b: cancel an item and be sure that it does not run",
    "W6": "W6: lateness of 1,000 timers",
    "W7": "W7: from the start of a process to its first item, and what it takes",
    "W8": "W8: create and destroy a queue of one worker",
    "W9p": "W9: more producers, a worker for each CPU",
    "W9q": "W9: more queues of one worker, one producer that takes them in turn",
    "W9n": "W9: more items, producer on cpu 0, worker on cpu 1",
    "idle": "Idle: ten queues and a thousand far timers",
}
# A ratio of these says nothing.
NO_RATIO = ("early", "wakeups", "threads", "arm_and_cancel_ratio", "arm_and_cancel_all_ratio")


def ours(drivers, driver=OURS):
    return statistics.median(drivers[driver]) if driver in drivers else None


def number_text(value):
    """Three digits, or all before the point."""
    size = abs(value)
    decimals = 0 if size >= 99.95 or value == 0 else 1 if size >= 9.995 else 2
    return f"{value:.{decimals}f}"


def cell(values):
    if min(values) == max(values):
        return number_text(values[0])
    return (f"{number_text(statistics.median(values))} "
            f"({number_text(min(values))}..{number_text(max(values))})")


def row(key, found, columns):
    drivers = found.rows.get(key, {})
    failed = found.failed(key[0])
    own = ours(drivers) if OURS not in failed else None
    cells = [", ".join(word for word in key[1:] if word)]
    for driver in columns:
        if driver in failed or driver not in drivers:
            cells.append(failed.get(driver, ""))
            continue
        text = cell(drivers[driver])
        peer = statistics.median(drivers[driver])
        if driver != OURS and own is not None and peer > 0 and key[2] not in NO_RATIO:
            text += f" **{own / peer:.2f}**"
        cells.append(text)
    cells.append(targets.of_row(key, found))
    return "| " + " | ".join(cells) + " |"


def columns_of(workload, found):
    """In their order; programs that it does not know come last."""
    drivers = {d for key, row in found.rows.items() if key[0] == workload for d in row}
    drivers |= set(found.failed(workload))
    return [d for d in ORDER if d in drivers] + sorted(drivers - set(ORDER))


def table(workload, found):
    keys = [key for key in found.rows if key[0] == workload]
    keys = keys or [(workload, "nothing measured", "")]
    columns = columns_of(workload, found)
    lines = [f"### {TITLES[workload]}", "",
             "| | " + " | ".join(columns) + " | target |",
             "|---|" + "---|" * (len(columns) + 1)]
    return "\n".join(lines + [row(key, found, columns) for key in keys]) + "\n"
