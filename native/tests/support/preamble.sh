# SPDX-License-Identifier: GPL-2.0-only
# What the shell tests share: where things are, a folder for what a test makes, and a count of
# the claims that hold. A test sources it first and ends with "report":
#
#	. "$(dirname "$0")/support/preamble.sh"
#	same "the sum" 4 "$((2 + 2))"
#	holds "there is a library" test -f "$lib"
#	report
#
# ctest says in the environment what to test; without it that is the tree which the test is in.
set -u
source_dir=${WQ_SOURCE_DIR:-$(cd "$(dirname "$0")" && until [ -f build.sh ] || [ "$PWD" = / ]; do cd ..; done && pwd)}
build=${WQ_BUILD_DIR:-$source_dir/build}
lib=${WQ_LIB:-$build/lib/libworkqueue.so}
lib_dir=$(dirname "$lib")
include=$source_dir/native/include
support=$source_dir/native/tests/support
CC=${CC:-gcc}
CXX=${CXX:-g++}
passed=0
failed=0
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# skip WHY: this machine cannot run the test
skip() {
	echo "skipped: $1"
	exit 77
}

# require COMMAND...: without one of them the test is skipped
require() {
	for command; do
		command -v "$command" >/dev/null || skip "no $command"
	done
}

# compile FLAG...: a program or library that is linked with ours and finds it
compile() {
	"$CC" -std=gnu11 -Wall -Wextra -Werror -I"$include" -I"$include/workqueue" "$@" \
		-L"$lib_dir" -lworkqueue -Wl,-rpath,"$lib_dir"
}

# pass CLAIM: it holds
pass() {
	passed=$((passed + 1))
	echo "ok $1"
}

# fail CLAIM [FILE]: it does not, and the file shows why
fail() {
	failed=$((failed + 1))
	echo "FAIL $1"
	[ -z "${2:-}" ] || sed 's/^/    /' "$2" | head -40
}

# holds CLAIM COMMAND...: the command's exit code says whether it does
holds() {
	claim=$1
	shift
	if "$@"; then
		pass "$claim"
	else
		fail "$claim"
	fi
}

# same CLAIM EXPECTED ACTUAL
same() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1: expected \"$2\", was \"$3\""
	fi
}

# report [CLAIM]: the last line of a test, and its exit code. A test that says only what fails
# names the claim that holds if nothing did.
report() {
	[ $# -eq 0 ] || [ "$failed" -gt 0 ] || pass "$1"
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}
