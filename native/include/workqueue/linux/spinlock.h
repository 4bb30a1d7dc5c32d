/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel spinlocks over pthread mutexes. In user space a holder may be preempted, so
 * waiters sleep rather than spin. There are no interrupts to disable, so the _irq,
 * _irqsave and _bh forms are the same as the plain ones.
 */
#ifndef WQ_LINUX_SPINLOCK_H
#define WQ_LINUX_SPINLOCK_H

#include <linux/mutex.h>

typedef struct {
	/* private: */
	struct mutex mutex;
} spinlock_t;

#define __SPIN_LOCK_UNLOCKED(name) { __MUTEX_INITIALIZER(name) }
#define DEFINE_SPINLOCK(name) spinlock_t name = __SPIN_LOCK_UNLOCKED(name)

#ifdef CONFIG_LOCKDEP
/* spin_lock_init() - each call site is a lock class */
#define spin_lock_init(lock)                                                   \
	__mutex_init(&(lock)->mutex, #lock, __WQ_CALL_SITE_KEY())
#else
static inline void spin_lock_init(spinlock_t *lock)
{
	mutex_init(&lock->mutex);
}
#endif

static inline void spin_lock(spinlock_t *lock)
{
	__mutex_acquire(&lock->mutex);
	pthread_mutex_lock(&lock->mutex.lock); /* a wait too short for the worker's pool to know of */
}

static inline int spin_trylock(spinlock_t *lock)
{
	return mutex_trylock(&lock->mutex);
}

static inline void spin_unlock(spinlock_t *lock)
{
	mutex_unlock(&lock->mutex);
}

static inline bool spin_is_locked(spinlock_t *lock)
{
	return mutex_is_locked(&lock->mutex);
}

#define spin_lock_irq(lock) spin_lock(lock)
#define spin_unlock_irq(lock) spin_unlock(lock)
#define spin_lock_bh(lock) spin_lock(lock)
#define spin_unlock_bh(lock) spin_unlock(lock)

/* @flags is an unsigned long, as in the kernel. */
#define spin_lock_irqsave(lock, flags)                                         \
	do {                                                                   \
		(flags) = 0ul;                                                 \
		spin_lock(lock);                                               \
	} while (0)
#define spin_unlock_irqrestore(lock, flags)                                    \
	do {                                                                   \
		(void)(flags);                                                 \
		spin_unlock(lock);                                             \
	} while (0)

#endif /* WQ_LINUX_SPINLOCK_H */
