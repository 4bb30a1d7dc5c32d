#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The generated C# declarations are what the generator makes of the header today, and two of its
# runs give the same bytes.
. "$(dirname "$0")/../../native/tests/support/preamble.sh"
require clang-14
parser=$source_dir/native/man/kernel_doc.py
generator=$build/dotnet/bin/Workqueue.Bindings/release/Workqueue.Bindings.dll

# generate OPTION...
generate() { dotnet "$generator" --include "$include" "$@"; }

refuses() { ! "$@" 2>/dev/null; }

holds "the committed files are up to date" generate --comments "$parser" --output "$source_dir/interop" --check
holds "files that are missing differ" refuses generate --comments "$parser" --output "$tmp" --check
holds "files are written" generate --comments "$parser" --output "$tmp"
for file in NativeMethods.g.cs NativeTypes.g.cs; do
	holds "$file is the same again" cmp "$tmp/$file" "$source_dir/interop/$file"
done
echo "// changed" >>"$tmp/NativeTypes.g.cs"
holds "a changed file differs" refuses generate --comments "$parser" --output "$tmp" --check
holds "a compiler that is not there is an error" refuses generate --comments "$parser" --output "$tmp" --clang "$tmp/none"
holds "so is a parser that fails" refuses generate --comments "$tmp/none" --output "$tmp"

report
