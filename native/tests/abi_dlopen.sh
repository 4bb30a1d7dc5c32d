#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# dlclose() is harmless: the library stays, and can be loaded again. A program that
# is not linked against it loads, uses and closes it three times.
set -u
source_dir=${WQ_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

gcc -std=gnu11 -Wall -Wextra -Werror -I"$source_dir/native/include" \
	"$source_dir/native/tests/support/dlopen_thrice.c" -o "$tmp/dlopen_thrice" -ldl || exit 1
timeout 20 "$tmp/dlopen_thrice" "$WQ_LIB"
code=$?
[ "$code" -eq 0 ] && exit 0
echo "exit code $code"
exit 1
