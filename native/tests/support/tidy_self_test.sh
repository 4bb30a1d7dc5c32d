# SPDX-License-Identifier: GPL-2.0-only
# The self-test of tidy.sh, which sources this: a small tree with each kind of violation, which
# must be blamed, and clean files beside them, which must not.

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

plant_locks() {
	printf '| 1 | `A.s_lock` | a | |\n| 2 | `B.s_lock` | b | |\n' | plant managed/README.md
	printf '%s\nclass Held\n{\n    int RankOf(string name) => name switch\n    {\n        "A.s_lock" or "C.s_lock" => 1,\n        _ => 3,\n    };\n}\n' "$licence" |
		plant managed/sim/Oracle/Held.cs
	printf '%s\ninternal static unsafe class D\n{\n    private static FutexMutex s_lock;\n}\n' "$licence" | plant managed/Os/D.cs
	cat >>"$tmp/expected" <<-'END'
		managed/sim/Oracle/Held.cs: B.s_lock has not rank 2
		managed/README.md: no lock C.s_lock of rank 1
		managed/README.md: no row for D.s_lock
	END
}

# A fence that is named, and bugs and pairs that are, beside those that are not.
plant_order() {
	printf 'bug early a\n' | plant managed/sim/breaks.txt
	plant managed/MEMORY-ORDER.md <<-'END'
		| what | one side | planted bugs |
		|---|---|---|
		| a | `Fences.cs:Named`, `s_late` | `early` |
		| b | `Fences.cs:Named` | (`early`), (`late`) |
	END
	printf '%s\ninternal static class Fences\n{\n    public static void Named() => Atomic.Fence(); // Pairs with Light in Fences.Sleep.\n' "$licence" |
		plant managed/Os/Fences.cs
	printf '    private static int Sleep(int* a)\n    {\n        Futex.WaitUntil(a, 1, 2); // Pairs with Gone: Never does.\n    }\n    public static void Light()\n    {\n    }\n}\n' >>"$tmp/tree/managed/Os/Fences.cs"
	cat >>"$tmp/expected" <<-'END'
		managed/Os/Fences.cs:7: managed/MEMORY-ORDER.md does not name Fences.cs:Sleep
		managed/Os/Fences.cs:7: pairs with Gone,
		managed/MEMORY-ORDER.md:4: there is no planted bug late
	END
	unblamed='Fences\.cs:4:|with Never|MEMORY-ORDER.md:[1-3]:|bug early|row of managed/Core/Calls'
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
	printf '| `managed/Core/Pools` | Gone |\n| `managed/Core/Calls` | Verb |\n' | plant HACKING.md
	echo 'HACKING.md: the row of managed/Core/Pools has no Pool' >>"$tmp/expected"
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
	plant_locks
	plant_order
	plant_long_files
	plant_bad_lists
	plant_bad_links
	plant_unlicensed
	tidy_tree && { echo "planted violations, yet exit 0"; missed=1; }
	while IFS= read -r line; do
		grep -qF "$line" "$tmp/found" || { echo "not found: $line"; missed=$((missed + 1)); }
	done <"$tmp/expected"
	grep -E "lean\.(c|cs|sh):|README.md:[2-5]:|$unblamed" "$tmp/found" && missed=$((missed + 1))
	echo "$(wc -l <"$tmp/expected") violations planted, $missed missed"
	[ "$missed" -eq 0 ]
}
