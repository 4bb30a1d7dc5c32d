#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The random calls of stress_api.c and fuzz_api.c, compiled with AddressSanitizer and
# UndefinedBehaviorSanitizer, then with ThreadSanitizer: no report. The library itself is
# not instrumented: it tells them what it does (managed/Os/Watcher.cs).
set -u
source_dir=${WQ_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
lib=${WQ_LIB:-$source_dir/build/lib/libworkqueue.so}
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

# build SANITIZERS NAME: NAME.c becomes $tmp/NAME
build() {
	"${CC:-cc}" -g -O1 -fsanitize="$1" -fno-sanitize-recover=all -I"$source_dir/native/include" \
		-I"$source_dir/native/include/workqueue" \
		"$source_dir/native/tests/$2.c" -L"$(dirname "$lib")" -lworkqueue -lpthread \
		-Wl,-rpath,"$(dirname "$lib")" -o "$tmp/$2" 2>"$tmp/log"
}

# check SANITIZERS NAME
check() {
	if build "$1" "$2" && "$tmp/$2" >"$tmp/log" 2>&1; then
		echo "ok $2 with $1"
		passed=$((passed + 1))
	else
		echo "FAIL $2 with $1"
		sed 's/^/  /' "$tmp/log" | head -40
		failed=$((failed + 1))
	fi
}

echo 'int main(void) { return 0; }' >"$tmp/probe.c"
for sanitizer in address,undefined thread; do
	"${CC:-cc}" -fsanitize="$sanitizer" "$tmp/probe.c" -o "$tmp/probe" 2>/dev/null ||
		{ echo "no $sanitizer sanitizer here"; exit 77; }
done
export WQ_SECONDS=1
for name in stress_api fuzz_api; do
	check address,undefined "$name"
	check thread "$name"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
