#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# "The library stays in the process; dlclose() is harmless": plug-ins that link it can
# be loaded, used and unloaded again and again, alone and beside each other, by a
# program that does not know of it.
set -u
source_dir=${WQ_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
support=$source_dir/native/tests/support
lib_dir=$(dirname "$WQ_LIB")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

for plugin in a b; do
	gcc -std=gnu11 -Wall -Wextra -Werror -shared -fPIC -I"$source_dir/native/include" \
		"$support/plugin.c" -o "$tmp/$plugin.so" -L"$lib_dir" -lworkqueue \
		-Wl,-rpath,"$lib_dir" || exit 1
done
gcc -std=gnu11 -Wall -Wextra -Werror "$support/plugin_host.c" -o "$tmp/host" -ldl || exit 1
for debug in 0 1; do
	WQ_DEBUG=$debug timeout 20 "$tmp/host" "$tmp/a.so" "$tmp/b.so"
	code=$?
	[ "$code" -eq 0 ] || { echo "WQ_DEBUG=$debug: exit code $code"; exit 1; }
done
