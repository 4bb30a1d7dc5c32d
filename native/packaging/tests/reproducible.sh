#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The same sources give the same bytes of libworkqueue.so, wherever they are: a copy
# of the sources is published in a folder of another name and compared.
set -u
source_dir=${WQ_SOURCE_DIR:-$(cd "$(dirname "$0")/../../.." && pwd)}
build=${WQ_BUILD_DIR:-$source_dir/build}
tmp=$(mktemp -d -p /var/tmp) || exit 1
trap 'rm -rf "$tmp"' EXIT

mkdir -p "$tmp/a/longer/path"
copy=$tmp/a/longer/path
(cd "$source_dir" && tar -cf - --exclude=bin --exclude=obj managed native/glue native/include ./*.props global.json) |
	tar -xf - -C "$copy" || exit 1
MSBUILDDISABLENODEREUSE=1 DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 dotnet publish "$copy/managed/Workqueue.csproj" \
	-c Release --artifacts-path "$tmp/artifacts" --nologo -v quiet -p:UseSharedCompilation=false \
	-p:NativeOutputPath="$tmp/native/" >"$tmp/log" 2>&1 || { tail -20 "$tmp/log"; exit 1; }

for file in libworkqueue.so libworkqueue.so.dbg; do
	if cmp "$build/lib/$file" "$tmp/native/$file"; then
		echo "$file is the same: $(sha256sum <"$tmp/native/$file" | cut -c1-16)"
	else
		status=1
	fi
done
exit "${status:-0}"
