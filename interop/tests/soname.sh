#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A .NET program finds the library by its soname. That is all the package of the runtime installs:
# libworkqueue.so is for the linker, and may be of another version.
set -u
dll=$WQ_BUILD_DIR/dotnet/bin/DirectoryHasher/release/DirectoryHasher.dll
soname=libworkqueue.so.1
built=$WORKQUEUE_LIBRARY_DIR
unset WORKQUEUE_LIBRARY_DIR
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0
mkdir "$tmp/runtime" "$tmp/both" "$tmp/link"
cp -L "$built/$soname" "$tmp/runtime/$soname"
cp -L "$built/$soname" "$tmp/both/$soname"
echo "of another version" >"$tmp/both/libworkqueue.so"
cp -L "$built/$soname" "$tmp/link/libworkqueue.so"
expected="$(sha256sum "$0")"

# claim TEXT VARIABLE=VALUE: with this in the environment the library is found
claim() {
	actual=$(env "$2" dotnet "$dll" "$0" 2>&1)
	if [ "$actual" = "$expected" ]; then
		passed=$((passed + 1))
		echo "ok $1"
	else
		failed=$((failed + 1))
		echo "FAIL $1: $(printf '%s' "$actual" | head -2)"
	fi
}

claim "with what the runtime package installs" "LD_LIBRARY_PATH=$tmp/runtime"
claim "beside a link to another version" "LD_LIBRARY_PATH=$tmp/both"
claim "with the link alone" "LD_LIBRARY_PATH=$tmp/link"
claim "with what the runtime package installs, in the directory that is named" "WORKQUEUE_LIBRARY_DIR=$tmp/runtime"
claim "beside a link to another version there" "WORKQUEUE_LIBRARY_DIR=$tmp/both"
claim "with the link alone there" "WORKQUEUE_LIBRARY_DIR=$tmp/link"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
