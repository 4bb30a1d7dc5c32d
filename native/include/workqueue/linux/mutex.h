/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel mutexes over pthread mutexes. Not recursive; unlocked by their owner only. With
 * CONFIG_LOCKDEP they take part in the library's lockdep. Either all of a program or no
 * file of it must be compiled with CONFIG_LOCKDEP.
 */
#ifndef WQ_LINUX_MUTEX_H
#define WQ_LINUX_MUTEX_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include <workqueue.h>

#ifdef CONFIG_LOCKDEP
#include <linux/lockdep.h>
#endif

struct mutex {
	/* private: */
	pthread_mutex_t lock;
#ifdef CONFIG_LOCKDEP
	struct lockdep_map dep_map;
#endif
};

#ifdef CONFIG_LOCKDEP
/* Without a key the class is the mutex itself. */
#define __MUTEX_INITIALIZER(name)                                              \
	{                                                                      \
		PTHREAD_MUTEX_INITIALIZER, STATIC_LOCKDEP_MAP_INIT(#name, NULL) \
	}
/* mutex_init() - each call site is a lock class */
#define mutex_init(mutex) __mutex_init((mutex), #mutex, __WQ_CALL_SITE_KEY())

static inline void __mutex_init(struct mutex *mutex, const char *name,
				struct lock_class_key *key)
{
	pthread_mutex_init(&mutex->lock, NULL);
	lockdep_init_map(&mutex->dep_map, name, key, 0);
}

#define __mutex_acquire(mutex) lock_map_acquire(&(mutex)->dep_map)
#define __mutex_acquire_try(mutex) lock_map_acquire_try(&(mutex)->dep_map)
#define __mutex_release(mutex) lock_map_release(&(mutex)->dep_map)
#else
#define __MUTEX_INITIALIZER(name) { PTHREAD_MUTEX_INITIALIZER }

static inline void mutex_init(struct mutex *mutex)
{
	pthread_mutex_init(&mutex->lock, NULL);
}

#define __mutex_acquire(mutex) ((void)(mutex))
#define __mutex_acquire_try(mutex) ((void)(mutex))
#define __mutex_release(mutex) ((void)(mutex))
#endif

#define DEFINE_MUTEX(name) struct mutex name = __MUTEX_INITIALIZER(name)

static inline void mutex_destroy(struct mutex *mutex)
{
	pthread_mutex_destroy(&mutex->lock);
}

static inline int wq_mutex_lock(pthread_mutex_t *lock)
{
	int error = pthread_mutex_trylock(lock);

	if (error) {
		wq_blocking_begin();
		error = pthread_mutex_lock(lock);
		wq_blocking_end();
	}
	return error;
}

static inline void mutex_lock(struct mutex *mutex)
{
	__mutex_acquire(mutex);
	wq_mutex_lock(&mutex->lock);
}

/** mutex_lock_interruptible() - mutex_lock(): signals do not end it. Return: 0 */
static inline int mutex_lock_interruptible(struct mutex *mutex)
{
	__mutex_acquire(mutex);
	return wq_mutex_lock(&mutex->lock);
}

/** mutex_trylock() - Return: 1 if the caller now has it, 0 if another thread has it */
static inline int mutex_trylock(struct mutex *mutex)
{
	if (pthread_mutex_trylock(&mutex->lock))
		return 0;
	__mutex_acquire_try(mutex);
	return 1;
}

static inline void mutex_unlock(struct mutex *mutex)
{
	__mutex_release(mutex);
	pthread_mutex_unlock(&mutex->lock);
}

/** mutex_is_locked() - does any thread hold it? A snapshot */
static inline bool mutex_is_locked(struct mutex *mutex)
{
	if (pthread_mutex_trylock(&mutex->lock))
		return true;
	pthread_mutex_unlock(&mutex->lock);
	return false;
}

#define lockdep_assert_held(lock) ((void)(lock))

#endif /* WQ_LINUX_MUTEX_H */
