#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# There is no .NET runtime in the library, nor its base library: it is linked from the
# compiled engine and the glue alone, each function in it is one of theirs, nothing waits
# for a runtime's start to set it up, and an engine that needed more would not link.
. "$(dirname "$0")/support/preamble.sh"
export LC_ALL=C
parts=$lib_dir/libworkqueue.parts
[ -f "$parts" ] || skip "no list of what the library was linked from"
object=$(head -1 "$parts")

grep -E '\.(a|o)$' "$parts" | tail -n +2 | grep . && fail "more is linked than engine and glue"

# Functions: the engine's, those it exports, and the glue's.
readelf -sW "$lib_dir/libworkqueue.so.dbg" | awk '$4 == "FUNC" && $7 != "UND" { sub(/@.*/, "", $8); print $8 }' |
	sort -u >"$tmp/functions"
grep '^workqueue_Wq_' "$tmp/functions" >"$tmp/engine"
{
	cat "$tmp/engine"
	cut -d' ' -f1 "$source_dir/native/glue/abi_symbols.txt"
	for source in "$source_dir"/native/glue/*.c; do
		"$CC" -O2 -fPIC -c "$source" -o "$tmp/glue.o" || exit 1
		nm --defined-only "$tmp/glue.o" | awk '$2 == "T" || $2 == "t" { print $3 }'
	done
	printf '%s\n' _init _fini pthread_atfork __pthread_atfork # the C compiler's, of every library
} | sort -u >"$tmp/known"
comm -23 "$tmp/functions" "$tmp/known" >"$tmp/others"
[ ! -s "$tmp/others" ] || fail "functions of somebody else: $(head -5 "$tmp/others" | tr '\n' ' ')"
nr=$(wc -l <"$tmp/engine")
[ "$nr" -gt 300 ] || fail "only $nr functions of the engine in $lib_dir/libworkqueue.so.dbg"

# A first value is in the file, not computed by a constructor nor unpacked by a runtime.
grep '___cctor$' "$tmp/functions" | grep . && fail "static constructors, which nobody calls"
readelf -SW "$lib" | grep -E 'hydrated|__modules' | grep . && fail "data that a runtime's start would look for"
constructors=$(grep -c '^__attribute__((constructor[()]' "$source_dir"/native/glue/*.c | awk -F: '{ n += $2 } END { print n }')
at_load=$(readelf -SW "$lib" | sed 's/\[ */[/' | awk '$2 == ".init_array" { print $6 }')
# The compiler has one of its own.
[ "$((0x$at_load / 8))" -eq $((constructors + 1)) ] ||
	fail "$((0x$at_load / 8)) functions run at load, of which the glue has $constructors"

# The control: without one file of the glue the engine refers to names that nobody has.
set -- $(cut -d' ' -f1 "$source_dir/native/glue/abi_symbols.txt" | sed 's/^/-Wl,-u,/')
if "$CC" -shared -fPIC "$object" "$source_dir/native/glue/glue.c" "$source_dir/native/glue/thread.c" "$@" \
	-Wl,-z,defs -Wl,--gc-sections -o "$tmp/control.so" 2>"$tmp/control"; then
	fail "it links without runtime.c"
fi
grep -q 'undefined reference to .RhpGcPoll' "$tmp/control" || fail "runtime.c is not what it lacks: $(head -1 "$tmp/control")"

report "$nr functions of the engine, and the glue, are all"
