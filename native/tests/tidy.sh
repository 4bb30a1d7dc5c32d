#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Style as a test: prints every violation and exits 1 if there is one. With
# --self-test it plants each kind of violation in a small tree of its own and
# fails if one goes unseen, or if the clean files beside them are blamed.
set -u
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
root=${WQ_TIDY_ROOT:-$(cd "$here/../.." && pwd)}
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT

# ---- Which files -----------------------------------------------------------------

# A build directory is known by its cache, wherever it is and whatever its name.
list_files() {
	find . \( -name .git -o -name bin -o -name obj -o -name TestResults -o -path './.dotnet*' -o -path ./build \) -prune -o \
		-type d -exec test -f '{}/CMakeCache.txt' \; -prune -o -type f -print |
		grep -E '\.(c|h|cc|cs|sh|py|cmake|cmake\.in|md|csproj|props|sln|json|txt)$|/\.ci/run$|/\.(editorconfig|clang-format)$' |
		sed 's#^\./##' | sort
}

# ---- Rules on lines ----------------------------------------------------------------

# Words are spelt in pieces, so that this file does not break its own rules.
cat >"$tmp/lines.awk" <<'END'
function bad(what) { printf "%s:%d: %s\n", FILENAME, FNR, what }
function count_lines() {
	if (limited && lines > 400)
		printf "%s: %d lines, more than 400\n", file, lines
}

function is_licensed() { return /SPDX-License-Identifier: GPL-2\.0-only/ }

