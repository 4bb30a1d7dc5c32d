#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A thread is the same "current" to a program and to a library that it is linked with,
# whatever each of them is compiled with: kthread_stop() by one is noticed in the other.
set -u
source_dir=${WQ_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
lib_dir=$(dirname "${WQ_LIB:-$source_dir/build/lib/libworkqueue.so}")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

# build OUTPUT FLAG...
build() {
	output=$1
	shift
	"${CC:-gcc}" -std=gnu11 -Wall -Wextra -Werror -I"$source_dir/native/include" -I"$source_dir/native/include/workqueue" \
		"$@" -o "$tmp/$output" -L"$lib_dir" -lworkqueue -Wl,-rpath,"$lib_dir:$tmp"
}

for library in default hidden; do
	for program in default hidden; do
		if build libhidden.so -DLIBRARY -shared -fPIC -fvisibility=$library "$source_dir/native/tests/support/hidden_object.c" &&
			build program -fvisibility=$program "$source_dir/native/tests/support/hidden_object.c" -L"$tmp" -lhidden &&
			timeout 20 "$tmp/program" >"$tmp/out" 2>&1; then
			echo "ok library $library, program $program"
			passed=$((passed + 1))
		else
			echo "FAIL library $library, program $program: $(cat "$tmp/out")"
			failed=$((failed + 1))
		fi
	done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
