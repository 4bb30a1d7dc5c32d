/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gates: worker threads stand at one until the test lets them go, so that the
 * order of events is known without sleeping. Part of test.h.
 */
#ifndef WQ_TEST_GATE_H
#define WQ_TEST_GATE_H

/** struct gate - where threads stand until the test lets them go */
struct gate {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int standing;
	bool open;
};
#define GATE_INITIALIZER { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, false }

static inline void gate_init(struct gate *g)
{
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->changed, NULL);
	g->standing = 0;
	g->open = false;
}

static inline void gate_stand(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	g->standing++;
	pthread_cond_broadcast(&g->changed);
	while (!g->open)
		pthread_cond_wait(&g->changed, &g->lock);
	g->standing--;
	pthread_mutex_unlock(&g->lock);
}

/** gate_open() - let everybody through, now and later */
static inline void gate_open(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	g->open = true;
	pthread_cond_broadcast(&g->changed);
	pthread_mutex_unlock(&g->lock);
}

static inline void gate_await(struct gate *g, int n)
{
	pthread_mutex_lock(&g->lock);
	while (g->standing < n)
		pthread_cond_wait(&g->changed, &g->lock);
	pthread_mutex_unlock(&g->lock);
}

/** gate_wait() - stand here until gate_open() */
#define gate_wait(g) WAITING(gate_stand(g))
/** gate_wait_reached() - wait until @n threads stand at the gate */
#define gate_wait_reached(g, n) WAITING(gate_await(g, n))

#endif /* WQ_TEST_GATE_H */
