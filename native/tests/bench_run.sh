#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What runs the benchmarks, with programs planted that hang and that fail: their cells say
# so, in the tables, the JSON file and the picture, targets that need them say so, the rest
# goes on, nothing is left running, and an interrupted run shows what it has.
. "$(dirname "$0")/support/preamble.sh"
require python3

# plant PROGRAM: a program of the body given; "say DRIVER NS" prints a figure of its workload
plant() {
	mkdir -p "$tmp/bench"
	{
		cat <<-'END'
			#!/bin/sh
			[ "$1" != --quick ] || shift
			say() {
				case $1 in
				W9n) what='10 items' ;;
				*) what='two CPUs' ;;
				esac
				printf '{"workload":"%s","driver":"%s","case":"%s","metric":"item_ns","median":%s}\n' \
					"$1" "$2" "$what" "$3"
			}
		END
		cat
	} >"$tmp/bench/$1"
	chmod +x "$tmp/bench/$1"
}

# Hangs with a child that keeps its output open; and what it began to say is no line.
plant_all() {
	plant pool_workqueue <<-'END'
		[ "$1" != idle ] || { echo workqueue; exec cat; }
		say "$1" workqueue 30
	END
	plant pool_mpsc <<-'END'
		[ "$1" != idle ] || exec cat
		printf '{"workload":'
		echo $$ >>"${0%/*}/../pids"
		cat /dev/zero >/dev/null &
		wait
	END
	plant pool_glib <<-'END'
		[ "$1" = W1b ] || say "$1" glib 90
		kill -SEGV $$
	END
	plant pool_spin <<-'END'
		[ "$1" != idle ] || exit 3
		say "$1" c-spin 60
	END
	plant pool_urcu <<-'END'
		echo '{no'
	END
	echo 'no program' >"$tmp/bench/pool_tbb"
	chmod +x "$tmp/bench/pool_tbb"
}

# bench OPTION...
bench() {
	PYTHONDONTWRITEBYTECODE=1 python3 "$source_dir/native/bench/run.py" "$tmp/bench" --json "$tmp/json" \
		--svg "$tmp/svg" "$@" >"$tmp/tables" 2>"$tmp/said"
}

# from_json EXPRESSION of j, the file
from_json() {
	python3 -c 'import json, sys
j = json.load(open(sys.argv[1], encoding="utf-8"))
print(eval(sys.argv[2]))' "$tmp/json" "$1"
}

left_running() {
	while read -r pid; do
		cat /proc/[0-9]*/stat 2>/dev/null | awk -v group="$pid" '$5 == group && $3 != "Z"'
	done <"$tmp/pids"
}

plant_all
bench --quick --rounds 2 --timeout 2 --only W1 --only W1b --only W9n --only idle
same "a run with failures says so by its exit code" 1 $?
same "the cells of a program that hangs or fails say so" \
	"| two CPUs, item_ns | 30.0 | fails: SIGSEGV | fails: Exec format error | hangs | 60.0 **0.50** | fails: a line is not JSON |  |" \
	"$(sed -n '/^### W1:/,/^### /p' "$tmp/tables" | grep '^| two CPUs' | sed 's/ | [^|]* |$/ |  |/')"
same "a program without a single figure has its column" 1 "$(grep -A2 '^### W1b:' "$tmp/tables" |
	grep -c '^| | workqueue | glib |')"
same "so do those that should idle" \
	"c-mpsc hangs, c-spin fails: exit code 3, c-urcu fails: does not stay idle, glib fails: SIGSEGV, onetbb fails: Exec format error" \
	"$(from_json '", ".join(sorted(f["driver"] + " " + f["what"] for f in j["failures"] if f["workload"] == "idle"))')"
same "the others go on, in every round" "[60, 60] [30, 30]" "$(from_json \
	'" ".join(str(r["rounds"]) for r in j["results"] if r["workload"] == "W9n" and r["driver"] in ("workqueue", "c-spin"))')"
same "the JSON file has the failures" "c-mpsc hangs, c-urcu fails: a line is not JSON, glib fails: SIGSEGV, onetbb fails: Exec format error" \
	"$(from_json '", ".join(sorted(f["driver"] + " " + f["what"] for f in j["failures"] if f["workload"] == "W1"))')"
same "targets that need it say so" 1 \
	"$(grep -c '^| W1, two CPUs, item_ns | ≤ 1.5 × c-mpsc | not measured: c-mpsc hangs |$' "$tmp/tables")"
same "and so do they in the JSON file" "c-mpsc hangs None False" "$(from_json \
	'" ".join(str(t[k]) for t in j["targets"] if t["workload"] == "W1" and t["peer"] == "c-mpsc" for k in ("broken", "value", "met"))')"
same "the picture has it, on bars and curves" "3 3" \
	"$(grep -o '>hangs<\|>c-mpsc hangs<' "$tmp/svg" | wc -l) $(grep -o 'fails: SIGSEGV' "$tmp/svg" | wc -l)"
same "a program that hung is not started for that workload again" 3 "$(wc -l <"$tmp/pids")"
same "nothing is left running" "" "$(left_running)"

# The second workload's program interrupts what runs it, and hangs.
rm -rf "$tmp/bench" "$tmp/json"
plant pool_workqueue <<-'END'
	say "$1" workqueue 30
	[ "$1" != W1b ] || { cp "${0%/*}/../json" "${0%/*}/../json.before"; kill -INT "$PPID"; exec cat /dev/zero >/dev/null; }
END
bench --rounds 1 --only W1 --only W1b --only W2
same "an interrupted run says so by its exit code" 130 $?
same "what was measured was on the terminal and in the file before" "1 W1" \
	"$(grep -c '^| two CPUs, item_ns | 30.0 |' "$tmp/tables") $(cd "$tmp" && mv json json.after && mv json.before json && from_json 'j["results"][0]["workload"]')"
same "and is shown after it" "1 True" \
	"$(grep -c '^### Targets' "$tmp/tables") $(mv "$tmp/json.after" "$tmp/json" && from_json '[r["workload"] for r in j["results"]] == ["W1"]')"

report
