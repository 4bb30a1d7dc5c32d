#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# usage: cross.sh arm64|musl BUILD
#
# Compiles the library for another machine into BUILD/<machine>/lib, then the C tests
# and runs those that need no real time under qemu-user. Exit code 77: tools are missing,
# and they are named.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
machine=$1
build=$(mkdir -p "$2" && cd "$2" && pwd)/$machine

say() { printf '%s\n' "$*" >&2; }

need() {
	local tool missing=()
	for tool; do
		command -v "$tool" >/dev/null || missing+=("$tool")
	done
	[ ${#missing[@]} -eq 0 ] || { say "cross.sh: missing: ${missing[*]}"; exit 77; }
}

# publish RUNTIME_IDENTIFIER COMPILER PREFIX: into $build/lib, as the native build has it
publish() {
	local lib=$build/lib native=$build/dotnet/native version=1.0.0
	version=$(sed -n 's/^project(workqueue VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
	MSBUILDDISABLENODEREUSE=1 DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 \
		dotnet publish "$root/managed/Workqueue.csproj" -c Release --artifacts-path "$build/dotnet" \
		--nologo -v quiet -p:UseSharedCompilation=false -p:NativeOutputPath="$native/" \
		-r "$1" -p:CppCompilerAndLinker="$2" -p:ObjCopyName="$3objcopy" >&2
	mkdir -p "$lib"
	rm -f "$lib"/libworkqueue.*
	cp "$native/libworkqueue.so" "$lib/libworkqueue.so.$version"
	cp "$native/libworkqueue.so.dbg" "$native/libworkqueue.parts" "$lib"
	ln -s "libworkqueue.so.$version" "$lib/libworkqueue.so.1"
	ln -s libworkqueue.so.1 "$lib/libworkqueue.so"
	CC=$2 LD=$3ld OBJCOPY=$3objcopy AR=$3ar sh "$root/native/packaging/static_archive.sh" \
		"$lib/libworkqueue.parts" "$lib/libworkqueue.a"
}

# Functions and rules. Not here: races and what measures or waits for real time, as an
# emulated thread is a hundred times slower; what looks at the machine or counts threads,
# as qemu shows those of the host and ends some later; and what starts itself again, as
# the kernel does not know how.
tests="abi_layout abi_header_cxx cancel_delayed_work cancel_delayed_work_sync cancel_work cancel_work_sync
create_freezeable_workqueue create_singlethread_workqueue delayed_work_init
destroy_workqueue execute_in_process_context flush_scheduled_work flush_workqueue
freeze_workqueues jiffies linux_headers prepare_work queue_delayed_work queue_work rule_fifo
rule_items_of_any_origin rule_memory_ordering rule_pending_cleared_before_callback
rule_requeue_during_run_gives_one_more_run rule_self_free schedule_delayed_work
schedule_on_each_cpu schedule_work timer_api wait_queue work_pending workqueue_abi_version
wq_init_work wq_interrupt wq_queue_delayed_work_ns wq_set_worker_hooks"

# run_tests COMPILER CXX EMULATOR...: all of the list, and how many passed
run_tests() {
	local cc=$1 cxx=$2 name source passed=0 failed=0 status
	shift 2
	mkdir -p "$build/tests"
	for name in $tests; do
		source=$root/native/tests/$name.c
		if [ -f "$source" ]; then
			"$cc" -std=c11 -O2 -Wall -Wextra -Wpedantic -Werror -rdynamic -I"$root/native/include" \
				-I"$root/native/include/workqueue" \
				"$source" -o "$build/tests/$name" -L"$build/lib" -lworkqueue -pthread
		else
			"$cxx" -std=c++17 -O2 -Wall -Wextra -Wpedantic -Werror -rdynamic -I"$root/native/include" \
				-I"$root/native/include/workqueue" \
				"${source%.c}.cc" -o "$build/tests/$name" -L"$build/lib" -lworkqueue -pthread
		fi
		status=0
		WQ_TEST_SLOW=1 timeout 120 "$@" "$build/tests/$name" >"$build/tests/$name.log" 2>&1 || status=$?
		case $status in
		0 | 77) passed=$((passed + 1)); echo "ok $name: $(tail -1 "$build/tests/$name.log")" ;;
		*) failed=$((failed + 1)); echo "FAIL $name ($status)"; grep -av '^ok ' "$build/tests/$name.log" | head -8 ;;
		esac
	done
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}

case $machine in
arm64)
	prefix=aarch64-linux-gnu-
	need dotnet ${prefix}gcc ${prefix}g++ ${prefix}objcopy
	publish linux-arm64 ${prefix}gcc $prefix
	say "built: $build/lib/libworkqueue.so"
	need qemu-aarch64
	emulator=(qemu-aarch64 -L /usr/aarch64-linux-gnu -E LD_LIBRARY_PATH="$build/lib:/usr/aarch64-linux-gnu/lib")
	run_tests ${prefix}gcc ${prefix}g++ "${emulator[@]}"
	# The emulator's own processor has the atomic instructions of ARMv8.1; this one has none.
	for name in queue_work cancel_work_sync timer_api rule_memory_ordering; do
		WQ_TEST_SLOW=1 "${emulator[@]}" -cpu cortex-a72 "$build/tests/$name" | tail -1 | sed "s/^/cortex-a72, $name: /"
	done
	WQ_SOURCE_DIR=$root WQ_LIB=$build/lib/libworkqueue.so sh "$root/native/tests/abi_hardening.sh"
	${prefix}gcc "$root/native/examples/hello.c" -I"$root/native/include" "$build/lib/libworkqueue.a" -pthread \
		-o "$build/tests/hello_static"
	qemu-aarch64 -L /usr/aarch64-linux-gnu "$build/tests/hello_static"
	;;
musl)
	need dotnet musl-gcc
	publish linux-musl-x64 musl-gcc ''
	say "built: $build/lib/libworkqueue.so"
	;;
*)
	say "usage: cross.sh arm64|musl BUILD"
	exit 2
	;;
esac
