#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The same sources give the same bytes of libworkqueue.so, wherever they are: a copy
# of the sources is published in a folder of another name and compared.
export TMPDIR=/var/tmp
. "$(dirname "$0")/../../tests/support/preamble.sh"

mkdir -p "$tmp/a/longer/path"
copy=$tmp/a/longer/path
(cd "$source_dir" && tar -cf - --exclude=bin --exclude=obj managed native/glue native/include ./*.props global.json) |
	tar -xf - -C "$copy" || exit 1
MSBUILDDISABLENODEREUSE=1 DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 dotnet publish "$copy/managed/Workqueue.csproj" \
	-c Release --artifacts-path "$tmp/artifacts" --nologo -v quiet -p:UseSharedCompilation=false \
	-p:NativeOutputPath="$tmp/native/" >"$tmp/log" 2>&1 || { tail -20 "$tmp/log"; exit 1; }

for file in libworkqueue.so libworkqueue.so.dbg; do
	holds "$file is the same" cmp "$lib_dir/$file" "$tmp/native/$file"
done
report
