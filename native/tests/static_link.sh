#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# libworkqueue.a: the documented line links a C and a C++ program without the shared
# library; the archive shows only the library's own names; the program's signals and
# exceptions are its own; dead code can be removed; a program may have no shared library
# at all, at a fixed address or at any.
. "$(dirname "$0")/support/preamble.sh"
export LC_ALL=C
archive=$lib_dir/libworkqueue.a

# run PROGRAM: in the emulator, if it is for another machine
run() { ${WQ_EMULATOR:-} "$1"; }

[ -f "$archive" ] || { echo "no $archive"; exit 1; }
cut -d' ' -f1 "$source_dir/native/glue/abi_symbols.txt" | sort >"$tmp/listed"
nm -g --defined-only "$archive" | awk 'NF == 3 { print $3 }' | sort >"$tmp/names"
same "its names are those of the shared library" "" "$(diff "$tmp/listed" "$tmp/names" | head -5)"

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
same "a C program" "hello from a worker" "$(
	"$CC" "$hello" -I"$include" "$archive" -pthread -o "$tmp/hello" 2>&1 && run "$tmp/hello" 2>&1)"
same "it needs no shared library of ours" "" "$(readelf -d "$tmp/hello" | grep workqueue)"
same "without what it does not use" "hello from a worker" "$(
	"$CC" "$hello" -I"$include" "$archive" -pthread -Wl,--gc-sections -o "$tmp/small" 2>&1 && run "$tmp/small" 2>&1)"
same "a C++ program keeps its exceptions and signals" \
	"caught 1, handled 1, SIGPIPE default" "$(
	"$CXX" "$tmp/guest.cc" -I"$include" "$archive" -pthread -o "$tmp/guest" 2>&1 && run "$tmp/guest" 2>&1)"

for kind in static static-pie; do
	same "a C program linked -$kind" "hello from a worker" "$(
		"$CC" "$hello" -I"$include" "$archive" -pthread "-$kind" -o "$tmp/$kind" 2>&1 && run "$tmp/$kind" 2>&1)"
	same "-$kind: it needs no shared library" "" "$(readelf -d "$tmp/$kind" | grep NEEDED)"
	same "a C++ program linked -$kind" "caught 1, handled 1, SIGPIPE default" "$(
		"$CXX" "$tmp/guest.cc" -I"$include" "$archive" -pthread "-$kind" -o "$tmp/guest-$kind" 2>&1 &&
			run "$tmp/guest-$kind" 2>&1)"
done

report
