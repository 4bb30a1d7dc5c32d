#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The generated C# declarations are what the generator makes of the header today, and two of its
# runs give the same bytes.
set -u
parser=$WQ_SOURCE_DIR/native/man/kernel_doc.py
generator=$WQ_BUILD_DIR/dotnet/bin/Workqueue.Bindings/release/Workqueue.Bindings.dll
if ! command -v clang-14 >/dev/null; then
	echo "skipped: clang-14 is not installed"
	exit 77
fi
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

# judge CLAIM COMMAND...
judge() {
	claim=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
		echo "ok $claim"
	else
		failed=$((failed + 1))
		echo "FAIL $claim"
	fi
}

# generate OPTION...
generate() { dotnet "$generator" --include "$WQ_SOURCE_DIR/native/include" "$@"; }

refuses() { ! "$@" 2>/dev/null; }

judge "the committed files are up to date" generate --comments "$parser" --output "$WQ_SOURCE_DIR/interop" --check
judge "files that are missing differ" refuses generate --comments "$parser" --output "$tmp" --check
judge "files are written" generate --comments "$parser" --output "$tmp"
for file in NativeMethods.g.cs NativeTypes.g.cs; do
	judge "$file is the same again" cmp "$tmp/$file" "$WQ_SOURCE_DIR/interop/$file"
done
echo "// changed" >>"$tmp/NativeTypes.g.cs"
judge "a changed file differs" refuses generate --comments "$parser" --output "$tmp" --check
judge "a compiler that is not there is an error" refuses generate --comments "$parser" --output "$tmp" --clang "$tmp/none"
judge "so is a parser that fails" refuses generate --comments "$tmp/none" --output "$tmp"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
