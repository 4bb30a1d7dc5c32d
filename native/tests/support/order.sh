#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# managed/MEMORY-ORDER.md against the sources. links.sh looks whether the methods that it
# names are there. For tidy.sh; prints
#
#   each method of the engine with a fence, a membarrier or a futex that it does not name;
#   each planted bug that it names and breaks.txt does not have;
#   each name behind "Pairs with" in a comment of the engine that is no method or type of it.
#
# usage: order.sh ROOT
set -u
cd "$1" || exit 0
document=managed/MEMORY-ORDER.md
bugs=managed/sim/breaks.txt
[ -f "$document" ] && [ -f "$bugs" ] || exit 0

sources() {
	find managed -path managed/sim -prune -o -path managed/tests -prune -o -name '*.cs' -print | sort
}

# Prints "FILE LINE METHOD", for what a method of another file is asked to order. It is that of the
# last line that declares one.
ordering='
FNR == 1 { method = "-" }
/^ +(public|private|internal) .*[A-Za-z]\(/ {
	method = $0
	sub(/\(.*/, "", method)
	sub(/.*[ *]/, "", method)
}
{
	code = $0
	sub(/\/\/.*/, "", code)
}
code ~ /(Membarrier\.(Heavy|Light)|Atomic\.Fence|Futex\.(Wait|Wake)[A-Za-z]*)\(/ { print FILENAME, FNR, method }'

# Prints "FILE LINE NAME" for each name of what a comment pairs its line with. The sentence ends at
# a stop that is in no name.
pairs='
/\/\/.*[Pp]airs with / {
	rest = $0
	sub(/.*[Pp]airs with /, "", rest)
	sub(/([:;,]|\.( |$|<)).*/, "", rest)
	n = split(rest, words, /[^A-Za-z0-9_]+/)
	for (i = 1; i <= n; i++)
		if (words[i] ~ /^[A-Z]/)
			print FILENAME, FNR, words[i]
}'

# Prints each method and type.
declared='
/^ *(public|private|internal) .*[A-Za-z]\(/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name); print name }
/^ *(public|private|internal) .*(class|struct) [A-Za-z]/ { name = $0; sub(/.*(class|struct) /, "", name); sub(/[^A-Za-z0-9].*/, "", name); print name }'

# Prints "LINE NAME" for each name in the last column of a table whose heading is "planted bugs".
planted='
/^\|.*\| planted bugs \|$/ { in_table = 1 }
!/^\|/ { in_table = 0 }
in_table {
	n = split($0, cells, "|")
	n = split(cells[n - 1], parts, "`")
	for (i = 2; i <= n; i += 2)
		print FNR, parts[i]
}'

tmp=$(mktemp) || exit 2
trap 'rm -f "$tmp"' EXIT
sources | xargs awk "$declared" | sort -u >"$tmp"

sources | xargs awk "$ordering" | while read -r file line method; do
	grep -qF "\`${file##*/}:$method\`" "$document" || echo "$file:$line: $document does not name ${file##*/}:$method"
done
sources | xargs awk "$pairs" | while read -r file line name; do
	grep -qx -- "$name" "$tmp" || echo "$file:$line: pairs with $name, which there is not"
done
awk "$planted" "$document" | while read -r line name; do
	grep -q "^bug $name " "$bugs" || echo "$document:$line: there is no planted bug $name"
done
