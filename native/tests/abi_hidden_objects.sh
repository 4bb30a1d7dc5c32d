#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A thread is the same "current" to a program and to a library that it is linked with,
# whatever each of them is compiled with: kthread_stop() by one is noticed in the other.
. "$(dirname "$0")/support/preamble.sh"

# stops LIBRARY PROGRAM: the default visibility of each
stops() {
	compile -DLIBRARY -shared -fPIC -fvisibility="$1" "$support/hidden_object.c" -o "$tmp/libhidden.so" &&
		compile -fvisibility="$2" "$support/hidden_object.c" -o "$tmp/program" -L"$tmp" -lhidden -Wl,-rpath,"$tmp" &&
		timeout 20 "$tmp/program"
}

for library in default hidden; do
	for program in default hidden; do
		holds "library $library, program $program" stops $library $program
	done
done
report
