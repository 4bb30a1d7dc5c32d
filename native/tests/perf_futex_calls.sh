#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Queueing makes no system call while the worker is awake. A program that queues a
# million distinct items from one thread and flushes once is counted by strace: all
# its threads together must stay below 20,000 futex calls.
set -u
limit=20000
source_dir=${WQ_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

command -v strace >/dev/null || { echo "skipped: no strace"; exit 77; }
strace -o "$tmp/probe" true 2>/dev/null || { echo "skipped: tracing is not permitted"; exit 77; }

ln -s "$WQ_LIB" "$tmp/libworkqueue.so.1"
gcc -std=gnu11 -O2 -Wall -Wextra -Werror -I"$source_dir/native/include" \
	"$source_dir/native/tests/support/burst.c" "$tmp/libworkqueue.so.1" \
	-Wl,-rpath,"$tmp" -o "$tmp/burst" || exit 1

# traced STRACE_OPTIONS: the futex calls in all
traced() {
	timeout 60 strace -f -c "$@" -o "$tmp/calls" "$tmp/burst" || { echo "burst failed"; exit 1; }
	calls=$(awk '$NF == "futex" { print $4 }' "$tmp/calls")
	echo "futex calls ($*): ${calls:-0}"
	[ "${calls:-0}" -lt "$limit" ] || exit 1
}

traced -e trace=all
# Without the cost of a stop in every other call, and so with other timing.
traced -e trace=futex
exit 0
