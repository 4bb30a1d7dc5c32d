/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU notifiers that write what they are told to a log, which tests compare as text:
 * "a3" is block a, code 3. Include after items.h.
 */
#ifndef WQ_TEST_WATCHER_H
#define WQ_TEST_WATCHER_H

#include <linux/cpu.h>
#include <linux/hardirq.h>

struct watcher {
	struct notifier_block nb;
	char name;
	unsigned long refuses; /* the code it does not answer NOTIFY_OK */
	int answer;
	void (*also)(struct watcher *w, unsigned long code, int cpu);
	struct workqueue_struct *wq; /* for @also */
	int nr_also;
};

static int second;
static char told[256];
static int strange; /* calls that were not as they should be */

static inline int tell(struct notifier_block *nb, unsigned long code, void *hcpu)
{
	struct watcher *w = container_of(nb, struct watcher, nb);
	size_t used = strlen(told);

	/* Online is what the code says it is. */
	strange += (int)(long)hcpu != second || (code & CPU_TASKS_FROZEN);
	strange += wq_cpu_online(second) != (code == CPU_ONLINE || code == CPU_DOWN_PREPARE ||
					     code == CPU_DOWN_FAILED || code == CPU_DYING);
	strange += in_interrupt() != (code == CPU_DYING);
	snprintf(told + used, sizeof(told) - used, "%c%lu ", w->name, code);
	if (w->also)
		w->also(w, code, (int)(long)hcpu);
	return code == w->refuses ? w->answer : NOTIFY_OK;
}

static inline void watcher_init(struct watcher *w, char name, int priority)
{
	memset(w, 0, sizeof(*w));
	w->nb.notifier_call = tell;
	w->nb.priority = priority;
	w->name = name;
	told[0] = 0;
	strange = 0;
}

static inline bool two_cpus(void)
{
	if (!need_two_cpus())
		return false;
	second = allowed_cpu(1);
	return check(wq_cpu_online(second));
}

/* What was told since the last look, and nothing was strange. */
static inline bool was_told(const char *expected)
{
	bool same = strcmp(told, expected) == 0;

	if (!same)
		printf("  told \"%s\", expected \"%s\"\n", told, expected);
	told[0] = 0;
	return check_eq(strange, 0) && same;
}

/* The same, once or more often: the library tries by itself what was refused, if it meets a sign. */
static inline bool was_told_once_or_more(const char *expected)
{
	size_t length = strlen(expected);
	const char *rest = told;

	while (strncmp(rest, expected, length) == 0)
		rest += length;
	if (*rest || rest == told)
		return was_told(expected);
	told[0] = 0;
	return check_eq(strange, 0);
}

/* Three of them around the workqueues, which have priority 0. */
static struct watcher a, b, c;

static inline bool three_watch(void)
{
	if (!two_cpus())
		return false;
	watcher_init(&c, 'c', -1);
	watcher_init(&a, 'a', 1);
	watcher_init(&b, 'b', 0);
	return check_eq(register_cpu_notifier(&c.nb), 0) &&
	       check_eq(register_hotcpu_notifier(&a.nb), 0) &&
	       check_eq(register_cpu_notifier(&b.nb), 0);
}

static inline void nobody_watches(void)
{
	check_eq(unregister_cpu_notifier(&a.nb), 0);
	check_eq(unregister_hotcpu_notifier(&b.nb), 0);
	check_eq(unregister_cpu_notifier(&c.nb), 0);
}

#endif /* WQ_TEST_WATCHER_H */
