#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# wqsum prints what sha256sum prints, reports what it cannot read, and stops
# when told to, saying what it left undone.
. "$(dirname "$0")/support/preamble.sh"
export LC_ALL=C
wqsum=$build/bin/wqsum

# judge CLAIM STATUS: STATUS 0 means that it holds
judge() {
	holds "$1" [ "$2" -eq 0 ]
}

# same_as_sha256sum PATH...
same_as_sha256sum() {
	cmp <("$wqsum" "$@") <(find "$@" -type f -print0 | sort -z | xargs -0 -r sha256sum)
}

! readelf -d "$wqsum" | grep -E 'NEEDED.*lib(crypto|ssl)'; judge "no library whose licence is at odds with the GPL, version 2" $?

mkdir -p "$tmp/odd/d/deep" "$tmp/empty"
cd "$tmp" || exit 1
printf a >odd/'back\slash'
printf b >odd/$'new\nline'
printf c >odd/$'carriage\rreturn'
printf d >odd/$'not \xff UTF-8'
: >odd/empty
head -c 131072 /dev/zero >odd/one_buffer
head -c 131073 /dev/zero >odd/one_buffer_and_a_byte
for name in d/z d-z d.z d/deep/z; do printf '%s' "$name" >odd/"$name"; done
ln -s d odd/link_to_directory
ln -s empty odd/link_to_file
mkfifo odd/pipe

same_as_sha256sum "$source_dir/native" "$source_dir/managed"; judge "the sources" $?
for path in odd odd/ odd// ./odd . odd/d/z; do
	same_as_sha256sum "$path"; judge "the same for '$path'" $?
done
same_as_sha256sum odd/d odd odd/empty; judge "the same for overlapping paths" $?
[ -z "$("$wqsum" empty 2>&1)" ]; judge "nothing for an empty directory" $?
[ "$("$wqsum" odd/link_to_directory | wc -l)" -eq 2 ]; judge "a link on the command line is followed" $?

"$wqsum" odd/d missing >out 2>err
[ $? -eq 1 ] && [ "$(wc -l <out)" -eq 2 ] &&
	[ "$(cat err)" = "wqsum: missing: No such file or directory" ]
judge "a missing path is reported and counted" $?

"$wqsum" /proc/self/mem odd/empty >out 2>err
[ $? -eq 1 ] && [ "$(wc -l <out)" -eq 1 ] && grep -qx 'wqsum: /proc/self/mem: Input/output error' err
judge "an unreadable file is reported and counted" $?

"$wqsum" odd >/dev/full 2>err
[ $? -eq 1 ] && grep -q 'write error: No space left on device' err
judge "a full disk is an error" $?

# interrupted_by SIGNAL STATUS: two endless files, among others, stopped half way. They are
# sparse, so that they take no room.
truncate -s 1T odd/huge odd/huge_too
interrupted_by() {
	: >out # What the last one printed is no sign of this one.
	# A background job of a script ignores SIGINT, so the default is put back for it.
	env --default-signal="$1" "$wqsum" odd >out 2>err &
	local pid=$! tries=0
	until [ "$(wc -l <out)" -ge 1 ] || [ $((tries += 1)) -gt 100 ]; do sleep 0.1; done
	kill -s "$1" "$pid"
	wait "$pid"
	[ $? -eq "$2" ] || return 1
	local total undone
	total=$(find odd -type f -printf . | wc -c)
	undone=$(sed -n "s/^wqsum: interrupted: \([0-9]*\) of $total files not hashed$/\1/p" err)
	[ -n "$undone" ] && [ "$undone" -ge 1 ] && [ $((undone + $(wc -l <out))) -eq "$total" ] &&
		! grep -q huge out
}
interrupted_by INT 130; judge "SIGINT stops it, and it says what is undone" $?
interrupted_by TERM 143; judge "SIGTERM stops it, and it says what is undone" $?

report
