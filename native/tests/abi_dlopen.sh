#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# dlclose() is harmless: the library stays, and can be loaded again. A program that
# is not linked against it loads, uses and closes it three times.
. "$(dirname "$0")/support/preamble.sh"

"$CC" -std=gnu11 -Wall -Wextra -Werror -I"$include" "$support/dlopen_thrice.c" -o "$tmp/dlopen_thrice" -ldl || exit 1
holds "it is loaded, used and closed three times" timeout 20 "$tmp/dlopen_thrice" "$lib"
report
