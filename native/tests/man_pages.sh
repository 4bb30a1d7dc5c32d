#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Every function that the library exports has a manual page, with what it takes and
# returns; man has nothing to complain about on any page, and each name leads to its own.
. "$(dirname "$0")/support/preamble.sh"
require python3 man

python3 "$source_dir/native/man/make_pages.py" "$include/workqueue.h" \
	"$source_dir/native/man/workqueue.7.in" 1.0.0 "$tmp/man" || exit 1
cd "$tmp/man" || exit 1

for name in $(cut -d' ' -f1 "$source_dir/native/glue/abi_symbols.txt"); do
	page=man3/$name.3
	[ -f "$page" ] || { fail "no page for $name"; continue; }
	case $(head -1 "$page") in
	.so*) page=$(sed -n 's/^\.so //p' "$page") ;;
	esac
	grep -q "^\.SH NAME" "$page" || fail "$name leads nowhere"
	if [ "$page" = man7/workqueue.7 ]; then
		grep -q "^\.SH QUEUES OF EVERY PROGRAM" "$page" && grep -qw -- "$name" "$page" ||
			fail "$page says nothing of $name"
		continue
	fi
	sed -n '/^\.SH NAME/,/^\.SH SYN/p' "$page" | grep -qw -- "$name" || fail "$page does not name $name"
	sed -n '/^\.SH SYN/,/^\.SH DES/p' "$page" | grep -q -- "$name(" || fail "$page does not declare $name"
done

# A heading with nothing below it helps nobody.
awk '/^\.PP/ { next } /^\.SH/ && heading { print FILENAME, heading } { heading = /^\.SH/ ? $0 : "" }' man3/*.3 >"$tmp/empty"
while read -r page heading; do
	fail "$page has nothing below $heading"
done <"$tmp/empty"

# What groff says is all there is: the pages themselves go nowhere. One by one only to
# find the page to blame.
complaints() { LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$@" 2>&1 >/dev/null; }
pages=$(find . -name '*.[37]' | wc -l)
if [ -n "$(complaints man3/*.3 man7/*.7)" ]; then
	for page in man3/*.3 man7/*.7; do
		said=$(complaints "$page")
		[ -z "$said" ] || fail "$page: $said"
	done
	[ "$failed" -gt 0 ] || fail "man complains about some page"
fi
for block in $(sed -n 's/.*DOC: \([A-Z][a-z]*\).*/\1/p' "$include/workqueue.h"); do
	[ "$block" = Overview ] ||
		grep -q "^\.SH $(echo "$block" | tr '[:lower:]' '[:upper:]')" man7/workqueue.7 ||
		fail "workqueue(7) has not the header's block $block"
done
grep -o 'WQ_[A-Z_]*"u8' -rh "$source_dir"/managed/Core "$source_dir"/managed/Os | tr -d '"' | sed 's/u8$//' |
	sort -u >"$tmp/variables"
while read -r variable; do
	sed -n '/^\.SH ENV/,/^\.SH FILES/p' man7/workqueue.7 | grep -q "B $variable$" ||
		fail "workqueue(7) does not say what $variable is"
done <"$tmp/variables"

report "$pages pages say what there is"
