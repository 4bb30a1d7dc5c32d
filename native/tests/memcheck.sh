#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# valgrind's memcheck finds nothing in the API tests: no read or write astray and no
# use of what was never written. They run on a copy of the library without the link to
# its debug file, which valgrind cannot read.
set -u
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
tests="queue_work flush_workqueue cancel_work cancel_work_sync create_workqueue
create_singlethread_workqueue destroy_workqueue schedule_work schedule_on_each_cpu
execute_in_process_context prepare_work work_pending abi_layout cpu_hotplug stress_api fuzz_api"

command -v valgrind >/dev/null || { echo "skipped: no valgrind"; exit 77; }
command -v objcopy >/dev/null || { echo "skipped: no objcopy"; exit 77; }
objcopy --remove-section .gnu_debuglink "$WQ_LIB" "$tmp/libworkqueue.so.1" || exit 1

# check NAME: silent if memcheck and the test are content
cat >"$tmp/check" <<'END'
name=$1
WQ_TEST_SLOW=1 timeout 100 valgrind --quiet --error-exitcode=99 --fair-sched=try \
	--num-callers=20 "$WQ_BUILD_DIR/tests/$name" >"$tmp/$name.out" 2>&1
code=$?
case $code in
0 | 2 | 77) exit 0 ;;
esac
echo "$name: exit code $code"
sed 's/^/    /' "$tmp/$name.out" | head -60
exit 1
END

export tmp WQ_BUILD_DIR
LD_LIBRARY_PATH=$tmp
export LD_LIBRARY_PATH
echo $tests | tr ' ' '\n' | xargs -n 1 -P 2 sh "$tmp/check" || exit 1
echo "$(ls "$tmp"/*.out | wc -l) tests under memcheck"