FNR == 2 && is_source && previous ~ /^#!/ && !is_licensed() { bad("no licence below the first line") }
FNR == 1 {
	count_lines()
	file = FILENAME
	is_c = file ~ /\.(c|h|cc)$/
	is_cs = file ~ /\.cs$/
	is_sln = file ~ /\.sln$/
	is_source = file ~ /\.(c|h|cc|cs|sh|py|cmake|cmake\.in)$|(^|\/)CMakeLists\.txt$|\.ci\/run$/
	if (is_source && !/^#!/ && !is_licensed())
		bad("no licence in the first line")
	# The public header is one document and may be longer; so may what is generated from it.
	limited = (is_c || is_cs || file ~ /\.sh$/) && file != "native/include/workqueue.h" && file !~ /\.g\.cs$/
	is_engine = is_cs && file ~ /^managed\/(Base|Os|Timers|Core|Abi)\//
	floor = is_engine ? rank[substr(file, 9, index(substr(file, 9), "/") - 1)] : 0
	previous = ""
	opened = 0
}
{ lines = FNR }

/[ \t]$/ { bad("trailing whitespace") }
is_cs && /\t/ { bad("tab in C#") }
is_c && /^        / { bad("indented by spaces, not tabs") }
!is_sln && /[\001-\010\013-\037\177]/ { bad("control character") }
$0 ~ unfinished { bad("unfinished work: " $0) }
$0 ~ outside { bad("refers to what is not in this repository: " $0) }

# A body is what stands between a lone "{" behind a parameter list and the "}" below it.
(is_c || is_cs) && !opened && /^ *\{$/ && previous ~ /\)$/ &&
previous !~ /^ *(if|else|for|foreach|while|switch|lock|fixed|using|do)[ (]/ &&
previous !~ /(^| )(class|struct|record) / {
	opened = FNR
	closing = $0
	sub(/\{/, "}", closing)
}
opened && $0 == closing {
	if (FNR - opened - 1 > 70)
		printf "%s:%d: body of %d lines, more than 70\n", FILENAME, opened, FNR - opened - 1
	opened = 0
}
{ previous = $0 }

is_engine {
	code = $0
	sub(/\/\/.*/, "", code)
	gsub(/"[^"]*"/, "\"\"", code)
	for (name in rank)
		if (rank[name] > floor && code ~ ("Wq\\." name "[^A-Za-z]"))
			bad("imports " name ", a floor above its own")
	if (code ~ /\[ThreadStatic/)
		bad("thread-static variable in the engine")
	if (code ~ /(= |\(|, |return )(static )?(\([A-Za-z0-9_, ]*\)|[a-z][A-Za-z0-9_]*) =>/)
		bad("lambda in the engine: " $0)
	if (code ~ /(^|[^A-Za-z0-9_])new (string|object|[A-Z][A-Za-z0-9]*(Exception|Thread|List|Dictionary|Task|Queue|Lock))[<({[]/ ||
	    code ~ /(^|[^A-Za-z0-9_])new [A-Za-z0-9_.<>]*\[/ || code ~ /(^|[^A-Za-z0-9_])new (List|Dictionary|HashSet|Thread|Task|Lock)[<({]/)
		bad("managed allocation in the engine: " $0)
	if (code ~ /\$"|\.ToString\(|(^| )(async|await|yield) /)
		bad("managed allocation in the engine: " $0)
}
END { count_lines() }

BEGIN {
	n = split("Base Os Timers Core Abi", floors, " ")
	for (i = 1; i <= n; i++)
		rank[floors[i]] = i
	unfinished = "(^|[^A-Za-z0-9_])(TO" "DO|FIX" "ME|XX" "X|Not" "Implemented(Exception)?)([^A-Za-z0-9_]|$)"
	outside = "/wo" "rk/|/tmp/w" "q-|\\.\\./sha" "red|sha" "red/[a-z-]*\\.md|[Ii]ss" "ues? #?[0-9]|[( ]#[0-9][0-9]*[)., ]"
}
END

# ---- Rules on the public header ----------------------------------------------------

# A prototype follows its comment. A comment of one line says that the function is another's
# twin; any other has a Context: line, and a Return: line unless the function is void.
cat >"$tmp/header.awk" <<'END'
/^\/\*\*/ { comment = ""; one_line = /\*\/$/; documented = 1 }
/^(\/\*\*| \*)/ { comment = comment $0 "\n"; next }
documented && /^#define|^typedef|^struct [a-z_]+ \{|^enum/ { documented = 0 }
/^(void|bool|int|long|unsigned int|struct (workqueue|work)_struct \*)[ ]?[a-z_]+\(/ {
	name = $0
	sub(/\(.*/, "", name)
	is_void = name ~ /^void /
	sub(/.*[ *]/, "", name)
	if (!documented)
		print file ": " name "() has no comment"
	else if (index(comment, name "() - ") == 0)
		print file ": the comment before " name "() is another's"
	else if (!one_line && comment !~ /\n \* Context:/)
		print file ": " name "() has no Context: line"
	else if (!one_line && !is_void && comment !~ /\n \* Return: /)
		print file ": " name "() has no Return: line"
	documented = 0
}
END

# ---- Rules on names and lists -------------------------------------------------------

check_names() {
	grep -iE '(^|/)[^/]*(utils?|helpers?|common|misc)[^/]*$' "$tmp/files" |
		grep -E '\.(cs|c|h|cc|sh|csproj)$' | sed 's/$/: a name that says nothing/'
}

check_symbols() {
	symbols=native/glue/abi_symbols.txt
	[ -f "$symbols" ] || { echo "$symbols: missing"; return; }
	grep -v '^#' "$symbols" >"$tmp/symbols"
	sort -c "$tmp/symbols" 2>/dev/null || echo "$symbols: not sorted"
}

# The version is in three places, with its day in two of them.
check_version() {
	project=$(sed -n 's/^project([a-z]* VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
	ours=$(sed -n 's/^## //p' CHANGELOG.md | head -1)
	debian=$(sed -n '1s/^[a-z]* (\([0-9.]*\)-.*/\1/p; s/^ -- .*>  //p' native/packaging/changelog | head -2)
	day=$(date -u -d "$(echo "$debian" | sed 1d)" +%F)
	[ "$ours" = "$project, $day" ] || echo "CHANGELOG.md: its first version is $ours, not $project, $day"
	[ "$(echo "$debian" | head -1)" = "$project" ] || echo "native/packaging/changelog: its version is not $project"
}

check_all() {
	cd "$root" || exit 2
	list_files >"$tmp/files"
	[ -s "$tmp/files" ] || { echo "no files below $root"; return; }
	tr '\n' '\0' <"$tmp/files" | xargs -0 awk -f "$tmp/lines.awk"
	awk -v file=native/include/workqueue.h -f "$tmp/header.awk" native/include/workqueue.h
	check_names
	check_symbols
	check_version
	sh "$here/support/links.sh" .
	sh "$here/support/ranks.sh" .
	sh "$here/support/locks.sh" .
	sh "$here/support/order.sh" .
}

# ---- Main -------------------------------------------------------------------------

if [ "${1:-}" = --self-test ]; then
	. "$here/support/tidy_self_test.sh"
	self_test
	exit
fi
check_all >"$tmp/violations"
cat "$tmp/violations"
[ ! -s "$tmp/violations" ]
