#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The order of locks is said twice: by the table of managed/README.md, and by the simulator,
# which fails a run that takes them otherwise (Held.RankOf). Prints each lock that one of the
# two lacks, or gives another rank, and each static lock of the engine that neither has. For
# tidy.sh.
#
# usage: locks.sh ROOT
set -u
cd "$1" || exit 0
readme=managed/README.md
held=managed/sim/Oracle/Held.cs
[ -f "$readme" ] && [ -f "$held" ] || exit 0

# Prints "LOCK RANK" for each row "| RANK | `LOCK` | ...". Rank 1a is below 1 for those who hold
# the one before it, and not a mutex: it is left out.
in_readme() { sed -n 's/^| \([0-9]\) | `\([A-Za-z._]*\)` |.*/\2 \1/p' "$readme" | sort; }

# Prints the same for each arm of RankOf: constants by name, and names of constants.
in_simulator() {
	awk '
	/const (int|string) [A-Za-z]+ = / { name = $4; value = $6; sub(/;.*/, "", value); gsub(/"/, "", value); constant[name] = value }
	/int RankOf\(/ { inside = 1 }
	inside && /=>/ && !/_ =>/ && !/switch/ {
		split($0, sides, "=>")
		rank = sides[2]
		gsub(/[ ,]/, "", rank)
		n = split(rank, terms, "+")
		sum = 0
		for (i = 1; i <= n; i++)
			sum += terms[i] in constant ? constant[terms[i]] : terms[i]
		n = split(sides[1], locks, " or ")
		for (i = 1; i <= n; i++) {
			gsub(/[ "]/, "", locks[i])
			print locks[i] in constant ? constant[locks[i]] : locks[i], sum
		}
	}
	inside && /};/ { exit }' "$held" | sort
}

# Prints "CLASS.LOCK" for each static mutex of the engine.
in_engine() {
	find managed -path managed/sim -prune -o -path managed/tests -prune -o -name '*.cs' -exec awk '
	/^internal .*(class|struct) / { type = $0; sub(/.*(class|struct) /, "", type); sub(/[^A-Za-z].*/, "", type) }
	/static FutexMutex s_[a-z]+;/ { lock = $0; sub(/.*FutexMutex /, "", lock); sub(/;.*/, "", lock); print type "." lock }' '{}' + | sort -u
}

tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
in_readme >"$tmp/readme"
in_simulator >"$tmp/simulator"
in_engine >"$tmp/engine"
while read -r lock rank; do
	case $lock in
	*.s_*) grep -qx "$lock $rank" "$tmp/simulator" || echo "$held: $lock has not rank $rank" ;;
	esac
done <"$tmp/readme"
while read -r lock rank; do
	grep -qx "$lock $rank" "$tmp/readme" || echo "$readme: no lock $lock of rank $rank"
done <"$tmp/simulator"
while read -r lock; do
	grep -q "^$lock " "$tmp/readme" || echo "$readme: no row for $lock"
done <"$tmp/engine"
