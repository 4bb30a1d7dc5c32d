/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Time in jiffies: CLOCK_MONOTONIC in milliseconds, HZ being 1000.
 *
 * The macro "jiffies" would also replace members of that name. A program that has such
 * members defines WQ_NO_JIFFIES and calls wq_jiffies() instead.
 */
#ifndef WQ_LINUX_JIFFIES_H
#define WQ_LINUX_JIFFIES_H

#include <workqueue.h>

#include <limits.h>

#ifndef WQ_NO_JIFFIES
#define jiffies wq_jiffies()
#endif
#define get_jiffies_64() ((uint64_t)wq_jiffies())

/* <sys/param.h> has an HZ of 100, which is that of clock ticks in process accounting. */
#undef HZ
#define HZ 1000

/* A delay that never ends. */
#define MAX_SCHEDULE_TIMEOUT LONG_MAX
/* The longest finite delay kernel code asks for. */
#define MAX_JIFFY_OFFSET ((LONG_MAX >> 1) - 1)

/* Comparisons that hold when the counter wraps. */
#define time_after(a, b) ((long)((unsigned long)(b) - (unsigned long)(a)) < 0)
#define time_before(a, b) time_after(b, a)
#define time_after_eq(a, b) ((long)((unsigned long)(a) - (unsigned long)(b)) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)
#define time_in_range(a, b, c) (time_after_eq(a, b) && time_before_eq(a, c))
#define time_is_before_jiffies(a) time_after(wq_jiffies(), a)
#define time_is_after_jiffies(a) time_before(wq_jiffies(), a)

static inline unsigned int jiffies_to_msecs(unsigned long j)
{
	return (unsigned int)j;
}

static inline unsigned long jiffies_to_usecs(unsigned long j)
{
	return j * 1000UL;
}

static inline uint64_t jiffies_to_nsecs(unsigned long j)
{
	return (uint64_t)j * 1000000U;
}

/* As in the kernel, a negative time becomes the longest one. */
static inline unsigned long msecs_to_jiffies(unsigned int ms)
{
	return (int)ms < 0 ? (unsigned long)MAX_JIFFY_OFFSET : ms;
}

static inline unsigned long usecs_to_jiffies(unsigned int us)
{
	return ((unsigned long)us + 999UL) / 1000UL;
}

static inline unsigned long nsecs_to_jiffies(uint64_t ns)
{
	return (unsigned long)(ns / 1000000U);
}

static inline unsigned long secs_to_jiffies(unsigned int s)
{
	return (unsigned long)s * HZ;
}

static inline unsigned long round_jiffies(unsigned long j)
{
	return (j + HZ / 2) / HZ * HZ > wq_jiffies() ? (j + HZ / 2) / HZ * HZ : j;
}

static inline unsigned long round_jiffies_relative(unsigned long j)
{
	unsigned long now = wq_jiffies();

	return round_jiffies(j + now) - now;
}

#endif /* WQ_LINUX_JIFFIES_H */
