#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A function that crashes or aborts is on the stack of the thread that the debugger
# shows, above the engine's frames and down to the thread's base: of a core file where
# the system writes one beside the program, else of a program run by the debugger.
set -u
source_dir=${WQ_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
lib_dir=$(dirname "$WQ_LIB")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

command -v gdb >/dev/null || { echo "skipped: no gdb"; exit 77; }
gcc -std=gnu11 -g -O0 -Wall -Wextra -Werror -I"$source_dir/native/include" -I"$source_dir/native/include/workqueue" \
	"$source_dir/native/tests/support/crash.c" -o "$tmp/crash" -L"$lib_dir" -lworkqueue \
	-Wl,-rpath,"$lib_dir" || exit 1

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
		echo "ok $1 $2 ${core:+(core file)}"
		passed=$((passed + 1))
	else
		echo "FAIL $1 $2: no $3 in"
		sed 's/^/    /' "$tmp/out" | tail -n 40
		failed=$((failed + 1))
	fi
}

check work abort crashing_function SIGABRT
check work segv crashing_function SIGSEGV
check timer abort crashing_timer SIGABRT
check timer segv crashing_timer SIGSEGV
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
