#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The C tests once more as a user with no capability, where the suite runs as root: a
# program's user may not raise priorities, and root of a container may not either. Left
# out are tests that only repeat what others do: race, stress, property, fuzz.
. "$(dirname "$0")/support/preamble.sh"
user=65534
[ "$(id -u)" -eq 0 ] || skip "the whole suite runs without privileges"

# Copies, as the user may not look into the build directory.
mkdir "$tmp/bin" "$tmp/home"
cp "$build"/tests/* "$lib_dir"/libworkqueue.so.? "$tmp/bin/"
chmod 755 "$tmp"
chmod 777 "$tmp/home"

# as_user COMMAND...: with no leave to raise a priority either
as_user() {
	(cd "$tmp/home" && TMPDIR=$tmp/home HOME=$tmp/home LD_LIBRARY_PATH=$tmp/bin prlimit --nice=0:0 \
		setpriv --reuid=$user --regid=$user --clear-groups --inh-caps=-all --bounding-set=-all "$@")
}

as_user "$tmp/bin/workqueue_abi_version" >"$tmp/out" 2>&1 ||
	skip "no other user may run what is in $tmp: $(tail -1 "$tmp/out")"
for program in "$tmp"/bin/*; do
	name=${program##*/}
	case $name in
	race_* | stress_* | property_* | fuzz_* | *.so | *.so.*) continue ;;
	esac
	as_user timeout 100 "$program" >"$tmp/out" 2>&1
	status=$?
	case $status in
	0) pass "$name" ;;
	77) echo "skip $name" ;;
	*) fail "$name: exit code $status" "$tmp/out" ;;
	esac
done
report
