/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel mutexes over pthread mutexes. Not recursive; unlocked by their owner only. */
#ifndef WQ_LINUX_MUTEX_H
#define WQ_LINUX_MUTEX_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct mutex {
	/* private: */
	pthread_mutex_t lock;
};

#define __MUTEX_INITIALIZER(name) { PTHREAD_MUTEX_INITIALIZER }
#define DEFINE_MUTEX(name) struct mutex name = __MUTEX_INITIALIZER(name)

static inline void mutex_init(struct mutex *mutex)
{
	pthread_mutex_init(&mutex->lock, NULL);
}

static inline void mutex_destroy(struct mutex *mutex)
{
	pthread_mutex_destroy(&mutex->lock);
}

static inline void mutex_lock(struct mutex *mutex)
{
	pthread_mutex_lock(&mutex->lock);
}

/** mutex_lock_interruptible() - mutex_lock(): signals do not end it. Return: 0 */
static inline int mutex_lock_interruptible(struct mutex *mutex)
{
	return pthread_mutex_lock(&mutex->lock);
}

/** mutex_trylock() - Return: 1 if it is now ours, 0 if somebody had it */
static inline int mutex_trylock(struct mutex *mutex)
{
	return pthread_mutex_trylock(&mutex->lock) == 0;
}

static inline void mutex_unlock(struct mutex *mutex)
{
	pthread_mutex_unlock(&mutex->lock);
}

/** mutex_is_locked() - does anybody hold it? A snapshot */
static inline bool mutex_is_locked(struct mutex *mutex)
{
	if (!mutex_trylock(mutex))
		return true;
	mutex_unlock(mutex);
	return false;
}

#define lockdep_assert_held(lock) ((void)(lock))

#endif /* WQ_LINUX_MUTEX_H */
