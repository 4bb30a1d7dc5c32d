#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# With nothing due nothing ticks: ten timers an hour away cause no system call in two
# seconds. strace follows every thread of a program between two marks; the same
# program with one timer that is due shows that a wake-up would be seen.
. "$(dirname "$0")/support/preamble.sh"
require strace
strace -o "$tmp/probe" true 2>/dev/null || skip "tracing is not permitted"
compile -O2 "$support/idle_timers.c" -o "$tmp/idle_timers" || exit 1

# calls_while_idle NAME ARGUMENT...: system calls of all threads between the marks
calls_while_idle() {
	name=$1
	shift
	timeout 60 strace -f -o "$tmp/$name" "$tmp/idle_timers" "$@" >/dev/null || return 1
	awk '/"idle begins/ { idle = 1; next } /"idle ends/ { idle = 0 } idle' "$tmp/$name" |
		grep -v nanosleep >"$tmp/$name.calls"
	grep -q '"idle ends' "$tmp/$name"
}

calls_while_idle none & none=$!
calls_while_idle one due & one=$!
wait "$none" || { echo "the program failed"; exit 1; }
wait "$one" || { echo "the program failed"; exit 1; }

echo "system calls with nothing due: $(wc -l <"$tmp/none.calls"), with one timer due: $(wc -l <"$tmp/one.calls")"
[ -s "$tmp/one.calls" ] || { echo "inconclusive: the one wake-up was not seen"; exit 2; }
[ ! -s "$tmp/none.calls" ] || fail "no call while nothing is due" "$tmp/none.calls"
report "no call while nothing is due"
