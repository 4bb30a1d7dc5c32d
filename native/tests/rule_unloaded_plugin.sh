#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Lockdep knows by addresses what it has learnt. It forgets what it knows of a plug-in
# that is unloaded: another that is mapped there later is not blamed for it.
set -u
source_dir=${WQ_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
support=$source_dir/native/tests/support
lib_dir=$(dirname "${WQ_LIB:-$source_dir/build/lib/libworkqueue.so}")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

build() { gcc -std=gnu11 -g -Wall -Wextra -Werror -I"$source_dir/native/include" -I"$source_dir/native/include/workqueue" "$@" -L"$lib_dir" -lworkqueue -Wl,-rpath,"$lib_dir"; }

for plugin in a b; do
	build -shared -fPIC "$support/plugin_order.c" -o "$tmp/$plugin.so" || exit 1
done
build -rdynamic "$support/plugin_order_host.c" -o "$tmp/host" -lpthread -ldl || exit 1
WQ_PLUGIN_A=$tmp/a.so WQ_PLUGIN_B=$tmp/b.so WQ_LOCKDEP=1 timeout 60 "$tmp/host"
