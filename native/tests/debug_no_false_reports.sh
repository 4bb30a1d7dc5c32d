#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The checks of WQ_DEBUG=1 find nothing in tests that use the library as they should:
# those pass with the checks on as they do without. A report nobody asked for would
# fail them.
. "$(dirname "$0")/support/preamble.sh"

for name in alloc_workqueue cancel_delayed_work cancel_delayed_work_sync cancel_work_sync destroy_workqueue \
	flush_workqueue freeze_workqueues misuse_many prepare_work queue_delayed_work queue_work \
	rule_destroy_cancels_delayed rule_flush_from_own_worker rule_fork rule_last_items rule_self_free \
	schedule_on_each_cpu stress_foreign_threads system_workqueues timer_api work_pending; do
	WQ_DEBUG=1 timeout 60 "$build/tests/$name" >"$tmp/out" 2>&1
	case $? in
	0 | 77) pass "$name" ;;
	*) fail "$name" "$tmp/out" ;;
	esac
done
report
