#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# libworkqueue.a: the documented line links a C and a C++ program without the shared
# library; the archive shows only the library's own names; the program's signals and
# exceptions are its own; dead code can be removed; a program may have no shared library
# at all, at a fixed address or at any.
set -u
source_dir=${WQ_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${WQ_BUILD_DIR:-$source_dir/build}
cc=${CC:-gcc}
cxx=${CXX:-g++}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
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

# run PROGRAM: in the emulator, if it is for another machine
run() { ${WQ_EMULATOR:-} "$1"; }

archive=$build/lib/libworkqueue.a
include=$source_dir/native/include
[ -f "$archive" ] || { echo "no $archive"; exit 1; }
cut -d' ' -f1 "$source_dir/native/glue/abi_symbols.txt" | sort >"$tmp/listed"
nm -g --defined-only "$archive" | awk 'NF == 3 { print $3 }' | LC_ALL=C sort >"$tmp/names"
judge "its names are those of the shared library" "" "$(LC_ALL=C diff "$tmp/listed" "$tmp/names" | head -5)"

cat >"$tmp/guest.cc" <<'END'
#include <workqueue.h>
#include <csignal>
#include <cstdio>
#include <stdexcept>

static int caught, handled;

static void thrower(struct work_struct *)
{
	try {
		throw std::runtime_error("inside");
	} catch (const std::exception &) {
		caught++;
	}
}

static void on_signal(int) { handled++; }

int main()
{
	struct work_struct work;
	struct workqueue_struct *wq = create_workqueue("guest");

	std::signal(SIGUSR1, on_signal);
	INIT_WORK(&work, thrower);
	queue_work(wq, &work);
	destroy_workqueue(wq);
	std::raise(SIGUSR1);
	struct sigaction pipe;
	sigaction(SIGPIPE, nullptr, &pipe);
	std::printf("caught %d, handled %d, SIGPIPE %s\n", caught, handled,
		    pipe.sa_handler == SIG_DFL ? "default" : "taken");
	return 0;
}
END
hello=$source_dir/native/examples/hello.c
judge "a C program" "hello from a worker" "$(
	"$cc" "$hello" -I"$include" "$archive" -pthread -o "$tmp/hello" 2>&1 && run "$tmp/hello" 2>&1)"
judge "it needs no shared library of ours" "" "$(readelf -d "$tmp/hello" | grep workqueue)"
judge "without what it does not use" "hello from a worker" "$(
	"$cc" "$hello" -I"$include" "$archive" -pthread -Wl,--gc-sections -o "$tmp/small" 2>&1 && run "$tmp/small" 2>&1)"
judge "a C++ program keeps its exceptions and signals" \
	"caught 1, handled 1, SIGPIPE default" "$(
	"$cxx" "$tmp/guest.cc" -I"$include" "$archive" -pthread -o "$tmp/guest" 2>&1 && run "$tmp/guest" 2>&1)"

for kind in static static-pie; do
	judge "a C program linked -$kind" "hello from a worker" "$(
		"$cc" "$hello" -I"$include" "$archive" -pthread "-$kind" -o "$tmp/$kind" 2>&1 && run "$tmp/$kind" 2>&1)"
	judge "-$kind: it needs no shared library" "" "$(readelf -d "$tmp/$kind" | grep NEEDED)"
	judge "a C++ program linked -$kind" "caught 1, handled 1, SIGPIPE default" "$(
		"$cxx" "$tmp/guest.cc" -I"$include" "$archive" -pthread "-$kind" -o "$tmp/guest-$kind" 2>&1 &&
			run "$tmp/guest-$kind" 2>&1)"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
