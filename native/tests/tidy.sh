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
/^(void|bool|int|unsigned int|struct workqueue_struct \*)[ ]?[a-z_]+\(/ {
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
}

# ---- Self-test --------------------------------------------------------------------

licence='// SPDX-License-Identifier: GPL-2.0-only'

# plant FILE: standard input becomes FILE in the planted tree
plant() {
	mkdir -p "$tmp/tree/$(dirname "$1")"
	cat >"$tmp/tree/$1"
}

plant_clean_files() {
	printf '/* SPDX-License-Identifier: GPL-2.0-only */\nint f(void)\n{\n\treturn 0;\n}\n' | plant native/tests/clean.c
	plant managed/Core/Clean.cs <<-'END'
		// SPDX-License-Identifier: GPL-2.0-only
		using Wq.Os;
		namespace Wq.Core;
		internal static unsafe class Clean
		{
		    private static int Twice(int n) => 2 * n;
		    private static Pair Make() => new Pair { A = 1 };
		    // A new List would be garbage; see Wq.Abi.
		}
	END
	{ echo "$licence"; echo 'class Clean(int n)'; echo '{'; yes '    int a;' | head -80; echo '}'; } |
		plant managed/tests/Clean.cs
	printf 'a\nb\n' | plant native/glue/abi_symbols.txt
	printf '# SPDX-License-Identifier: GPL-2.0-only\nproject(a VERSION 1.2.3)\n' | plant CMakeLists.txt
	printf '## 1.2.3, 2026-01-02\n## 1.2.2, 2026-01-01\n' | plant CHANGELOG.md
	printf 'a (1.2.3-1) unstable\n\n -- A <a@b>  Fri, 02 Jan 2026 12:00:00 +0000\n' | plant native/packaging/changelog
	plant native/tests/README.md <<-'END'
		| file | what it shows |
		|---|---|
		| none | of no concern |

		| behaviour | test |
		|---|---|
		| `f` gives 0 | `clean.c`: `f`; `clean.c` |

		| difference on purpose | test |
		|---|---|
		| a file alone | `clean.c` |
	END
	plant native/include/workqueue.h <<-'END'
		/* SPDX-License-Identifier: GPL-2.0-only */
		/**
		 * good() - does
		 *
		 * Context: any.
		 * Return:  true.
		 */
		bool good(void);
		/** twin() - good() for others */
		void twin(void);
	END
}

# engine_file FOLDER LINE
engine_file() {
	planted=$((planted + 1))
	printf '%s\nnamespace Wq.%s;\n%s\n' "$licence" "$1" "$2" | plant "managed/$1/Planted$planted.cs"
	echo "managed/$1/Planted$planted.cs:3:" >>"$tmp/expected"
}

# text_file LINE: one line that must be blamed
text_file() {
	planted=$((planted + 1))
	printf '%s\n%s\n' "$licence" "$1" | plant "native/tests/planted$planted.c"
	echo "native/tests/planted$planted.c:2:" >>"$tmp/expected"
}

plant_violations() {
	tab=$(printf '\t')
	text_file 'int a; '
	text_file "int a;$tab"
	text_file '        int a;'
	text_file "$(printf 'int a;\001')"
	text_file '/* TO''DO: later */'
	text_file '/* FIX''ME */'
	text_file '/* XX''X */'
	text_file '/* see /wo''rk/main */'
	text_file '/* see /tmp/w''q-x */'
	text_file '/* see ../sha''red/design.md */'
	text_file '/* iss''ue 12 */'
	engine_file Base 'using Wq.Os;'
	engine_file Os 'using Wq.Core;'
	engine_file Core '    Wq.Abi.Exports.Call();'
	engine_file Core '[ThreadStatic] static int t_n;'
	engine_file Core '    Run(x => x + 1);'
	engine_file Core '    Run(() => 1);'
	engine_file Core '    var a = new byte[4];'
	engine_file Core '    throw new InvalidOperationException("x");'
	engine_file Core '    var a = new List<int>();'
	engine_file Core '    Say($"{n}");'
	engine_file Core "${tab}int a;"
	engine_file Core '    throw new Not''ImplementedException();'
}

# A pool may hold a pointer to a call's type, and a call may call a pool; not the reverse.
plant_wrong_call() {
	printf '%s\ninternal static unsafe class Pool\n{\n    Verb* _at;\n    void F() => Verb.Do();\n    void G() => Checks.Do();\n}\n' "$licence" |
		plant managed/Core/Pools/Pool.cs
	printf '%s\ninternal static unsafe class Verb\n{\n    void F() => Pool.Do();\n    public static void Do() => Verb.Do();\n}\n' "$licence" |
		plant managed/Core/Calls/Verb.cs
	echo 'managed/Core/Pools/Pool.cs:5: Pools calls Verb.Do(), which is in Calls' >>"$tmp/expected"
}

plant_long_files() {
	yes 'int a;' | head -401 | plant native/tests/long.c
	{ echo 'int f(void)'; echo '{'; yes "${tab}g();" | head -71; echo '}'; } | plant native/tests/body.c
	{ echo '    void F()'; echo '    {'; yes '        G();' | head -71; echo '    }'; } |
		plant managed/Core/Body.cs
	echo 'int a;' | plant native/tests/test_helpers.c
	plant managed/Core/StringUtils.cs <<-'END'
		namespace Wq.Core;
	END
	cat >>"$tmp/expected" <<-'END'
		native/tests/long.c: 401 lines
		native/tests/body.c:2: body of 71 lines
		managed/Core/Body.cs:2: body of 71 lines
		native/tests/test_helpers.c: a name
		managed/Core/StringUtils.cs: a name
	END
}

plant_bad_lists() {
	printf '## 1.2.3, 2026-01-01\n' | plant CHANGELOG.md
	printf 'a (1.2.2-1) unstable\n\n -- A <a@b>  Fri, 02 Jan 2026 12:00:00 +0000\n' | plant native/packaging/changelog
	printf 'b\na\n' | plant native/glue/abi_symbols.txt
	cat >>"$tmp/tree/native/tests/README.md" <<-'END'
		| no test at all | see above |
		| a function first | `f`: `clean.c` |

		| behaviour | test |
		|---|---|
		| a file that is not | `gone.c`: `f` |
		| a function that is not | `clean.c`: `f`, `ff` |
	END
	cat >>"$tmp/tree/native/include/workqueue.h" <<-'END'
		void bare(void);
		/**
		 * no_context() - does
		 *
		 * Return: nothing.
		 */
		void no_context(void);
		/**
		 * no_return() - does
		 *
		 * Context: any.
		 */
		int no_return(void);
	END
	cat >>"$tmp/expected" <<-'END'
		CHANGELOG.md: its first version is 1.2.3, 2026-01-01, not 1.2.3, 2026-01-02
		native/packaging/changelog: its version is not 1.2.3
		native/glue/abi_symbols.txt: not sorted
		native/tests/README.md:12: no test
		native/tests/README.md:13: no test before f
		native/tests/README.md:17: there is no gone.c
		native/tests/README.md:18: clean.c has no ff
		bare() has no comment
		no_context() has no Context: line
		no_return() has no Return: line
	END
}

plant_bad_links() {
	cat >"$tmp/tree/README.md" <<-'END'
		[gone](GONE.md), `GONE.md`, `native/tests/gone*.c`, `Body.cs:Gone`
		[clean](native/tests/clean.c), `native/tests/*.c`, `Body.cs:F`
		```
		`native/gone`
		```
	END
	sed 's/.*/README.md:1: there is no &/' >>"$tmp/expected" <<-'END'
		GONE.md
		native/tests/gone*.c
		Body.cs:Gone
	END
}

plant_unlicensed() {
	echo 'int a;' | plant native/tests/unlicensed.c
	printf '#!/bin/sh\nexit\n' | plant native/tests/unlicensed.sh
	printf 'exit\n%s\n' "# SPDX-License-Identifier: GPL-2.0-only" | plant native/tests/late.sh
	echo 'pass' | plant native/bench/unlicensed.py
	echo 'project(a)' | plant native/bench/CMakeLists.txt
	printf '#!/bin/sh\n# SPDX-License-Identifier: GPL-2.0-only\n' | plant native/tests/clean.sh
	cat >>"$tmp/expected" <<-'END'
		native/tests/unlicensed.c:1: no licence
		native/tests/unlicensed.sh:2: no licence
		native/tests/late.sh:1: no licence
		native/bench/unlicensed.py:1: no licence
		native/bench/CMakeLists.txt:1: no licence
	END
}

# tidy_tree: this script on the planted tree
tidy_tree() { WQ_TIDY_ROOT=$tmp/tree sh "$here/tidy.sh" >"$tmp/found"; }

self_test() {
	planted=0
	missed=0
	: >"$tmp/expected"
	plant_clean_files
	tidy_tree || { echo "clean files are blamed:"; cat "$tmp/found"; missed=1; }
	plant_violations
	plant_wrong_call
	plant_long_files
	plant_bad_lists
	plant_bad_links
	plant_unlicensed
	tidy_tree && { echo "planted violations, yet exit 0"; missed=1; }
	while IFS= read -r line; do
		grep -qF "$line" "$tmp/found" || { echo "not found: $line"; missed=$((missed + 1)); }
	done <"$tmp/expected"
	grep -E 'lean\.(c|cs|sh):|README.md:[2-5]:' "$tmp/found" && missed=$((missed + 1))
	echo "$(wc -l <"$tmp/expected") violations planted, $missed missed"
	[ "$missed" -eq 0 ]
}

# ---- Main -------------------------------------------------------------------------

if [ "${1:-}" = --self-test ]; then
	self_test
	exit
fi
check_all >"$tmp/violations"
cat "$tmp/violations"
[ ! -s "$tmp/violations" ]
