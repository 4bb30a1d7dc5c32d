#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The engine never starts the .NET runtime that is linked with it, nor needs it: its data is in
# the file as it is in memory, and all that its compiled code refers to, by way of the base
# library too, is itself, the glue, the C library, and what works without a runtime.
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

# Of "0000 <function>:" and the lines below it: whom a function refers to, by a relocation, or
# without one where both are in this section. From the engine's functions on, whatever they reach.
objdump -drw --no-show-raw-insn -j __managedcode "$object" | awk -v known="$tmp/known" -v exports="$tmp/exports" '
	function engine(name) { return name ~ /^workqueue_Wq_/ || name in is_export }
	function add(to) {
		if (to != name && !((name, to) in seen)) {
			seen[name, to] = 1
			list[name] = list[name] "\n" to
		}
	}
	BEGIN {
		while ((getline line < known) > 0) is_known[line] = 1
		while ((getline line < exports) > 0) is_export[line] = 1
	}
	/^[0-9a-f]+ <.*>:$/ {
		name = substr($0, index($0, "<") + 1)
		name = substr(name, 1, length(name) - 2)
		is_function[name] = 1
		next
	}
	match($0, /R_[A-Z0-9_]+[ \t]+/) {
		to = substr($0, RSTART + RLENGTH)
		sub(/[-+]0x[0-9a-f]+$/, "", to)
		add(to)
		next
	}
	/ <.*>$/ {
		to = substr($0, index($0, " <") + 2)
		to = substr(to, 1, length(to) - 1)
		sub(/\+0x[0-9a-f]+$/, "", to)
		add(to)
	}
	END {
		for (name in is_function)
			if (engine(name)) {
				nr++
				todo[++last] = name
				from[name] = name
			}
		for (at = 1; at <= last; at++) {
			n = split(substr(list[todo[at]], 2), targets, "\n")
			for (i = 1; i <= n; i++) {
				if (targets[i] in from)
					continue
				from[targets[i]] = from[todo[at]]
				if (targets[i] in is_function) {
					todo[++last] = targets[i]
					others += !engine(targets[i])
				} else if (targets[i] in is_known)
					names++
				else if (targets[i] !~ /^(workqueue__PrivateImpl|__NONGCSTATICSworkqueue_|__readonlydata_workqueue_)/)
					print targets[i] ", in " todo[at] ", from " from[todo[at]]
			}
		}
		print nr, others, names > "/dev/stderr"
	}' >"$tmp/unknown" 2>"$tmp/nr"

# What the runtime's start would unpack into memory would be zeroes.
if readelf -SW "$object" | grep -q hydrated; then
	echo "first values of statics are packed"
	exit 1
fi

read -r nr others names <"$tmp/nr"
[ "$nr" -gt 300 ] || { echo "only $nr functions of the engine in $object"; exit 1; }
if [ -s "$tmp/unknown" ]; then
	echo "the engine refers to:"
	sort "$tmp/unknown" | sed 's/^/  /' | head -20
	exit 1
fi
echo "$nr functions, $others of the base library, and $names names beyond: none needs a runtime"
