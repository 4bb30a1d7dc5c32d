#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What measures the library ends: every benchmark program that is built runs each of its
# workloads in tiny rounds, again and again, and the queues in plain C once more with
# their race points open. A lost wake-up is a program that hangs.
. "$(dirname "$0")/support/preamble.sh"
[ -x "$build/bench/pool_mpsc" ] || skip "the benchmarks are not built"
require python3

# tiny DIR OPTION...: what goes wrong with the programs of DIR
tiny() {
	PYTHONDONTWRITEBYTECODE=1 python3 "$source_dir/native/bench/run.py" "$@" --tiny --rounds 1 --timeout 20 \
		--json "$tmp/json" --svg "$tmp/svg" >"$tmp/tables" 2>"$tmp/said"
	echo "$?"
	grep -v '^round ' "$tmp/said"
}

# silent DIR: its programs of which the last run has no figure
silent() {
	PYTHONPATH=$source_dir/native/bench PYTHONDONTWRITEBYTECODE=1 python3 - "$1" "$tmp/json" <<-'END'
		import json, sys
		import drivers
		with open(sys.argv[2], encoding="utf-8") as file:
		    measured = {(row["workload"], row["driver"]) for row in json.load(file)["results"]}
		there = drivers.programs(sys.argv[1])
		print(*sorted({path for paths in there.values() for path in paths}
		              - {path for workload, paths in there.items() for path in paths
		                 if (workload, drivers.name_of(path)) in measured}))
	END
}

same "every program ends, on each of its workloads" 0 "$(tiny "$build/bench")"
same "every program gives figures, under the name it is known by" "" "$(silent "$build/bench")"
same "the queues in plain C lose no wake-up" 0 "$(tiny "$build/bench/races" --only W1 --only W1b \
	--only W2 --only W4 --only W5b --only W9p --only W9q --only W9n)"

report
