#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: consumers.sh [DIRECTORY]
#
# What a user of an installed library does, in an empty folder: C and C++ built with
# what pkg-config says, both built by CMake's find_package(), kernel code, and a program
# that loads the library by its name. Finds the library as any program would; where
# it is not in the system's folders the caller sets PKG_CONFIG_PATH, CMAKE_PREFIX_PATH
# and LD_LIBRARY_PATH. Needs a compiler, pkg-config and CMake, nothing of .NET.
set -u
tmp=${1:-$(mktemp -d)} || exit 1
mkdir -p "$tmp" && cd "$tmp" || exit 1
passed=0
failed=0

# judge NAME EXPECTED ACTUAL
judge() {
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
		echo "ok $1"
	else
		failed=$((failed + 1))
		echo "FAIL $1: expected \"$2\", was \"$3\""
	fi
}

cat >demo.c <<'END'
#include <workqueue.h>
#include <stdio.h>

static int runs;

static void count(struct work_struct *work)
{
	(void)work;
	runs++;
}

int main(void)
{
	static DECLARE_WORK(work, count);
	struct workqueue_struct *wq = create_workqueue("demo");

	if (!wq || !queue_work(wq, &work))
		return 1;
	flush_workqueue(wq);
	destroy_workqueue(wq);
	printf("runs %d\n", runs);
	return 0;
}
END
cp demo.c demo.cc

cat >module.c <<'END'
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <stdio.h>

static LIST_HEAD(nothing);
static int runs;

static void beat(struct work_struct *work)
{
	(void)to_delayed_work(work);
	runs++;
}
static DECLARE_DELAYED_WORK(dwork, beat);

int main(void)
{
	schedule_delayed_work(&dwork, msecs_to_jiffies(1));
	while (delayed_work_pending(&dwork))
		cond_resched();
	flush_scheduled_work();
	printf("runs %d, empty %d\n", runs, list_empty(&nothing));
	return 0;
}
END

# The system's headers, and names of the program's own that kernel code has too.
cat >system.c <<'END'
#include <workqueue.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <sys/sysinfo.h>

typedef short u64;

static u64 min(u64 a, u64 b)
{
	return a < b ? a : b;
}

int main(void)
{
	__u32 n = WNOHANG;
	return min((u64)n, 0) + (get_nprocs() < 1);
}
END

cat >load.c <<'END'
#include <dlfcn.h>
#include <stdio.h>

int main(void)
{
	void *lib = dlopen("libworkqueue.so.1", RTLD_NOW);
	unsigned int (*version)(void);

	if (!lib)
		return fprintf(stderr, "%s\n", dlerror()), 1;
	*(void **)&version = dlsym(lib, "workqueue_abi_version");
	printf("abi %u\n", version());
	return dlclose(lib);
}
END

cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.16)
project(consumer C CXX)
find_package(workqueue 1.0 CONFIG REQUIRED)
add_executable(c_demo demo.c)
add_executable(cc_demo demo.cc)
add_executable(module module.c)
add_executable(system system.c)
foreach(target c_demo cc_demo system)
  target_link_libraries(${target} PRIVATE workqueue::workqueue)
endforeach()
target_link_libraries(module PRIVATE workqueue::kernel)
if(TARGET workqueue::static)
  add_executable(static_demo demo.c)
  target_link_libraries(static_demo PRIVATE workqueue::static)
  add_executable(static_module module.c)
  target_link_libraries(static_module PRIVATE workqueue::kernel_static)
endif()
END

flags=$(pkg-config --cflags --libs workqueue) || exit 1
kernel_flags=$(pkg-config --cflags --libs workqueue-kernel) || exit 1
warnings="-Wall -Wextra -Werror"
# shellcheck disable=SC2086 # flags are words
{
	judge "C with pkg-config" "runs 1" "$(gcc $warnings demo.c -o pc_c $flags 2>&1 && ./pc_c 2>&1)"
	judge "C++ with pkg-config" "runs 1" "$(g++ $warnings demo.cc -o pc_cc $flags 2>&1 && ./pc_cc 2>&1)"
	judge "kernel code with pkg-config" "runs 1, empty 1" \
		"$(gcc $warnings module.c -o pc_module $kernel_flags 2>&1 && ./pc_module 2>&1)"
	judge "the system's headers with pkg-config" "" "$(gcc $warnings system.c -o pc_system $flags 2>&1 && ./pc_system 2>&1)"
}
judge "dlopen by soname" "abi 1" "$(gcc $warnings load.c -o load -ldl 2>&1 && ./load 2>&1)"

mkdir -p out && (cd out && cmake .. && make) >cmake.log 2>&1 || tail -20 cmake.log
judge "C with find_package" "runs 1" "$(out/c_demo 2>&1)"
judge "C++ with find_package" "runs 1" "$(out/cc_demo 2>&1)"
judge "kernel code with find_package" "runs 1, empty 1" "$(out/module 2>&1)"
judge "the system's headers with find_package" "" "$(out/system 2>&1)"
if [ -x out/static_demo ]; then
	judge "linked statically with find_package" "runs 1" \
		"$(LD_LIBRARY_PATH=/nowhere out/static_demo 2>&1)"
	judge "kernel code linked statically" "runs 1, empty 1" \
		"$(LD_LIBRARY_PATH=/nowhere out/static_module 2>&1)"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
