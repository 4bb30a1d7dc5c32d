#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: deb.sh BUILD
#
# Makes the Debian packages of the library in BUILD/lib; they are left in
# BUILD/deb/packages. A build directory of its own, as the prefix decides where
# Debian has its libraries; the library itself is not built again.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "$1" && pwd)

cmake -S "$root" -B "$build/deb" -DCMAKE_INSTALL_PREFIX=/usr -DWQ_PREBUILT="$build/lib" -DWQ_GZIP_MAN=ON \
	-DWQ_TESTS=OFF -DWQ_EXAMPLES=OFF -DWQ_BENCH=OFF >/dev/null
cmake --build "$build/deb" >/dev/null
rm -rf "$build/deb/packages"
(umask 022 && cd "$build/deb" && cpack -G DEB >/dev/null)
rm -rf "$build/deb/packages/_CPack_Packages"

# CPack writes scripts that call ldconfig; the trigger does that, once for all packages.
for package in "$build"/deb/packages/libworkqueue1_*.deb; do
	dpkg-deb -R "$package" "$build/deb/unpacked"
	rm -f "$build/deb/unpacked/DEBIAN/postinst" "$build/deb/unpacked/DEBIAN/postrm"
	dpkg-deb --root-owner-group -b "$build/deb/unpacked" "$package" >/dev/null
	rm -rf "$build/deb/unpacked"
done
ls "$build"/deb/packages/*.deb
