#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Where documents lead: prints each name that leads nowhere. For tidy.sh.
#
#   [text](PATH)               relative to the document
#   `managed/…`, `native/…`, `interop/…`, and in the root's documents `NAME.md`
#                              a file or folder of the repository, * standing for anything
#   `FILE.cs:METHOD`           a file of the engine, and a word in it
#   a row of native/tests/README.md
#                              says what holds, then which tests show it: files in backticks,
#                              each followed by names of functions in it
#   a row `managed/Core/…` of HACKING.md
#                              names each file of that folder, up to its first stop
#
# usage: links.sh ROOT
set -u
cd "$1" || exit 2

# Prints "DOCUMENT LINE KIND NAME". In code blocks nothing is a name.
targets='
FNR == 1 { in_code = 0 }
/^ *```/ { in_code = !in_code }
in_code { next }
{
	rest = $0
	while (match(rest, /\]\([^) ]+\)/)) {
		name = substr(rest, RSTART + 2, RLENGTH - 3)
		rest = substr(rest, RSTART + RLENGTH)
		sub(/#.*/, "", name)
		if (name != "" && name !~ /^[a-z]+:/)
			print FILENAME, FNR, "link", name
	}
	n = split($0, parts, "`")
	for (i = 2; i < n; i += 2) {
		if (parts[i] ~ /^(managed|native|interop)\/[A-Za-z0-9_.*\/-]*$/)
			print FILENAME, FNR, "file", parts[i]
		else if (parts[i] ~ /^[A-Z-]+\.md$/ && FILENAME !~ /\//)
			print FILENAME, FNR, "file", parts[i]
		else if (parts[i] ~ /^[A-Za-z.]+\.cs:[A-Za-z]+$/)
			print FILENAME, FNR, "method", parts[i]
	}
}'

# leads_somewhere DOCUMENT KIND NAME
leads_somewhere() {
	case $2 in
	link) [ -e "$(dirname "$1")/$3" ] ;;
	file) ls -d $3 >/dev/null 2>&1 ;;
	method) find managed -path managed/sim -prune -o -name "${3%:*}" -exec grep -qw -- "${3#*:}" '{}' \; -print | grep -q . ;;
	esac
}

# Prints "LINE FILE" or "LINE FILE FUNCTION" for each test of a row, "-" for a file that is not named.
tests='
/^\| *(behaviour|difference on purpose) *\| *test *\|$/ { in_table = 1; next }
!/^\|/ { in_table = 0 }
in_table && !/^\|[-| ]*$/ {
	cell = $0
	sub(/ *\| *$/, "", cell)
	sub(/.* \| /, "", cell)
	file = "-"
	n = split(cell, parts, "`")
	for (i = 2; i <= n; i += 2) {
		if (parts[i] ~ /\.(c|cc|h|sh)$/)
			print FNR, file = parts[i]
		else
			print FNR, file, parts[i]
	}
	if (n < 2)
		print FNR, file
}'

check_rows() {
	awk "$tests" "$1" | while read -r line file function; do
		if [ "$file" = - ]; then
			echo "$1:$line: no test${function:+ before $function}"
		elif [ ! -f "native/tests/$file" ]; then
			[ -n "$function" ] || echo "$1:$line: there is no $file"
		elif [ -n "$function" ] && ! grep -qw -- "$function" "native/tests/$file"; then
			echo "$1:$line: $file has no $function"
		fi
	done
}

check_folders() {
	grep '^| `managed/Core/[A-Za-z]*` |' "$1" | while IFS='|' read -r _ folder names _; do
		folder=$(echo "$folder" | tr -d ' \140')
		for file in "$folder"/*.cs; do
			name=${file##*/}
			echo "$names" | grep -qw -- "${name%%.*}" || echo "$1: the row of $folder has no ${name%%.*}"
		done
	done
}

[ ! -f HACKING.md ] || check_folders HACKING.md
rows=native/tests/README.md
if [ -f "$rows" ]; then
	check_rows "$rows"
else
	echo "$rows: missing"
fi
find . \( -name .git -o -name bin -o -name obj -o -path './.dotnet*' -o -path ./build \) -prune -o \
	-type d -exec test -f '{}/CMakeCache.txt' \; -prune -o -name '*.md' -print | sed 's#^\./##' | sort |
	while read -r document; do
		awk "$targets" "$document"
	done | while read -r document line kind name; do
	leads_somewhere "$document" "$kind" "$name" || echo "$document:$line: there is no $name"
done
