#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: static_archive.sh PARTS ARCHIVE
#
# Makes libworkqueue.a of what libworkqueue.so was linked from, which the publish step
# lists in PARTS: the compiled engine and the glue. They become one object, of the
# sections that the library's functions reach, in which only these functions are global.
#
# CC, LD, OBJCOPY and AR name the tools.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
parts=$1
archive=$2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

set --
while IFS= read -r part; do
	case $part in
	*.c)
		object=$tmp/$(basename "$part" .c).o
		"${CC:-gcc}" -O2 -fPIC "-ffile-prefix-map=$root=/usr/src/workqueue" -c "$part" -o "$object"
		set -- "$@" "$object"
		;;
	*.o) set -- "$@" "$part" ;;
	esac
done <"$parts"

cut -d' ' -f1 "$root/native/glue/abi_symbols.txt" >"$tmp/exports"
while IFS= read -r name; do
	set -- "--undefined=$name" "$@"
done <"$tmp/exports"
# A section group is known by its name in the whole program, so none may remain.
"${LD:-ld}" -r --gc-sections --force-group-allocation --strip-debug -o "$tmp/workqueue.o" "$@"
"${OBJCOPY:-objcopy}" --keep-global-symbols="$tmp/exports" "$tmp/workqueue.o"
rm -f "$archive"
"${AR:-ar}" rcsD "$archive" "$tmp/workqueue.o"
