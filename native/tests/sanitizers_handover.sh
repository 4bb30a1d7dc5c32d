#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Programs that use the library, compiled with the sanitizers of gcc, and of clang where it
# has them. What they hand over by way of the library is no race, and what waits there no
# leak; a race and a leak of their own are found. The library itself is not instrumented:
# it tells the sanitizers what it does (managed/Os/Watcher.cs).
. "$(dirname "$0")/support/preamble.sh"

# has COMPILER SANITIZERS: can it make programs with them?
echo 'int main(void) { return 0; }' >"$tmp/probe.c"
has() { "$1" -fsanitize="$2" "$tmp/probe.c" -o "$tmp/probe" 2>/dev/null && "$tmp/probe"; }

# One program: COMPILER SANITIZERS SOURCE, then pairs ARGUMENT REPORT for its runs. Argument "-"
# is none. Report "-" is none, and the run must end with 0; else it must not.
cat >"$tmp/program" <<'END'
compiler=$1 sanitizers=$2 name=$(basename "$3" .c)
out=$tmp/$(basename "$compiler")-$sanitizers-$name
"$compiler" -g -O1 -w -fsanitize="$sanitizers" -fno-sanitize-recover=all -rdynamic \
	-I"$include" -I"$include/workqueue" "$source_dir/native/tests/$3" -L"$lib_dir" -lworkqueue -lpthread \
	-Wl,-rpath,"$lib_dir" -o "$out" >"$out.log" 2>&1
shift 3
while [ $# -gt 0 ]; do
	argument=$1 report=$2
	[ "$argument" != - ] || argument=
	[ -x "$out" ] && timeout 60 "$out" $argument >"$out.log" 2>&1
	code=$?
	verdict=FAIL
	[ "$report" = - ] && [ $code -eq 0 ] && verdict=ok
	[ "$report" != - ] && [ $code -ne 0 ] && grep -q "$report" "$out.log" && verdict=ok
	echo "$verdict $name${argument:+ $argument} with $sanitizers of $compiler"
	[ $verdict = ok ] || { echo "  exit code $code"; sed 's/^/  /' "$out.log" | head -40; }
	shift 2
done
END

programs() {
	for name in cancel_work_sync timer_api; do
		echo "$CC thread $name.c - -"
	done
	echo "$CC address,undefined support/handover.c - -"
	for compiler in $compilers; do
		echo "$compiler thread support/handover.c - -"
		echo "$compiler thread support/handover_linux.c - -"
		echo "$compiler thread support/unordered.c - data.race.*unordered.c other data.race.*unordered.c"
		echo "$compiler address,undefined support/pointed_to.c pending - lost LeakSanitizer:.detected"
	done
}

compilers=
for compiler in "$CC" clang clang-14; do
	has "$compiler" address,undefined && has "$compiler" thread && compilers="$compilers $compiler"
	case $compilers in *clang*) break ;; esac
done
case $compilers in *"$CC"*) ;; *) skip "no sanitizers" ;; esac
export source_dir include lib_dir tmp
# The pause at the end of a program with ThreadSanitizer is for threads that nobody joins.
export TSAN_OPTIONS="${TSAN_OPTIONS:+$TSAN_OPTIONS:}atexit_sleep_ms=0"
programs | xargs -P 2 -L 1 sh "$tmp/program" | tee "$tmp/result"
failed=$(grep -c '^FAIL' "$tmp/result")
passed=$(grep -c '^ok' "$tmp/result")
[ "$passed" -ge "$(programs | wc -l)" ] || fail "each program has run"
report
