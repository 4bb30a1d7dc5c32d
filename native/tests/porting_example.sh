#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The example of native/include/PORTING.md: a driver's source as it is and the main()
# shown there become the program that the text says, by the command it gives.
. "$(dirname "$0")/support/preamble.sh"

guide=$include/PORTING.md
awk '$0 == "```" && on { exit } on { print } $0 == "```c" { on = 1 }' "$guide" >"$tmp/main.c"
command=$(sed -n 's/.*`\(gcc main\.c [^`]*\)`.*/\1/p' "$guide" |
	sed "s#main\.c#$tmp/main.c -o $tmp/main#; s#\$PWD/build/lib#$lib_dir#; s#-Lbuild/lib#-L$lib_dir#")
[ -n "$command" ] || { echo "the guide has no command"; exit 1; }
cd "$source_dir" && $command || exit 1
printed=$("$tmp/main") || { echo "exit code $?"; exit 1; }
[ "$printed" != "1002 1001" ] || printed="1001 1002" # either order
same "the example prints" "1001 1002" "$printed"
report
