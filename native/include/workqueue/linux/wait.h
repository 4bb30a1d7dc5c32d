/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system's <linux/wait.h>, plus wait queues: threads sleep on one until their
 * condition holds. A thread makes the condition true and then calls wake_up(). No waiter
 * misses that, because a waiter is on the queue before it looks at the condition. Signals
 * end no wait, so the interruptible forms return 0, or the time left. kthread_stop() and
 * wake_up_process() make a waiter look again too.
 */
#if defined(__LINUX_KEYBOARD_H) && !defined(_LINUX_WAIT_H)
/* Inside <linux/keyboard.h>: see kernel.h. */
#pragma GCC system_header
#include_next <linux/wait.h>
#elif !defined(WQ_LINUX_WAIT_H)
#define WQ_LINUX_WAIT_H
#pragma GCC system_header

#include <linux/list.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include_next <linux/wait.h>
#if defined(__USE_XOPEN) || defined(__USE_XOPEN2K8)
/* <sys/wait.h> has these as enumerators, and does not compile while they are macros. */
#undef P_ALL
#undef P_PID
#undef P_PGID
#undef P_PIDFD
#endif
#include <sys/wait.h>

typedef struct __wait_queue_head {
	/* private: */
	spinlock_t lock;
	struct list_head task_list;
} wait_queue_head_t;

/** typedef wait_queue_t - one thread's place on a wait queue */
typedef struct __wait_queue {
	/* private: */
	struct task_struct *task;
	struct list_head task_list;
} wait_queue_t;

typedef wait_queue_t wait_queue_entry_t;

#define __WAIT_QUEUE_HEAD_INITIALIZER(name)                                    \
	{                                                                      \
		__SPIN_LOCK_UNLOCKED(name), LIST_HEAD_INIT((name).task_list)   \
	}
#define DECLARE_WAIT_QUEUE_HEAD(name)                                          \
	wait_queue_head_t name = __WAIT_QUEUE_HEAD_INITIALIZER(name)
/* A lock class on the stack would soon be another lock's. So the class is the call site's. */
#ifdef CONFIG_LOCKDEP
#define DECLARE_WAIT_QUEUE_HEAD_ONSTACK(name)                                  \
	wait_queue_head_t name = __extension__({                               \
		init_waitqueue_head(&name);                                    \
		name;                                                          \
	})
#else
#define DECLARE_WAIT_QUEUE_HEAD_ONSTACK(name) DECLARE_WAIT_QUEUE_HEAD(name)
#endif

#define DECLARE_WAITQUEUE(name, thread)                                        \
	wait_queue_t name = { (thread), LIST_HEAD_INIT((name).task_list) }
#define DEFINE_WAIT(name) DECLARE_WAITQUEUE(name, wq_current())

static inline void init_waitqueue_head(wait_queue_head_t *q)
{
	spin_lock_init(&q->lock);
	INIT_LIST_HEAD(&q->task_list);
}

/** waitqueue_active() - does any thread wait? A snapshot: make a barrier before it */
static inline int waitqueue_active(wait_queue_head_t *q)
{
	return __atomic_load_n(&q->task_list.next, __ATOMIC_RELAXED) != &q->task_list;
}

/* ---- Waking ----------------------------------------------------------------- */

/* Under the lock, which a waiter takes to leave: so no waiter that has left is touched. */
static inline void wq_wake_up(wait_queue_head_t *q, unsigned int states)
{
	struct list_head *entry;

	spin_lock(&q->lock);
	list_for_each (entry, &q->task_list)
		wq_wake_task(list_entry(entry, wait_queue_t, task_list)->task, states);
	spin_unlock(&q->lock);
}

/* All waiters look again; there are no exclusive ones. */
#define wake_up(q) wq_wake_up((q), TASK_NORMAL)
#define wake_up_all(q) wq_wake_up((q), TASK_NORMAL)
/* Without the waiters of the plain wait_event(). */
#define wake_up_interruptible(q) wq_wake_up((q), TASK_INTERRUPTIBLE)
#define wake_up_interruptible_all(q) wq_wake_up((q), TASK_INTERRUPTIBLE)

/* ---- Waiting step by step ------------------------------------------------------ */

static inline void add_wait_queue(wait_queue_head_t *q, wait_queue_t *wait)
{
	spin_lock(&q->lock);
	list_add(&wait->task_list, &q->task_list);
	spin_unlock(&q->lock);
}

static inline void remove_wait_queue(wait_queue_head_t *q, wait_queue_t *wait)
{
	spin_lock(&q->lock);
	list_del_init(&wait->task_list);
	spin_unlock(&q->lock);
}

/** prepare_to_wait() - get on the queue, unless there already, and announce a sleep */
static inline void prepare_to_wait(wait_queue_head_t *q, wait_queue_t *wait, unsigned int state)
{
	spin_lock(&q->lock);
	if (list_empty(&wait->task_list))
		list_add(&wait->task_list, &q->task_list);
	set_current_state(state);
	spin_unlock(&q->lock);
}

/** finish_wait() - get off the queue, awake */
static inline void finish_wait(wait_queue_head_t *q, wait_queue_t *wait)
{
	set_current_state(TASK_RUNNING);
	remove_wait_queue(q, wait);
}

/* ---- Waiting ----------------------------------------------------------------- */

/* @left is a long: jiffies, counted down. The condition is looked at before the clock. */
#define WQ_WAIT_EVENT(q, condition, state, left)                               \
	do {                                                                   \
		DEFINE_WAIT(wq_wait_);                                         \
		for (;;) {                                                     \
			prepare_to_wait(&(q), &wq_wait_, (state));             \
			if (condition) {                                       \
				if (!(left))                                   \
					(left) = 1;                            \
				break;                                         \
			}                                                      \
			if (!(left))                                           \
				break;                                         \
			(left) = schedule_timeout(left);                       \
		}                                                              \
		finish_wait(&(q), &wq_wait_);                                  \
	} while (0)

#define WQ_WAIT_EVENT_TIMEOUT(q, condition, state, timeout)                    \
	(__extension__({                                                       \
		long wq_left_ = (timeout);                                     \
		if (condition)                                                 \
			wq_left_ = wq_left_ ? wq_left_ : 1;                    \
		else                                                           \
			WQ_WAIT_EVENT(q, condition, state, wq_left_);          \
		wq_left_;                                                      \
	}))

/** wait_event() - sleep until @condition holds; it is looked at after each wake_up(&q) */
#define wait_event(q, condition)                                               \
	((void)WQ_WAIT_EVENT_TIMEOUT(q, condition, TASK_UNINTERRUPTIBLE,       \
				     MAX_SCHEDULE_TIMEOUT))

/** wait_event_interruptible() - wait_event() that is woken by either family. Return: 0 */
#define wait_event_interruptible(q, condition)                                 \
	(__extension__({                                                       \
		int wq_result_ = 0;                                            \
		(void)WQ_WAIT_EVENT_TIMEOUT(q, condition, TASK_INTERRUPTIBLE,  \
					    MAX_SCHEDULE_TIMEOUT);             \
		wq_result_;                                                    \
	}))

/** wait_event_timeout() - wait so many jiffies at most. Return: those left, 1 or more; 0 if over */
#define wait_event_timeout(q, condition, timeout)                              \
	WQ_WAIT_EVENT_TIMEOUT(q, condition, TASK_UNINTERRUPTIBLE, timeout)

#define wait_event_interruptible_timeout(q, condition, timeout)                \
	WQ_WAIT_EVENT_TIMEOUT(q, condition, TASK_INTERRUPTIBLE, timeout)

#endif /* WQ_LINUX_WAIT_H */
