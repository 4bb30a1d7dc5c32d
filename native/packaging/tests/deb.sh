#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The Debian packages, from the outside: lintian has no error to tell; in a system
# that has a compiler and nothing of .NET they install, programs are built with them
# and run, and when they are purged nothing of them is left. The system is made by
# debootstrap from the package source of this machine and kept in the build directory.
. "$(dirname "$0")/../../tests/support/preamble.sh"
[ "$(id -u)" -eq 0 ] || skip "wants root, for chroot"
require dpkg-deb dpkg-shlibdeps debootstrap

sh "$source_dir/native/packaging/deb.sh" "$build" >"$tmp/debs" || { cat "$tmp/debs"; exit 1; }
runtime=$(grep 'libworkqueue1_' "$tmp/debs")
dev=$(grep 'libworkqueue-dev_' "$tmp/debs")
[ -f "$runtime" ] && [ -f "$dev" ] || { echo "not two packages:"; cat "$tmp/debs"; exit 1; }

# ---- The files -----------------------------------------------------------------------

dpkg-deb -f "$runtime" Depends | grep -qE '^libc6 \(>= 2\.[0-9]+\)$' ||
	fail "the library depends on: $(dpkg-deb -f "$runtime" Depends)"
dpkg-deb --ctrl-tarfile "$runtime" | tar -tf - | sed 's#^\./##' | sort >"$tmp/control"
for file in control md5sums shlibs symbols triggers; do
	grep -qx $file "$tmp/control" || fail "no control file $file"
done
dpkg-deb -e "$runtime" "$tmp/unpacked"
mkdir "$tmp/debian"
printf 'Source: workqueue\nMaintainer: %s\n\nPackage: libworkqueue1\nArchitecture: any\nDescription: x\n' \
	"$(dpkg-deb -f "$runtime" Maintainer)" >"$tmp/debian/control"
(cd "$tmp" && dpkg-gensymbols -plibworkqueue1 -v1.0.0-1 -e"$(readlink -f "$build/lib/libworkqueue.so")" \
	-Iunpacked/symbols -O/dev/null -c4) || fail "the symbols file is not that of the library"
dpkg-deb -c "$dev" >"$tmp/contents"
grep -q 'man3/queue_work.3.gz' "$tmp/contents" || fail "no compressed manual pages"
if command -v lintian >/dev/null; then
	lintian --fail-on error --allow-root "$runtime" "$dev" >"$tmp/lintian" 2>&1 || fail "lintian finds errors"
	grep -v '^running as root' "$tmp/lintian"
fi

# ---- A clean system -------------------------------------------------------------------

base=$build/package-test/chroot
if [ ! -d "$base" ]; then
	# shellcheck source=/dev/null
	suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
	mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
		grep -oE 'https?://[^ ]*/(debian|ubuntu)/?( |$)' | head -1)
	rm -rf "$base.new"
	mkdir -p "$build/package-test"
	debootstrap --variant=minbase --include=gcc,g++,make,cmake,pkg-config,libc6-dev "$suite" "$base.new" \
		${mirror:+"$mirror"} >"$tmp/debootstrap" 2>&1 || {
		tail -5 "$tmp/debootstrap"
		skip "the package source cannot be reached"
	}
	mv "$base.new" "$base"
fi
in_chroot() { chroot "$base" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "$@"; }

list_files() { (cd "$base" && find . -xdev \( -path ./proc -o -path ./tmp -o -path ./var \) -prune -o -print | sort); }
in_chroot dpkg -P libworkqueue-dev libworkqueue1 >/dev/null 2>&1 # of a run that was broken off
list_files >"$tmp/before"
in_chroot dotnet --version >/dev/null 2>&1 && fail "the clean system has .NET"
cp "$runtime" "$dev" "$source_dir/native/packaging/tests/consumers.sh" "$base/tmp/"

in_chroot sh -c 'dpkg -i /tmp/libworkqueue*.deb' >"$tmp/install" 2>&1 || fail "does not install" "$tmp/install"
in_chroot dpkg --verify libworkqueue1 libworkqueue-dev | grep . && fail "files are not what the packages say"
in_chroot ldconfig -p | grep -q 'libworkqueue\.so\.1 ' || fail "ldconfig was not run"
[ "$(in_chroot pkg-config --cflags --libs workqueue | tr -d ' ')" = -lworkqueue ] ||
	fail "pkg-config names the system's folders: $(in_chroot pkg-config --cflags --libs workqueue)"
in_chroot sh /tmp/consumers.sh /tmp/consumers || fail "programs cannot use it"
# What a package of such a program would depend on.
cat "$base/var/lib/dpkg/info/libworkqueue1"*.symbols | grep -q ' queue_work@WORKQUEUE_1.0 1.0' ||
	fail "the symbols file is not as it should be"

# Without the -dev package programs still run.
in_chroot dpkg -P libworkqueue-dev >/dev/null 2>&1 || fail "the -dev package cannot be removed"
[ "$(in_chroot /tmp/consumers/pc_c)" = "runs 1" ] || fail "a program does not run with the library alone"
in_chroot dpkg -P libworkqueue1 >/dev/null 2>&1 || fail "the library cannot be removed"
in_chroot /tmp/consumers/pc_c >/dev/null 2>&1 && fail "the library is still there"
rm -rf "$base"/tmp/*
list_files | grep -v '^\./etc/ld\.so\.cache$' >"$tmp/after"
grep -v '^\./etc/ld\.so\.cache$' "$tmp/before" | diff - "$tmp/after" >"$tmp/diff" ||
	fail "removing leaves traces:" "$tmp/diff"

report "they come, are used and go"
