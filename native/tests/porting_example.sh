#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The example of native/include/PORTING.md: a driver's source as it is and the main()
# shown there become the program that the text says, by the command it gives.
set -u
source_dir=${WQ_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
lib=${WQ_LIB:-$source_dir/build/lib/libworkqueue.so}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

guide=$source_dir/native/include/PORTING.md
awk '$0 == "```" && on { exit } on { print } $0 == "```c" { on = 1 }' "$guide" >"$tmp/main.c"
command=$(sed -n 's/.*`\(gcc main\.c [^`]*\)`.*/\1/p' "$guide" |
	sed "s#main\.c#$tmp/main.c -o $tmp/main#; s#\$PWD/build/lib#$(dirname "$lib")#; s#-Lbuild/lib#-L$(dirname "$lib")#")
[ -n "$command" ] || { echo "the guide has no command"; exit 1; }
cd "$source_dir" && $command || exit 1
printed=$("$tmp/main") || { echo "exit code $?"; exit 1; }
case $printed in
"1001 1002" | "1002 1001") exit 0 ;;
esac
echo "printed \"$printed\""
exit 1
