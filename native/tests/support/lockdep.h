/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests of lockdep: reports are known by several parts of one text, and a
 * function is a class, so each claim has functions of its own. They are not static
 * and the programs export them, which gives them names in reports.
 */
#ifndef WQ_TEST_LOCKDEP_H
#define WQ_TEST_LOCKDEP_H

#include "../items.h"

static inline bool has_parts(const char *text, const char *const *parts)
{
	for (; *parts; parts++)
		if (!strstr(text, *parts))
			return false;
	return true;
}

/* Consumes the reports that have all the parts; is their number. */
static inline int match_parts(const char *const *parts)
{
	int hits = 0;

	pthread_mutex_lock(&test_state.log_lock);
	for (int i = 0; i < test_state.nr_reports; i++)
		if (has_parts(test_state.reports[i].text, parts)) {
			test_state.reports[i].consumed = true;
			hits++;
		}
	pthread_mutex_unlock(&test_state.log_lock);
	return hits;
}

/** reports_with() - how many reports have all of these parts; they are expected */
#define reports_with(...) match_parts((const char *const[]){ __VA_ARGS__, NULL })

#define CIRCULAR "possible circular locking dependency detected"
#define RECURSIVE "possible recursive locking detected"

/** WORK_FUNC() - begins a work function that shows up in reports by its name */
#define WORK_FUNC(name)                   \
	void name(struct work_struct *w); \
	void name(struct work_struct *w)

/** TESTER - what reports call the thread that runs the tests, after name_thread() */
#define TESTER "tester/"

static inline void name_thread(void)
{
	pthread_setname_np(pthread_self(), "tester"); /* valgrind gives it another */
}

/** run_item() - run one item and wait until it is done, without the queue's being waited for */
static inline void run_item(struct workqueue_struct *on, work_func_t func,
			    struct workqueue_struct *wq)
{
	struct item i;

	item_init(&i, wq, func);
	check(queue_work(on, &i.work));
	item_await_done(&i, 1);
}

/** with_lock() - between the two the thread holds @map, as far as lockdep knows */
#define with_lock(map, ...)                \
	do {                               \
		lock_map_acquire(map);     \
		__VA_ARGS__;               \
		lock_map_release(map);     \
	} while (0)

#endif /* WQ_TEST_LOCKDEP_H */
