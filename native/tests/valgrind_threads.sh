#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# valgrind's tools for threads have nothing to say of a program that hands things over by
# way of the library, with the suppressions that are shipped, and find a race of its own.
# The library runs without the link to its debug file, which valgrind cannot read.
. "$(dirname "$0")/support/preamble.sh"
suppressions=$source_dir/native/packaging/workqueue.supp
require valgrind objcopy

# By what an x86-64 program asks valgrind.
LC_ALL=C grep -qaP '\x48\xc1\xc7\x03\x48\xc1\xc7\x0d\x48\xc1\xc7\x3d\x48\xc1\xc7\x33' "$lib" ||
	skip "the library was built without valgrind's headers"
objcopy --remove-section .gnu_debuglink "$lib" "$tmp/libworkqueue.so.1" || exit 1
export LD_LIBRARY_PATH="$tmp"
for name in handover unordered; do
	compile -w -g -O1 "$support/$name.c" -lpthread -o "$tmp/$name" || exit 1
done

# run TOOL PROGRAM: its exit code is 99 if the tool reports something
run() {
	timeout 100 valgrind --tool="$1" --suppressions="$suppressions" --error-exitcode=99 \
		--fair-sched=try "$tmp/$2" >"$tmp/$1.$2.log" 2>&1
}

# judge CLAIM CODE EXPECTED LOG
judge() {
	if [ "$2" -eq "$3" ]; then
		pass "$1"
	else
		fail "$1: exit code $2" "$4"
	fi
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
	line=$(grep -n 'printf.*value' "$support/unordered.c" | cut -d: -f1)
	grep -q "main (unordered.c:$line)" "$tmp/$tool.unordered.log" || code=1
	judge "a race of the program's own, with $tool" $code 99 "$tmp/$tool.unordered.log"
done
report
