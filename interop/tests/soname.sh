#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A .NET program finds the library by its soname. That is all the package of the runtime installs:
# libworkqueue.so is for the linker, and may be of another version.
. "$(dirname "$0")/../../native/tests/support/preamble.sh"
dll=$build/dotnet/bin/DirectoryHasher/release/DirectoryHasher.dll
soname=libworkqueue.so.1
unset WORKQUEUE_LIBRARY_DIR
mkdir "$tmp/runtime" "$tmp/both" "$tmp/link"
cp -L "$lib_dir/$soname" "$tmp/runtime/$soname"
cp -L "$lib_dir/$soname" "$tmp/both/$soname"
echo "of another version" >"$tmp/both/libworkqueue.so"
cp -L "$lib_dir/$soname" "$tmp/link/libworkqueue.so"
expected="$(sha256sum "$0")"

# claim TEXT VARIABLE=VALUE: with this in the environment the library is found
claim() {
	same "$1" "$expected" "$(env "$2" dotnet "$dll" "$0" 2>&1)"
}

claim "with what the runtime package installs" "LD_LIBRARY_PATH=$tmp/runtime"
claim "beside a link to another version" "LD_LIBRARY_PATH=$tmp/both"
claim "with the link alone" "LD_LIBRARY_PATH=$tmp/link"
claim "with what the runtime package installs, in the directory that is named" "WORKQUEUE_LIBRARY_DIR=$tmp/runtime"
claim "beside a link to another version there" "WORKQUEUE_LIBRARY_DIR=$tmp/both"
claim "with the link alone there" "WORKQUEUE_LIBRARY_DIR=$tmp/link"

report
