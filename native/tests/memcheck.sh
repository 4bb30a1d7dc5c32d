#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# valgrind's memcheck finds nothing in the API tests: no read or write astray and no
# use of what was never written. They run on a copy of the library without the link to
# its debug file, which valgrind cannot read.
. "$(dirname "$0")/support/preamble.sh"
require valgrind objcopy
tests="queue_work flush_workqueue cancel_work cancel_work_sync create_workqueue
create_singlethread_workqueue destroy_workqueue schedule_work schedule_on_each_cpu
execute_in_process_context prepare_work work_pending abi_layout cpu_hotplug stress_api fuzz_api"

objcopy --remove-section .gnu_debuglink "$lib" "$tmp/libworkqueue.so.1" || exit 1

# check NAME: one test under memcheck; two run at once
cat >"$tmp/check" <<'END'
name=$1
WQ_TEST_SLOW=1 timeout 100 valgrind --quiet --error-exitcode=99 --fair-sched=try \
	--num-callers=20 "$build/tests/$name" >"$tmp/$name.out" 2>&1
code=$?
case $code in
0 | 2 | 77) echo "ok $name" ;;
*)
	echo "FAIL $name: exit code $code"
	sed 's/^/    /' "$tmp/$name.out" | head -60
	;;
esac
END

export tmp build
export LD_LIBRARY_PATH="$tmp"
# shellcheck disable=SC2086 # names are words
printf '%s\n' $tests | xargs -n 1 -P 2 sh "$tmp/check" | tee "$tmp/result"
failed=$(grep -c '^FAIL' "$tmp/result")
passed=$(grep -c '^ok' "$tmp/result")
report
