#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Who calls whom in managed/Core: its folders are ranks, and a folder calls only itself and
# those before it. Any file may hold a pointer to anything. Prints each call that goes the
# wrong way. For tidy.sh.
#
# Called from anywhere: Checks and Lockdep, which are off or cost a branch, and what a call
# makes sure of before it begins (Fork.Settle, Engine.EnsureReady). The files beside the
# folders are about the process, and call everything.
#
# usage: ranks.sh ROOT
set -u
cd "$1/managed/Core" 2>/dev/null || exit 0
order='Items Queues Pools Cpus Calls'

# Prints "TYPE FOLDER" for each type that a folder declares.
types() {
	for folder in $order; do
		[ -d "$folder" ] || continue
		grep -hoE '^(internal|public) [a-z ]*(struct|class|enum) [A-Za-z]+' -- "$folder"/*.cs |
			sed "s/.* //; s/\$/ $folder/"
	done | sort -u
}

types >"${TMPDIR:-/tmp}/ranks.$$"
trap 'rm -f "${TMPDIR:-/tmp}/ranks.$$"' EXIT
for folder in $order; do
	[ -d "$folder" ] || continue
	awk -v order="$order" -v folder="$folder" '
	BEGIN {
		n = split(order, folders, " ")
		for (i = 1; i <= n; i++)
			rank[folders[i]] = i
	}
	FNR == NR { of[$1] = $2; next }
	{
		code = $0
		sub(/\/\/.*/, "", code)
		while (match(code, /[A-Za-z.]*[A-Z][A-Za-z]*\.[A-Z][A-Za-z]*\(/)) {
			name = substr(code, RSTART, RLENGTH)
			code = substr(code, RSTART + RLENGTH)
			n = split(name, parts, ".")
			type = parts[n - 1]
			if (type in of && rank[of[type]] > rank[folder])
				printf "managed/Core/%s:%d: %s calls %s, which is in %s\n", FILENAME, FNR, folder, name ")", of[type]
		}
	}' "${TMPDIR:-/tmp}/ranks.$$" "$folder"/*.cs
done
