#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A function that crashes or aborts is on the stack of the thread that the debugger
# shows, above the engine's frames and down to the thread's base: of a core file where
# the system writes one beside the program, else of a program run by the debugger.
. "$(dirname "$0")/support/preamble.sh"
require gdb
compile -g -O0 "$support/crash.c" -o "$tmp/crash" || exit 1

# stack ARGUMENT...: what gdb says
stack() {
	timeout 60 gdb -nx -batch -iex 'set debuginfod enabled off' \
		"$@" </dev/null 2>&1
}

# check WHERE WAY FUNCTION SIGNAL
check() {
	rm -f "$tmp"/core*
	(cd "$tmp" && ulimit -c unlimited && exec ./crash "$1" "$2") >/dev/null 2>&1
	core=$(find "$tmp" -name 'core*' | head -n 1)
	if [ -n "$core" ]; then
		stack -ex bt "$tmp/crash" "$core" >"$tmp/out"
	else
		stack -ex run -ex bt --args "$tmp/crash" "$1" "$2" >"$tmp/out"
	fi
	if grep -q "$4" "$tmp/out" && grep -q "in $3 (" "$tmp/out" && grep -q 'wq_guard\|thread_base' "$tmp/out"; then
		pass "$1 $2${core:+ (core file)}"
	else
		tail -n 40 "$tmp/out" >"$tmp/why"
		fail "$1 $2: no $3 in" "$tmp/why"
	fi
}

check work abort crashing_function SIGABRT
check work segv crashing_function SIGSEGV
check timer abort crashing_timer SIGABRT
check timer segv crashing_timer SIGSEGV
report
