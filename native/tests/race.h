/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests that race two calls: CPUs to pin to, a barrier that releases
 * threads within nanoseconds of each other, seeded jitter, and a count of the
 * rounds in which the window was really hit. Include after test.h.
 */
#ifndef WQ_RACE_H
#define WQ_RACE_H

#include "test.h"

/* ---- CPUs ----------------------------------------------------------------- */

static cpu_set_t race_cpus_;

__attribute__((constructor)) static void race_read_cpus_(void)
{
	if (sched_getaffinity(0, sizeof(race_cpus_), &race_cpus_))
		CPU_SET(0, &race_cpus_);
}

/** allowed_cpus() - how many CPUs the process may run on */
static inline int allowed_cpus(void)
{
	return CPU_COUNT(&race_cpus_);
}

/** allowed_cpu() - the number of the @nth of them, or -1 */
static inline int allowed_cpu(int nth)
{
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &race_cpus_) && nth-- == 0)
			return cpu;
	return -1;
}

/** pin_to_cpu() - bind the calling thread */
static inline bool pin_to_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) == 0;
}

/** unpin() - let the calling thread run on every allowed CPU again */
static inline void unpin(void)
{
	sched_setaffinity(0, sizeof(race_cpus_), &race_cpus_);
}

/** need_two_cpus() - false, and the test is skipped, on one CPU */
static inline bool need_two_cpus(void)
{
	if (allowed_cpus() >= 2)
		return true;
	skip("needs two CPUs");
	return false;
}

/* ---- Threads -------------------------------------------------------------- */

/** start_thread() - pthread_create() that must succeed */
static inline pthread_t start_thread(void *(*run)(void *), void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, arg)) {
		perror("pthread_create");
		exit(1);
	}
	return thread;
}

/** join_thread() - pthread_join() under the watchdog's eyes */
#define join_thread(thread) ((void)WAITING(pthread_join((thread), NULL)))

/** struct meeting - a spinning barrier, reusable round after round */
struct meeting {
	unsigned int members, arrived, round;
	bool over;
};
#define MEETING_INITIALIZER(n) { (n), 0, 0, false }

static inline void meet_spin(struct meeting *m)
{
	unsigned int round = __atomic_load_n(&m->round, __ATOMIC_ACQUIRE);
	unsigned int spins = 0;

	if (__atomic_add_fetch(&m->arrived, 1, __ATOMIC_ACQ_REL) == m->members) {
		__atomic_store_n(&m->arrived, 0, __ATOMIC_RELAXED);
		__atomic_store_n(&m->round, round + 1, __ATOMIC_RELEASE);
		return;
	}
	while (__atomic_load_n(&m->round, __ATOMIC_ACQUIRE) == round)
		if (++spins % 4096 == 0)
			sched_yield();
}

/** meet() - wait until all members are here, then go at once */
#define meet(m) WAITING(meet_spin(m))

/** meet_next() - meet() for a round more; false if another member came with meet_end() */
static inline bool meet_next(struct meeting *m)
{
	meet(m);
	return !m->over;
}

/** meet_end() - meet() for the last time: the others go home. In each round they must meet() once more. */
static inline void meet_end(struct meeting *m)
{
	m->over = true;
	meet(m);
}

/** jitter() - spin for 0 to @max rounds, drawn from the seed */
static inline void jitter(uint64_t *random, unsigned int max)
{
	for (volatile unsigned int n = (unsigned int)(test_random(random) % (max + 1)); n; n--)
		;
}

/* ---- What others take of the machine ---------------------------------------- */

/* Seconds since the machine's start that its CPUs were busy, and those of them that were ours. */
struct race_times_ {
	double busy_s, ours_s, at_s;
};

static struct race_times_ race_began_;

static inline struct race_times_ race_read_times_(void)
{
	double user = 0, nice = 0, kernel = 0, idle = 0, io = 0, irq = 0, softirq = 0, steal = 0;
	struct race_times_ times = { 0, 0, 0 };
	struct timespec now, ours;
	FILE *f = fopen("/proc/stat", "r");

	if (f && fscanf(f, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &user, &nice, &kernel, &idle, &io, &irq,
			&softirq, &steal) == 8)
		times.busy_s = (user + nice + kernel + irq + softirq + steal) / (double)sysconf(_SC_CLK_TCK);
	if (f)
		fclose(f);
	clock_gettime(CLOCK_MONOTONIC, &now);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ours);
	times.at_s = (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
	times.ours_s = (double)ours.tv_sec + (double)ours.tv_nsec * 1e-9;
	return times;
}

/** race_was_disturbed() - since race_begin() others had more than a tenth of a CPU's time, or the test is late */
static inline bool race_was_disturbed(void)
{
	struct race_times_ now = race_read_times_();
	double others_s = (now.busy_s - race_began_.busy_s) - (now.ours_s - race_began_.ours_s);

	return test_is_late() || others_s * 10 > now.at_s - race_began_.at_s;
}

/* ---- Rounds and window hits ------------------------------------------------ */

static int race_hits_;

/** race_rounds() - @n, or a twentieth of it on a slow machine */
static inline int race_rounds(int n)
{
	return test_slow() ? (n + 19) / 20 : n;
}

/**
 * race_goes_on() - is round @i of @n still to be run?
 *
 * A race that takes long ends with the rounds run so far, whatever has slowed it: test_is_late().
 */
static inline bool race_goes_on(int i, int n)
{
	return i < race_rounds(n) && !test_is_late();
}

/** race_begin() - start counting afresh; call at the top of the test */
static inline void race_begin(void)
{
	__atomic_store_n(&race_hits_, 0, __ATOMIC_SEQ_CST);
	race_began_ = race_read_times_();
}

/** race_window_hit() - this round saw the two calls overlap as meant */
static inline void race_window_hit(void)
{
	__atomic_fetch_add(&race_hits_, 1, __ATOMIC_RELAXED);
}

/** race_saw_too_little() - the test proves nothing: exit code 2, or skipped where others took the machine's time */
static inline void race_saw_too_little(const char *why)
{
	if (!race_was_disturbed()) {
		inconclusive(why);
		return;
	}
	printf("  %s\n", why);
	skip("others took the machine's time");
}

/** race_require_hits() - fewer than @n are too little */
static inline void race_require_hits(int n)
{
	int hits = __atomic_load_n(&race_hits_, __ATOMIC_SEQ_CST);

	printf("  window hits: %d\n", hits);
	if (hits < n)
		race_saw_too_little("the race window was hit too seldom");
}

#endif /* WQ_RACE_H */
