#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The library exports what workqueue.h declares and abi_symbols.txt lists, at the
# version written there, and is a good file to link with: its name, what it needs,
# no executable stack, no search path, no name that the C library uses.
. "$(dirname "$0")/support/preamble.sh"
export LC_ALL=C
list=$source_dir/native/glue/abi_symbols.txt

# The version nodes themselves are all that the compiler adds to the functions.
forced='^WORKQUEUE_[0-9.]* A$'

# alike WHAT FILE FILE
alike() {
	diff "$2" "$3" >"$tmp/diff" || fail "$1:" "$tmp/diff"
}

[ -f "$lib" ] || { echo "no library at $lib"; exit 1; }

sort -c "$list" 2>"$tmp/unsorted" || fail "abi_symbols.txt is not sorted" "$tmp/unsorted"
cut -d' ' -f1 "$list" >"$tmp/listed"

echo '#include <workqueue.h>' >"$tmp/header.c"
"$CC" -std=c11 -I"$include" -fsyntax-only -aux-info "$tmp/prototypes" "$tmp/header.c" ||
	fail "workqueue.h does not compile"
grep '/workqueue\.h:' "$tmp/prototypes" | sed 's|/\*[^*]*\*/||' |
	sed -E 's/^ *extern [^(]*[ *]([A-Za-z_0-9]+) \(.*/\1/' | sort -u >"$tmp/functions"
"$CC" -std=c11 -I"$include" -E -P "$tmp/header.c" |
	sed -nE 's/^extern struct workqueue_struct \*([a-z_]+);$/\1/p' | sort >"$tmp/variables"
[ -s "$tmp/variables" ] || fail "no data symbol is declared"
sort "$tmp/functions" "$tmp/variables" >"$tmp/declared"
alike "abi_symbols.txt against workqueue.h" "$tmp/listed" "$tmp/declared"

# Functions are T. Variables are pointers of 8 bytes in writable memory: D or B.
nm -D --defined-only "$lib" | awk '{ print $3, $2 }' | grep -vE "$forced" >"$tmp/defined"
sed 's/ [TDB]$//; s/@@*/ /' "$tmp/defined" | sort >"$tmp/exported"
alike "abi_symbols.txt against the library" "$list" "$tmp/exported"
sed -n 's/@.* T$//p' "$tmp/defined" | sort >"$tmp/text"
alike "what is a function" "$tmp/functions" "$tmp/text"
readelf --dyn-syms -W "$lib" |
	awk '$3 == 8 && $4 == "OBJECT" && $5 == "GLOBAL" && $6 == "DEFAULT" && $7 != "UND" { sub(/@.*/, "", $8); print $8 }' |
	sort >"$tmp/data"
alike "what is a variable" "$tmp/variables" "$tmp/data"

readelf -dW "$lib" >"$tmp/dynamic"
grep -q 'SONAME.*\[libworkqueue\.so\.1\]' "$tmp/dynamic" || fail "SONAME is not libworkqueue.so.1"
grep -q 'FLAGS_1.*NODELETE' "$tmp/dynamic" || fail "NODELETE is not set"
grep -E 'RPATH|RUNPATH' "$tmp/dynamic" >"$tmp/path" && fail "it has a search path:" "$tmp/path"
grep -q 'TEXTREL' "$tmp/dynamic" && fail "it relocates its code"
sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' "$tmp/dynamic" |
	grep -vE '^(libc\.so\.6|ld-linux.*\.so\.[0-9])$' >"$tmp/needed" &&
	fail "it needs more than libc and the loader:" "$tmp/needed"
readelf -lW "$lib" | grep 'GNU_STACK' | grep -q 'RW ' || fail "its stack is executable"

# A name that the C library has too would take that function's place in the program.
libc=$("${CC:-gcc}" -print-file-name=libc.so.6)
for other in "$libc" "$(dirname "$libc")/libpthread.so.0" "$(dirname "$libc")/libm.so.6"; do
	[ -f "$other" ] && nm -D --defined-only "$other" | awk '{ sub(/@.*/, "", $3); print $3 }'
done | sort -u >"$tmp/taken"
[ -s "$tmp/taken" ] || fail "the C library's names could not be read"
comm -12 "$tmp/listed" "$tmp/taken" >"$tmp/clash"
[ -s "$tmp/clash" ] && fail "names that the C library has:" "$tmp/clash"

report "$(wc -l <"$tmp/exported") exports are those that are listed and declared"
