#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What a distribution's checks ask of a shared library: relocations read-only once it is
# loaded, no memory both writable and executable, no search path, kept after dlclose(),
# no path of the machine that built it, and a true list of what is linked in.
. "$(dirname "$0")/support/preamble.sh"

[ -f "$lib" ] || { echo "no library at $lib"; exit 1; }
readelf -dW "$lib" >"$tmp/dynamic"
readelf -lW "$lib" >"$tmp/segments"
grep -q GNU_RELRO "$tmp/segments" || fail "no RELRO"
grep -q 'BIND_NOW' "$tmp/dynamic" && grep -q 'FLAGS_1.* NOW' "$tmp/dynamic" || fail "RELRO is partial: it binds lazily"
awk '/GNU_STACK/ && /E/ && $7 ~ /E/' "$tmp/segments" | grep . && fail "its stack is executable"
awk '$1 == "LOAD" && $7 ~ /W/ && $0 ~ / RWE /' "$tmp/segments" | grep . && fail "a segment is writable and executable"
grep -E 'RPATH|RUNPATH|TEXTREL' "$tmp/dynamic" && fail "it has a search path, or relocates its code"
grep -q 'FLAGS_1.*NODELETE' "$tmp/dynamic" || fail "dlclose() would take it away"
[ -z "$(find "$(readlink -f "$lib")" -perm /111)" ] || fail "a library need not be executable"
readelf -nW "$lib" | grep -q 'Build ID' || fail "no build id"

# Where it was built, for the library and for its debugging information.
{
	strings -a "$lib"
	readelf --debug-dump=str --debug-dump=line-str "$lib_dir/libworkqueue.so.dbg" 2>/dev/null
} >"$tmp/strings"
grep -F "$source_dir/" "$tmp/strings" | head -3 | grep . && fail "it names the directory of its sources"
grep -F "$HOME/" "$tmp/strings" | head -3 | grep . && fail "it names the home directory of who built it"

# The parts: what the list says is what was linked, and each has its licence in "copyright".
if command -v python3 >/dev/null && [ -f "$lib_dir/libworkqueue.parts" ]; then
	python3 "$source_dir/native/packaging/sbom.py" "$source_dir" "$lib_dir" 1.0.0 "$tmp/sbom.json" || fail "no list of parts"
	for word in '\.NET Foundation' 'Tom Deseyn' GPL-2; do
		grep -q "$word" "$source_dir/native/packaging/copyright" || fail "copyright does not name $word"
	done
	version=$(sed -n 's/.*"versionInfo": "\(10\.[0-9.]*\)".*/\1/p' "$tmp/sbom.json")
	grep -q "/v$version/" "$source_dir/native/packaging/copyright" ||
		fail "copyright leads to the notices of another runtime than $version"
fi

report "it is as a distribution wants it"
