#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What cmake --install puts where, component by component; that an installed tree
# can be moved and used; and that "uninstall" takes away all that it put there.
. "$(dirname "$0")/support/preamble.sh"
require pkg-config

# files DIRECTORY: what is in it, without its name
files() { (cd "$1" && find . ! -type d | sed 's#^\./##' | sort); }

# A build directory of its own, so that the list of what was installed is this test's.
{
	cmake -S "$source_dir" -B "$tmp/build" -DWQ_PREBUILT="$lib_dir" -DWQ_TESTS=OFF -DWQ_EXAMPLES=OFF -DWQ_BENCH=OFF &&
		cmake --build "$tmp/build"
} >"$tmp/log" 2>&1 || { tail -20 "$tmp/log"; exit 1; }

DESTDIR=$tmp/runtime cmake --install "$tmp/build" --prefix /opt/wq --component runtime >/dev/null ||
	fail "the runtime component cannot be installed"
DESTDIR=$tmp/runtime cmake -P "$tmp/build/native/packaging/uninstall.cmake" >/dev/null 2>&1
[ -z "$(files "$tmp/runtime")" ] || fail "DESTDIR: uninstall leaves files"
DESTDIR=$tmp/runtime cmake --install "$tmp/build" --prefix /opt/wq --component runtime >/dev/null
found=$(files "$tmp/runtime/opt/wq" | sed 's#^lib/[a-z0-9_]*-linux-gnu/#lib/#' | tr '\n' ' ')
wanted="lib/libworkqueue.so.1 lib/libworkqueue.so.1.0.0 share/doc/libworkqueue1/copyright share/doc/libworkqueue1/workqueue.spdx.json "
rm -f "$tmp"/build/install_manifest*.txt
[ "$found" = "$wanted" ] || fail "runtime is: $found"

# In the system's own folders nothing is named that every compiler knows.
DESTDIR=$tmp/system cmake --install "$tmp/build" --prefix /usr --component dev >/dev/null
flags() { PKG_CONFIG_PATH=$(dirname "$(find "$tmp/system" -name workqueue.pc)") pkg-config --cflags --libs "$1" | sed 's/ *$//'; }
[ "$(flags workqueue)" = -lworkqueue ] || fail "installed to /usr: $(flags workqueue)"
[ "$(flags workqueue-kernel)" = "-I/usr/include/workqueue -lworkqueue" ] ||
	fail "installed to /usr: $(flags workqueue-kernel)"
rm -f "$tmp"/build/install_manifest*.txt

cmake --install "$tmp/build" --prefix "$tmp/first" >/dev/null || fail "cannot be installed"
files "$tmp/first" >"$tmp/files"
for file in include/workqueue.h include/workqueue/linux/workqueue.h share/man/man3/queue_work.3 \
	share/man/man7/workqueue.7 share/doc/libworkqueue1/LICENSE share/workqueue/workqueue.supp \
	share/doc/libworkqueue-dev/examples/hello.c; do
	grep -qx "$file" "$tmp/files" || fail "$file is not installed"
done
for file in libworkqueue.so pkgconfig/workqueue.pc pkgconfig/workqueue-kernel.pc cmake/workqueue/workqueueConfig.cmake; do
	grep -q "^lib/.*$file$\|^lib/$file$" "$tmp/files" || fail "lib/$file is not installed"
done
grep -q '^include/linux' "$tmp/files" && fail "the system's <linux/…> would be hidden"
find "$tmp/first" -name 'libworkqueue.so*' -type l -exec test ! -e '{}' \; -print | grep . &&
	fail "links that lead nowhere"
grep -rlF "$tmp" "$tmp/first" | grep -v '\.so' | grep . && fail "files that name where they were installed"

mv "$tmp/first" "$tmp/moved"
moved=$(dirname "$(find "$tmp/moved" -name libworkqueue.so)")
PKG_CONFIG_PATH=$moved/pkgconfig CMAKE_PREFIX_PATH=$tmp/moved LD_LIBRARY_PATH=$moved \
	sh "$source_dir/native/packaging/tests/consumers.sh" "$tmp/consumers" ||
	fail "programs cannot use the moved tree"
mv "$tmp/moved" "$tmp/first"

cmake -P "$tmp/build/native/packaging/uninstall.cmake" >/dev/null 2>&1 || fail "uninstall fails"
files "$tmp/first" >"$tmp/rest"
[ ! -s "$tmp/rest" ] || fail "left behind: $(head -3 "$tmp/rest")"
find "$tmp/first" -name '*workqueue*' | grep . && fail "folders left behind"

report "$(wc -l <"$tmp/files") files come, are used and go"
