#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# As a part of another CMake project (FetchContent, add_subdirectory) the library is a
# target to link and nothing more: no tests, no examples, nothing installed.
. "$(dirname "$0")/support/preamble.sh"

cat >"$tmp/kernel.c" <<'END'
#include <linux/workqueue.h>

static LIST_HEAD(nothing);

int main(void)
{
	flush_scheduled_work();
	return list_empty(&nothing) ? printk(KERN_INFO "hello from a worker\n") != 20 : 1;
}
END
cat >"$tmp/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.21)
project(outer C)
enable_testing()
include(FetchContent)
FetchContent_Declare(workqueue SOURCE_DIR $source_dir)
FetchContent_MakeAvailable(workqueue)
add_executable(hello $source_dir/native/examples/hello.c)
target_link_libraries(hello PRIVATE workqueue::workqueue)
add_executable(hello_static $source_dir/native/examples/hello.c)
target_link_libraries(hello_static PRIVATE workqueue::static)
add_executable(kernel kernel.c)
target_link_libraries(kernel PRIVATE workqueue::kernel)
add_executable(kernel_static kernel.c)
target_link_libraries(kernel_static PRIVATE workqueue::kernel_static)
install(TARGETS hello)
END
cmake -S "$tmp" -B "$tmp/build" -DWQ_PREBUILT="$lib_dir" >"$tmp/log" 2>&1 &&
	cmake --build "$tmp/build" >>"$tmp/log" 2>&1 || fail "does not build" "$tmp/log"
for program in hello hello_static kernel kernel_static; do
	[ "$("$tmp/build/$program" 2>&1)" = "hello from a worker" ] || fail "$program does not run"
done
ctest --test-dir "$tmp/build" -N | grep -q 'Total Tests: 0' || fail "it brings its tests"
find "$tmp/build" -name wqsum -o -name '*bench*' | grep . && fail "it builds its examples or benchmarks"
DESTDIR=$tmp/installed cmake --install "$tmp/build" >/dev/null 2>&1
find "$tmp/installed" -name '*workqueue*' | grep . && fail "it installs itself"

report "it is a target to link, and nothing more"
