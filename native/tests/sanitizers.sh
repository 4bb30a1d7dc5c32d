#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The random calls of stress_api.c and fuzz_api.c, compiled with AddressSanitizer and
# UndefinedBehaviorSanitizer, then with ThreadSanitizer: no report. The library itself is
# not instrumented: it tells them what it does (managed/Os/Watcher.cs).
. "$(dirname "$0")/support/preamble.sh"

# check SANITIZERS NAME
check() {
	if compile -w -g -O1 -fsanitize="$1" -fno-sanitize-recover=all "$source_dir/native/tests/$2.c" -lpthread \
		-o "$tmp/$2" >"$tmp/log" 2>&1 && "$tmp/$2" >"$tmp/log" 2>&1; then
		pass "$2 with $1"
	else
		fail "$2 with $1" "$tmp/log"
	fi
}

echo 'int main(void) { return 0; }' >"$tmp/probe.c"
for sanitizer in address,undefined thread; do
	"$CC" -fsanitize="$sanitizer" "$tmp/probe.c" -o "$tmp/probe" 2>/dev/null || skip "no $sanitizer sanitizer"
done
export WQ_SECONDS=1
for name in stress_api fuzz_api; do
	check address,undefined "$name"
	check thread "$name"
done
report
