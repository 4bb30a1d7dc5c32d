/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel threads over pthreads: made stopped, woken to begin, asked to end.
 *
 * kthread_stop() wakes the thread out of any sleep on a wait queue, in schedule() or
 * schedule_timeout(), as the kernel does. To notice that, a thread includes
 * kthread_should_stop() in what it waits for. Other blocking calls are not woken:
 * kthread_stop() waits until they return.
 *
 * If a thread's function returns before kthread_stop(), the thread is gone, and its
 * task_struct with it unless get_task_struct() has kept that. Asynchronous signals are
 * blocked in the threads. Their CPUs are their creator's until kthread_bind().
 */
#ifndef WQ_LINUX_KTHREAD_H
#define WQ_LINUX_KTHREAD_H

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/sched.h>

#include <workqueue/c_library.h>

enum {
	WQ_KTHREAD_BEGUN = 1, /* it has left its first sleep */
	WQ_KTHREAD_SHOULD_STOP = 2,
	WQ_KTHREAD_ENDED = 4
};

/* private: what task_struct.kthread leads to, and the task_struct itself */
struct wq_kthread {
	struct task_struct task;
	int (*fn)(void *data);
	void *data;
	pthread_t thread;
	int result;
	unsigned int flags;
	unsigned int users;
	struct completion created, ended;
};

/** get_task_struct() - keep a kthread's task_struct until put_task_struct() */
static inline void get_task_struct(struct task_struct *k)
{
	if (k->kthread)
		__atomic_fetch_add(&k->kthread->users, 1, __ATOMIC_RELAXED);
}

static inline void put_task_struct(struct task_struct *k)
{
	if (k->kthread && __atomic_sub_fetch(&k->kthread->users, 1, __ATOMIC_ACQ_REL) == 0)
		free(k->kthread);
}

/** kthread_should_stop() - has kthread_stop() been called for this thread? */
static inline bool kthread_should_stop(void)
{
	struct wq_kthread *self = wq_current()->kthread;

	return self && (__atomic_load_n(&self->flags, __ATOMIC_SEQ_CST) &
			WQ_KTHREAD_SHOULD_STOP) != 0;
}

/* The thread that stops this one joins it; otherwise it is detached. */
static inline void *wq_kthread_main(void *arg)
{
	struct wq_kthread *self = (struct wq_kthread *)arg;

	wq_current_task_ = &self->task;
	self->task.pid = wq_c_gettid();
	prctl(PR_SET_NAME, self->task.comm, 0, 0, 0);
	complete(&self->created);
	schedule();
	__atomic_fetch_or(&self->flags, WQ_KTHREAD_BEGUN, __ATOMIC_SEQ_CST);
	self->result = kthread_should_stop() ? -EINTR : self->fn(self->data);
	if (!(__atomic_fetch_or(&self->flags, WQ_KTHREAD_ENDED, __ATOMIC_SEQ_CST) &
	      WQ_KTHREAD_SHOULD_STOP))
		pthread_detach(pthread_self());
	complete_all(&self->ended);
	wq_current_task_ = NULL; /* destructors of thread-local variables may look */
	put_task_struct(&self->task);
	return NULL;
}

/* The signals a thread blocks: not those of its own faults, nor those that the C library uses. */
static inline void wq_kthread_blocks(struct wq_signals *set)
{
	static const int faults[] = { SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS };
	size_t i;

	wq_c_sigfillset(set);
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		wq_c_sigdelset(set, faults[i]);
}

static inline int wq_kthread_start(struct wq_kthread *k)
{
	struct wq_signals blocked;
	pthread_attr_t attr;
	int error = pthread_attr_init(&attr);

	if (error)
		return error;
	wq_kthread_blocks(&blocked);
	error = wq_c_attr_setsigmask(&attr, &blocked);
	if (!error)
		error = pthread_create(&k->thread, &attr, wq_kthread_main, k);
	pthread_attr_destroy(&attr);
	return error;
}

/**
 * kthread_create() - make a thread that begins at wake_up_process()
 * @fn: its function; returns when kthread_should_stop() holds, or earlier
 * @data: what @fn is given
 * @fmt: its name as for printf(), cut to 15 bytes
 *
 * Return: the thread, or ERR_PTR(-ENOMEM) or ERR_PTR(-EAGAIN)
 */
static inline __attribute__((format(printf, 3, 4), unused)) struct task_struct *
kthread_create(int (*fn)(void *data), void *data, const char *fmt, ...)
{
	struct wq_kthread *k = (struct wq_kthread *)calloc(1, sizeof(*k));
	va_list args;
	int error;

	if (!k)
		return (struct task_struct *)ERR_PTR(-ENOMEM);
	k->fn = fn;
	k->data = data;
	k->users = 2; /* the thread and, until the thread is known to run, its creator */
	k->task.kthread = k;
	k->task.state = TASK_UNINTERRUPTIBLE;
	init_completion(&k->created);
	init_completion(&k->ended);
	va_start(args, fmt);
	vsnprintf(k->task.comm, sizeof(k->task.comm), fmt, args);
	va_end(args);
	error = wq_kthread_start(k);
	if (error) {
		free(k);
		return (struct task_struct *)ERR_PTR(-error);
	}
	wait_for_completion(&k->created);
	put_task_struct(&k->task);
	return &k->task;
}

/**
 * kthread_bind() - bind a thread that has not begun to a CPU
 * @k: the thread; if it has begun, or been woken, it is left alone with a warning
 * @cpu: the CPU; if the process may not run there, the thread keeps the CPUs it has
 */
static inline void kthread_bind(struct task_struct *k, unsigned int cpu)
{
	unsigned long mask[64] = { 0 };

	if (WARN_ON(!k->kthread ||
		    __atomic_load_n(&k->state, __ATOMIC_SEQ_CST) == TASK_RUNNING ||
		    (__atomic_load_n(&k->kthread->flags, __ATOMIC_SEQ_CST) & WQ_KTHREAD_BEGUN)))
		return;
	if (cpu < 8 * sizeof(mask))
		mask[cpu / 64] = 1ul << (cpu % 64);
	wq_c_setaffinity(k->pid, sizeof(mask), mask);
}

/** kthread_run() - kthread_create(), and wake it at once */
#define kthread_run(fn, data, ...)                                             \
	(__extension__({                                                       \
		struct task_struct *wq_k_ = kthread_create((fn), (data), __VA_ARGS__); \
		if (!IS_ERR(wq_k_))                                            \
			wake_up_process(wq_k_);                                \
		wq_k_;                                                         \
	}))

/**
 * kthread_stop() - ask a thread to end, and wait for that
 * @k: the thread, which has not ended, or is kept by get_task_struct()
 *
 * Return: what its function returned; -EINTR if that was never called
 */
static inline int kthread_stop(struct task_struct *k)
{
	struct wq_kthread *self = k->kthread;
	unsigned int before;
	int result;

	get_task_struct(k);
	before = __atomic_fetch_or(&self->flags, WQ_KTHREAD_SHOULD_STOP, __ATOMIC_SEQ_CST);
	wake_up_process(k);
	wait_for_completion(&self->ended);
	if (!(before & (WQ_KTHREAD_SHOULD_STOP | WQ_KTHREAD_ENDED)))
		pthread_join(self->thread, NULL);
	result = self->result;
	put_task_struct(k);
	return result;
}

#endif /* WQ_LINUX_KTHREAD_H */
