#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Every public header compiles alone, twice over and together with all others, in
# C and C++ of several vintages, without a warning; and the system headers that
# share a directory name with ours still compile behind them.
set -u
source_dir=${WQ_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
include=$source_dir/native/include
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
failures=0
compiled=0

headers="workqueue.h $(cd "$include/workqueue" && ls linux/*.h)"
system_headers="linux/futex.h linux/membarrier.h linux/if.h linux/input.h linux/io_uring.h
sys/epoll.h sys/socket.h sys/timerfd.h signal.h errno.h pthread.h semaphore.h spawn.h aio.h
stdlib.h time.h unistd.h"

# compile COMPILER STANDARD FILE: no output expected
compile() {
	compiled=$((compiled + 1))
	if ! "$1" -std="$2" -Wall -Wextra -Wpedantic -Werror -fsyntax-only \
		-I"$include" -I"$include/workqueue" "$3" 2>"$tmp/errors"; then
		failures=$((failures + 1))
		echo "$1 -std=$2 fails on:"
		sed 's/^/    /' "$3" | head -5
		sed 's/^/  /' "$tmp/errors" | head -20
	fi
}

# sources EXTENSION: one file per header, one with all, one in reverse, one with the system's
sources() {
	for header in $headers; do
		printf '#include <%s>\n#include <%s>\nint main(void) { return 0; }\n' \
			"$header" "$header" >"$tmp/$(echo "$header" | tr / _).$1"
	done
	printf '#include <%s>\n' $headers >"$tmp/all.$1"
	printf '#include <%s>\n' $headers | sort -r >"$tmp/reverse.$1"
	printf '#include <%s>\n' $headers $system_headers >"$tmp/system_last.$1"
	printf '#include <%s>\n' $system_headers $headers >"$tmp/system_first.$1"
	printf '#include <%s>\n' $system_headers >"$tmp/system_only.$1"
	printf '#define CONFIG_LOCKDEP\n' | cat - "$tmp/all.$1" >"$tmp/lockdep.$1"
	for name in all reverse system_last system_first system_only lockdep; do
		echo 'int main(void) { return 0; }' >>"$tmp/$name.$1"
	done
}

# Everything that expands to code is used once, so that its expansion is judged too.
cp "$source_dir/native/tests/support/every_macro.c" "$tmp/every_macro.c" || exit 1
{ echo '#define CONFIG_LOCKDEP'; cat "$tmp/every_macro.c"; } >"$tmp/every_macro_lockdep.c"
sources c
sources cc
# Found after our headers, the C++ library must not meet a macro of its own names.
for header in $headers; do echo "#include <$header>"; done >"$tmp/library.cc"
printf '#include <%s>\n' algorithm atomic numeric random string thread vector >>"$tmp/library.cc"
echo 'int main() { return std::min(0, 1) + std::max(0, 0); }' >>"$tmp/library.cc"

# run_compiler C_COMPILER CXX_COMPILER
run_compiler() {
	for file in "$tmp"/*.c; do
		compile "$1" c11 "$file"
	done
	for file in "$tmp"/*.cc; do
		compile "$2" c++17 "$file"
	done
	for name in all reverse system_last system_first system_only every_macro every_macro_lockdep; do
		compile "$1" gnu11 "$tmp/$name.c"
	done
	for name in all reverse system_last system_first system_only library; do
		compile "$2" c++20 "$tmp/$name.cc"
	done
}

run_compiler gcc g++
for clang in clang clang-14; do
	if command -v $clang >/dev/null && command -v "$(echo $clang | sed 's/clang/clang++/')" >/dev/null; then
		run_compiler $clang "$(echo $clang | sed 's/clang/clang++/')"
		break
	fi
done

echo "$compiled compilations, $failures failed"
[ "$compiled" -gt 0 ] && [ "$failures" -eq 0 ]
