#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# "The library stays in the process; dlclose() is harmless": plug-ins that link it can
# be loaded, used and unloaded again and again, alone and beside each other, by a
# program that does not know of it.
. "$(dirname "$0")/support/preamble.sh"

for plugin in a b; do
	compile -shared -fPIC "$support/plugin.c" -o "$tmp/$plugin.so" || exit 1
done
"$CC" -std=gnu11 -Wall -Wextra -Werror "$support/plugin_host.c" -o "$tmp/host" -ldl || exit 1
for debug in 0 1; do
	holds "with WQ_DEBUG=$debug" env WQ_DEBUG=$debug timeout 20 "$tmp/host" "$tmp/a.so" "$tmp/b.so"
done
report
