/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's timers, in the spelling of 2.6.26 and in the later one. The kernel's
 * timer_delete() and that of POSIX are told apart by the type of their argument.
 */
#ifndef WQ_LINUX_TIMER_H
#define WQ_LINUX_TIMER_H

#include <workqueue.h>
#include <linux/jiffies.h>

#include <time.h>

#define TIMER_INITIALIZER(fn, expires, data) __TIMER_INITIALIZER(fn, expires, data, 0)

/** DEFINE_TIMER() - a timer whose function takes the timer itself */
#define DEFINE_TIMER(name, fn)                                                 \
	struct timer_list name = __TIMER_INITIALIZER(                          \
		(void (*)(unsigned long))(void (*)(void))(fn), 0, 0, TIMER_SELF)

static inline void wq_init_timer_inline(struct timer_list *timer, unsigned int flags)
{
	timer->entry.next = NULL;
	timer->entry.pprev = NULL;
	timer->base = NULL;
	timer->flags = flags;
	timer->seq = 0;
}

/** init_timer() - initialise a timer; set function, data and expires by hand */
static inline void init_timer(struct timer_list *timer)
{
	wq_init_timer_inline(timer, 0);
}

/** init_timer_deferrable() - init_timer() for one that never causes a wake-up */
static inline void init_timer_deferrable(struct timer_list *timer)
{
	wq_init_timer_inline(timer, TIMER_DEFERRABLE);
}

/** setup_timer() - initialise a timer whose function takes @data */
static inline void setup_timer(struct timer_list *timer,
			       void (*function)(unsigned long), unsigned long data)
{
	init_timer(timer);
	timer->function = function;
	timer->data = data;
}

/** timer_setup() - initialise a timer whose function takes the timer itself */
static inline void timer_setup(struct timer_list *timer,
			       void (*function)(struct timer_list *),
			       unsigned int flags)
{
	wq_init_timer_inline(timer, (flags & TIMER_DEFERRABLE) | TIMER_SELF);
	timer->function = (void (*)(unsigned long))(void (*)(void))function;
}

#define from_timer(var, callback_timer, timer_fieldname)                       \
	((__typeof__(var))(void *)((char *)(callback_timer) -                  \
				   offsetof(__typeof__(*var), timer_fieldname)))
#define timer_container_of from_timer

/** timer_pending() - is the timer armed? A snapshot. */
static inline int timer_pending(const struct timer_list *timer)
{
	return __atomic_load_n(&timer->entry.pprev, __ATOMIC_RELAXED) != NULL;
}

#ifdef __cplusplus
/** timer_delete() - del_timer(), for a kernel timer */
static inline int timer_delete(struct timer_list *timer)
{
	return del_timer(timer);
}
#elif defined(__USE_POSIX199309)
#define timer_delete(timer)                                                    \
	__extension__ _Generic((timer), struct timer_list *: del_timer, default: timer_delete)(timer)
#else
#define timer_delete(timer)                                                    \
	__extension__ _Generic((timer), struct timer_list *: del_timer)(timer)
#endif
#define timer_delete_sync(timer) del_timer_sync(timer)
#define timer_shutdown_sync(timer) del_timer_sync(timer)
#define del_singleshot_timer_sync(timer) del_timer_sync(timer)

#endif /* WQ_LINUX_TIMER_H */
