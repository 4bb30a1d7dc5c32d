#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The engine never starts the .NET runtime that is linked with it, nor needs it: all that
# its code refers to, by the relocations of the object the library was linked from, is
# itself, the glue, the C library, and what works without a runtime.
set -u
LC_ALL=C
export LC_ALL
source_dir=${WQ_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
parts=$(dirname "${WQ_LIB:-$source_dir/build/lib/libworkqueue.so}")/libworkqueue.parts
[ -f "$parts" ] || { echo "no list of what the library was linked from"; exit 77; }
object=$(head -1 "$parts")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# The poll after a foreign call, whose word nobody ever sets; the marks around one that
# may block, two stores to the thread's own memory; a probe of large frames; the stack's
# cookie, and who dies of a wrong one; the processor's features, none found being none used.
cat >"$tmp/known" <<'END'
RhpFallbackFailFast
RhpGcPoll
RhpPInvoke
RhpPInvokeReturn
RhpStackProbe
RhpTrapThreads
__security_cookie
g_cpuFeatures
END
cut -d' ' -f1 "$source_dir/native/glue/abi_symbols.txt" >"$tmp/exports"
sed -n 's/^[a-z].* \**\(wq_[a-z_]*\)(.*;$/\1/p' "$source_dir"/native/glue/*.c >>"$tmp/known"
libc=$(ldd "${WQ_LIB:-$source_dir/build/lib/libworkqueue.so}" | awk '/libc\.so/ { print $3 }')
nm -D --defined-only "$libc" | awk '{ sub(/@.*/, "", $3); print $3 }' >>"$tmp/known"

# Of "0000 <function>:" and the relocations below it: what the engine's functions refer to.
objdump -drw --no-show-raw-insn -j __managedcode "$object" | awk -v list="$tmp/exports" '
	BEGIN { while ((getline name < list) > 0) is_export[name] = 1 }
	/^[0-9a-f]+ <.*>:$/ {
		name = $2
		gsub(/[<>:]/, "", name)
		ours = name ~ /^workqueue_Wq_/ || name in is_export
		nr += ours
		next
	}
	ours && match($0, /R_[A-Z0-9_]+[ \t]+/) {
		to = substr($0, RSTART + RLENGTH)
		sub(/[-+]0x[0-9a-f]+$/, "", to)
		if (to !~ /^(workqueue_Wq_|workqueue__PrivateImpl|__NONGCSTATICSworkqueue_|__readonlydata_workqueue_)/ &&
		    !(to in is_export))
			print to, name
	}
	END { print nr > "/dev/stderr" }' >"$tmp/references" 2>"$tmp/nr"

nr=$(cat "$tmp/nr")
[ "$nr" -gt 300 ] || { echo "only $nr functions of the engine in $object"; exit 1; }
awk -v list="$tmp/known" 'BEGIN { while ((getline name < list) > 0) known[name] = 1 }
	!($1 in known)' "$tmp/references" | sort -u >"$tmp/unknown"
if [ -s "$tmp/unknown" ]; then
	echo "the engine refers to:"
	awk '{ print "  " $1 ", in " $2 }' "$tmp/unknown" | head -20
	exit 1
fi
echo "$nr functions, $(cut -d' ' -f1 "$tmp/references" | sort -u | wc -l) names beyond themselves: none needs a runtime"
