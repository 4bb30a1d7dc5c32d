/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A race of two threads, round after round: the main one, and one that strikes at the
 * moment it aims at. Include after test.h.
 */
#ifndef WQ_TEST_DUEL_H
#define WQ_TEST_DUEL_H

#include "aim.h"

/** struct duel - the other thread, if there is one, and where the two meet in each round */
struct duel {
	struct meeting start, end;
	struct aim aim;        /* the other's, to be moved by each round */
	void (*strike)(void);  /* what it does; NULL if there is none */
};

/** duel_begin() - the round begins: both go at once */
static inline void duel_begin(struct duel *d)
{
	if (d->strike)
		meet(&d->start);
}

/** duel_end() - both have done what they do in the round */
static inline void duel_end(struct duel *d)
{
	if (d->strike)
		meet(&d->end);
}

static inline void *duel_other_(void *arg)
{
	struct duel *d = arg;

	race_pin(1);
	while (meet_next(&d->start)) {
		aim_wait(&d->aim);
		d->strike();
		meet(&d->end);
	}
	return NULL;
}

/**
 * duel() - rounds until there were enough; the race window must have been hit
 * @d: all zero
 * @round: of the main thread; calls duel_begin() and duel_end()
 * @strike: of the other thread, or NULL for none
 * @wq: the queue of the race; destroyed at the end
 */
static inline void duel(struct duel *d, void (*round)(uint64_t *random), void (*strike)(void),
			struct workqueue_struct *wq)
{
	uint64_t random = test_state.seed;
	pthread_t other;

	race_begin();
	d->start.members = d->end.members = 2;
	aim_init(&d->aim, 5000, 2);
	d->strike = strike;
	if (strike)
		other = start_thread(duel_other_, d);
	race_pin(0);
	for (int i = 0; race_goes_on(i, 20000); i++)
		round(&random);
	unpin();
	if (strike) {
		meet_end(&d->start);
		join_thread(other);
	}
	destroy_workqueue(wq);
	race_require_hits_on_two_cpus();
}

#endif /* WQ_TEST_DUEL_H */
