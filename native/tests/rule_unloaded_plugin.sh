#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Lockdep knows by addresses what it has learnt. It forgets what it knows of a plug-in
# that is unloaded: another that is mapped there later is not blamed for it.
. "$(dirname "$0")/support/preamble.sh"

for plugin in a b; do
	compile -g -shared -fPIC "$support/plugin_order.c" -o "$tmp/$plugin.so" || exit 1
done
compile -g -rdynamic "$support/plugin_order_host.c" -o "$tmp/host" -lpthread -ldl || exit 1
export WQ_PLUGIN_A="$tmp/a.so" WQ_PLUGIN_B="$tmp/b.so" WQ_LOCKDEP=1
holds "another at its address is not blamed" timeout 60 "$tmp/host"
report
