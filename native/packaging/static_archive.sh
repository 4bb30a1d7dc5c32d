#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: static_archive.sh PARTS ARCHIVE
#
# Makes libworkqueue.a of the parts that libworkqueue.so was linked from, which the
# publish step lists in PARTS: the compiled engine, the glue, the runtime's archives.
# They become one object in which only the library's own functions are global: names of
# the runtime, among them a C++ personality routine, cannot meet the program's.
#
# Which of the parts' files are in it goes to ARCHIVE's name with .members in place of .a,
# for the list of what the library is made of. CC, LD, OBJCOPY and AR name the tools.
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
	*) set -- "$@" "$part" ;;
	esac
done <"$parts"

# A section group is known by its name in the whole program, so none may remain.
"${LD:-ld}" -r --force-group-allocation --strip-debug \
	-o "$tmp/workqueue.o" -Map="$tmp/map" --start-group "$@" --end-group
sed -n '/^Archive member included/,/^[A-Z][a-z]* configuration\|^Discarded\|^Allocating/p' "$tmp/map" |
	sed -n 's/^\([^ ]*\)\(\.a\)(\(.*\))$/\1\2 \3/p' | sort -u >"${archive%.a}.members"
cut -d' ' -f1 "$root/native/glue/abi_symbols.txt" >"$tmp/exports"
"${OBJCOPY:-objcopy}" --keep-global-symbols="$tmp/exports" "$tmp/workqueue.o"
rm -f "$archive"
"${AR:-ar}" rcsD "$archive" "$tmp/workqueue.o"
