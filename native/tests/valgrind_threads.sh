#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# valgrind's tools for threads have nothing to say of a program that hands things over by
# way of the library, with the suppressions that are shipped, and find a race of its own.
# The library runs without the link to its debug file, which valgrind cannot read.
set -u
source_dir=${WQ_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
lib=${WQ_LIB:-$source_dir/build/lib/libworkqueue.so}
suppressions=$source_dir/native/packaging/workqueue.supp
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
failed=0

command -v valgrind >/dev/null || { echo "skipped: no valgrind"; exit 77; }
command -v objcopy >/dev/null || { echo "skipped: no objcopy"; exit 77; }
# By what an x86-64 program asks valgrind.
LC_ALL=C grep -qaP '\x48\xc1\xc7\x03\x48\xc1\xc7\x0d\x48\xc1\xc7\x3d\x48\xc1\xc7\x33' "$lib" ||
	{ echo "skipped: the library was built without valgrind's headers"; exit 77; }
objcopy --remove-section .gnu_debuglink "$lib" "$tmp/libworkqueue.so.1" || exit 1
LD_LIBRARY_PATH=$tmp
export LD_LIBRARY_PATH
for name in handover unordered; do
	"${CC:-cc}" -g -O1 -I"$source_dir/native/include" -I"$source_dir/native/include/workqueue" "$source_dir/native/tests/support/$name.c" \
		-L"$(dirname "$lib")" -lworkqueue -lpthread -o "$tmp/$name" || exit 1
done

# run TOOL PROGRAM: its exit code is 99 if the tool reports something
run() {
	timeout 100 valgrind --tool="$1" --suppressions="$suppressions" --error-exitcode=99 \
		--fair-sched=try "$tmp/$2" >"$tmp/$1.$2.log" 2>&1
}

# judge WHAT CODE EXPECTED LOG
judge() {
	[ "$2" -eq "$3" ] && { echo "ok $1"; return; }
	echo "FAIL $1: exit code $2"
	sed 's/^/  /' "$4" | head -60
	failed=1
}

for tool in helgrind drd; do
	run $tool handover &
	eval "${tool}_job=$!"
done
for tool in helgrind drd; do
	eval "wait \$${tool}_job"
	judge "what is handed over, with $tool" $? 0 "$tmp/$tool.handover.log"
	run $tool unordered
	code=$?
	line=$(grep -n 'printf.*value' "$source_dir/native/tests/support/unordered.c" | cut -d: -f1)
	grep -q "main (unordered.c:$line)" "$tmp/$tool.unordered.log" || code=1
	judge "a race of the program's own, with $tool" $code 99 "$tmp/$tool.unordered.log"
done
exit $failed
