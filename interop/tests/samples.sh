#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The samples do what they say, from start to SIGTERM.
. "$(dirname "$0")/../../native/tests/support/preamble.sh"
pid=
trap '[ -z "$pid" ] || kill -KILL $pid 2>/dev/null; rm -rf "$tmp"' EXIT

# sample NAME: the path of its assembly
sample() { echo "$build/dotnet/bin/$1/release/$1.dll"; }

# await PATTERN FILE: until a line matches, for up to a minute
await() {
	tries=0
	until grep -q "$1" "$2"; do
		tries=$((tries + 1))
		[ "$tries" -lt 600 ] || { echo "waited in vain for \"$1\""; return 1; }
		sleep 0.1
	done
}

# start NAME ARGUMENT...: in the background, its output in $tmp/out
start() {
	name=$1
	shift
	: >"$tmp/out"
	dotnet "$(sample "$name")" "$@" >"$tmp/out" 2>&1 &
	pid=$!
}

# terminate: SIGTERM; gives the exit code
terminate() {
	kill -TERM "$pid"
	wait "$pid"
	code=$?
	pid=
}

same "the hasher prints what sha256sum does" \
	"$(find "$source_dir/native" -type f -exec sha256sum {} + | LC_ALL=C sort -k 2)" \
	"$(dotnet "$(sample DirectoryHasher)" "$source_dir/native")"
dotnet "$(sample DirectoryHasher)" "$tmp/none" >/dev/null 2>&1
same "a file that is not there is an error" 1 $?

same "the library's debugging checks find nothing, but that a priority may be refused" "" \
	"$(WQ_DEBUG=1 dotnet "$(sample DirectoryHasher)" "$include" 2>&1 >/dev/null |
		grep -v 'nice -5 not permitted')"
ln -s .. "$tmp/up"
ln -s nowhere "$tmp/dangling"
dotnet "$(sample DirectoryHasher)" "$tmp" >/dev/null 2>"$tmp/err"
same "links are not followed" "0 " "$? $(cat "$tmp/err")"

mkdir "$tmp/watched"
start DebouncedWatcher "$tmp/watched" 1000
await watching "$tmp/out"
for i in 1 2 3 4 5 6 7 8 9 10; do
	echo $i >"$tmp/watched/$i"
done
await changed "$tmp/out"
touch "$tmp/watched/11"
await "changed: 1$" "$tmp/out"
mv "$tmp/watched/11" "$tmp/watched/12"
await "changed: 2$" "$tmp/out"
terminate
same "the watcher ends by SIGTERM" 0 "$code"
same "a burst of changes is one report" "watching changed: 10 changed: 1 changed: 2" "$(tr '\n' ' ' <"$tmp/out" | sed 's/ $//')"

start PeriodicJob 20
await "run 3 ends" "$tmp/out"
terminate
same "the job ends by SIGTERM" 0 "$code"
same "each run that has begun has finished" "$(grep -c begins "$tmp/out")" "$(grep -c 'run .* ends' "$tmp/out")"
same "its last word counts them" \
	"stopped: $(grep -c begins "$tmp/out") begun, $(grep -c 'run .* ends' "$tmp/out") finished" "$(tail -1 "$tmp/out")"

report
