#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Queueing makes no system call while the worker is awake. A program that queues a
# million distinct items from one thread and flushes once is counted by strace: all
# its threads together must stay below 20,000 futex calls.
. "$(dirname "$0")/support/preamble.sh"
limit=20000
require strace
strace -o "$tmp/probe" true 2>/dev/null || skip "tracing is not permitted"
compile -O2 "$support/burst.c" -o "$tmp/burst" || exit 1

# few_calls CLAIM STRACE_OPTION...: the futex calls of the whole run
few_calls() {
	claim=$1
	shift
	timeout 60 strace -f -c "$@" -o "$tmp/calls" "$tmp/burst" || { fail "$claim: no run"; return; }
	calls=$(awk '$NF == "futex" { print $4 }' "$tmp/calls")
	holds "$claim: ${calls:-0} futex calls" [ "${calls:-0}" -lt $limit ]
}

few_calls "with every call traced" -e trace=all
# Without the cost of a stop in every other call, and so with other timing.
few_calls "with futex calls alone traced" -e trace=futex
report
