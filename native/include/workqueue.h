/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * DOC: Overview
 *
 * The Linux kernel's workqueue for user space. A work item is a struct the
 * caller owns, with a function in it; queueing the item makes a worker thread
 * call that function once.
 *
 *	#include <workqueue.h>
 *	#include <stdio.h>
 *
 *	static void hello(struct work_struct *work)
 *	{
 *		(void)work;
 *		puts("hello from a worker");
 *	}
 *
 *	int main(void)
 *	{
 *		static DECLARE_WORK(work, hello);
 *		struct workqueue_struct *wq = create_workqueue("demo");
 *
 *		if (!wq)
 *			return 1;
 *		queue_work(wq, &work);
 *		flush_workqueue(wq);
 *		destroy_workqueue(wq);
 *		return 0;
 *	}
 *
 * Build with: gcc demo.c $(pkg-config --cflags --libs workqueue)
 *
 * DOC: Lifetime
 *
 * The caller owns every work item and embeds it where it likes (container_of
 * finds the outer object). An item must not be copied or moved after it was
 * initialised. It must not be freed while it is pending. Once its function has
 * started, the library does not touch the item again: the function, or any other
 * thread, may free it, initialise it anew or queue it again. A queue must outlive
 * the items queued on it and the calls made with it.
 *
 * DOC: Threads
 *
 * Every call may be made from any thread: from constructors, from atexit
 * handlers, from work functions, from threads about to end and the destructors of
 * their keys. Calls whose Context line says "never blocks" wait for no item and no
 * timer. They may be made under the caller's spinlock: queue_work() takes no lock
 * while a worker is awake,
 * the others hold one for a few instructions. No call may be made from a signal
 * handler. No call is a cancellation point: a thread that is cancelled in one ends
 * after it.
 *
 * DOC: Fork
 *
 * Threads do not survive fork(). The parent notices nothing. In the child the
 * parent's queues are dead: queueing, flushing, closing and destroying them is
 * refused and reported. Items that were pending there can be cancelled. New queues,
 * timers and the system queues work. An item that was pending must be cancelled or
 * initialised anew before it is queued in the child.
 *
 * The program's own fork handlers may call every function, whenever they were
 * registered. A handler that runs in the child before the library's own finds the
 * library as described here. A work or timer function may fork. It should not return
 * in the child: the worker or timer thread that it would return to does not go on
 * there, so the thread ends, and the child with it.
 *
 * DOC: What a thread of the library has
 *
 * Workers, timer threads and the thread that watches the CPUs do not depend on which
 * thread happened to call first. Each has:
 *
 * - scheduling class SCHED_OTHER;
 * - nice -5, where that is permitted;
 * - the CPU of its queue or timers, or all of the process's CPUs;
 * - all asynchronous signals blocked; for workers wq_set_worker_signals() can change
 *   that;
 * - the stack size of wq_set_worker_stack_size();
 * - no I/O priority;
 * - the process's effective ids for the file system;
 * - cancellation turned off.
 *
 * If the system refuses one of these, the thread goes on without it. A refused class or
 * CPU, or a worker's refused nice value, is reported with level WQ_LOG_DEBUG.
 *
 * All else is inherited from the thread that starts it, because programs set it for
 * all of their threads: timer slack, memory policy, cgroup, capabilities, seccomp
 * filters, namespaces, modes of the floating-point unit. A start hook
 * (wq_set_worker_hooks()) may change it.
 *
 * A program may sandbox itself, before its first call or after. If the sandbox
 * refuses membarrier, timerfd_*, sched_*, prctl, setpriority, socket and such, the
 * library works without them, more slowly. It does need futex. Without futex, a wait
 * looks again every millisecond, and a worker that fell asleep earlier cannot be
 * woken; that is written to standard error.
 *
 * DOC: Lockdep
 *
 * Lockdep is on with WQ_LOCKDEP=1 in the environment, or after wq_lockdep_enable().
 * The library then remembers each wait: what was waited for, and what the thread held
 * meanwhile; both may be queues, items or locks. If the waits together could
 * deadlock, it reports that once, even in a run that does not deadlock. The report
 * is made before the wait, and then the wait goes on. It names the thread, what it
 * waits for, the ring of classes that leads back to it, and the call stack.
 *
 *	flush_workqueue(), destroy_workqueue() and their like wait for a queue, the
 *	cancel_..._sync() calls for an item, lock_map_acquire() for a lock. A thread
 *	holds the locks it acquired, and in an item's function the queue and the item.
 *
 * Order is learnt by class:
 *
 * - All queues made by one create_workqueue() in the source are one class. A queue
 *   that was made without a key, as by FFI callers, has the class of its name.
 * - The class of an item is its function, and the name of the class is that
 *   function's symbol: struct work_struct has no room for another.
 *
 * So two correct programs can be reported. One has a function that serves two queues
 * in opposite roles: make two functions of it. The other has an item that flushes
 * another queue of its own queue's class: create that queue elsewhere in the source.
 * dlclose() of a plug-in makes lockdep forget the plug-in's classes.
 *
 * The program's own locks take part through struct lockdep_map. The locks of
 * linux/mutex.h and linux/spinlock.h take part if the program is compiled with
 * CONFIG_LOCKDEP defined: all of the program, or no file of it. A program that calls
 * wq_lockdep_enable() calls it while no lock is held.
 *
 * A lock that a work function takes and does not release is reported when the
 * function returns ("BUG: workqueue leaked lock or atomic"), and then counts as
 * released.
 *
 * Two things are not reported: an item that flushes its own single-threaded queue,
 * and a function that cancels another item with the same function. An item that
 * flushes its own queue is reported if the queue has a worker on each of several
 * CPUs: two such items wait for one another.
 *
 * DOC: Stalls
 *
 * A wait of the library that lasts 30 seconds is reported. The report names the
 * thread that waits, the call it waits in, the worker it waits for, and what that
 * worker runs. If that worker waits too, the report goes on with the one it waits
 * for, until a worker does not wait or the ring is closed. The wait is reported again
 * after 60 seconds, 120 and so on. WQ_STALL_TIMEOUT_MS or wq_set_stall_timeout_ms()
 * set another time. Waits for a frozen queue, for a timer and in del_timer_sync() are
 * not reported. Only the waiting thread wakes up for this.
 *
 * DOC: Debugging
 *
 * Misuse is reported through wq_set_log_handler(), by default to standard error. If
 * a pending item or timer was initialised again, freed or overwritten, its list is
 * broken: the library reports that when it comes across the place, and aborts.
 *
 * With WQ_DEBUG=1 in the environment, read by the first call, reports of level
 * WQ_LOG_DEBUG appear, and more is checked:
 *
 * - A work function must leave its thread as it found it: signal mask, CPU affinity,
 *   nice value, thread name, wq_interrupt_enter() depth. A change is reported with
 *   the function's name ("BUG: workqueue leaked lock or atomic") and undone.
 * - The library keeps a table of pending items. If an item is initialised again,
 *   freed or overwritten while it is pending, the library notices when the item is
 *   queued again or its worker takes it. It reports the function and the queue that
 *   the item was queued with, and aborts.
 *
 * - An item of a queue with WQ_BH must not sleep. If its function makes a call of this
 *   library that waits for items, whether it would have to wait or not, or does wait in
 *   a call of linux/, that is reported once for each function ("BUG: sleeping function
 *   called from invalid context"), with the call, the function and the queue. The call
 *   then does its work. As in the kernel, cancel_work_sync() and its like may be called
 *   there for items of queues with WQ_BH.
 *
 * These checks cost a few microseconds for each item.
 *
 * A work function that crashes is on the stack of its thread in the core file.
 *
 * DOC: Differences from Linux
 *
 * Functions that return int in old kernels and bool in new ones return bool.
 * Queue names are copied. Broken invariants are reported through
 * wq_set_log_handler(); where going on could lose work, the process aborts.
 * "Online" CPUs are those the process may run on. PORTING.md has the whole table.
 *
 * DOC: Unloading
 *
 * The library stays in the process until it ends; dlclose() is harmless.
 *
 * Before a plug-in is unloaded it must end all that leads to its code: its queues,
 * items and timers, the log handler and the notifier blocks it has set. It must not
 * set worker hooks: workers that start while they are set, such as those of the
 * system queues, keep them.
 */
#ifndef WORKQUEUE_H
#define WORKQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define WQ_STATIC_ASSERT(cond, text) static_assert(cond, text)
#define __WQ_POINTER(type, p) reinterpret_cast<type *>(p)
#define __WQ_ADDRESS(p) reinterpret_cast<uintptr_t>(p)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define WQ_STATIC_ASSERT(cond, text) _Static_assert(cond, text)
#else
/* Older C: a constant, named by its line, which divides by zero. */
#define WQ_STATIC_ASSERT(cond, text) WQ_STATIC_ASSERT_AT(cond, __LINE__)
#define WQ_STATIC_ASSERT_AT(cond, line) WQ_STATIC_ASSERT_AS(cond, line)
#define WQ_STATIC_ASSERT_AS(cond, line) enum { wq_assert_##line = 1 / !!(cond) }
#endif
#ifndef __cplusplus
#define __WQ_POINTER(type, p) ((type *)(void *)(p))
#define __WQ_ADDRESS(p) ((uintptr_t)(p))
#endif

/* ---- Types -------------------------------------------------------------- */

#ifndef WQ_HAVE_LIST_HEAD
#define WQ_HAVE_LIST_HEAD
struct list_head {
	struct list_head *next, *prev;
};
#endif

struct work_struct;
struct workqueue_struct;
struct notifier_block;

/**
 * struct lock_class_key - its address is a lock class
 *
 * In static storage: classes are never forgotten.
 */
struct lock_class_key {
	/* private: */
	char unused;
};

/**
 * struct lockdep_map - a lock of the program's, for lockdep
 * @key: its class; NULL if the map is a class by itself, and in static storage
 * @name: for reports
 *
 * Lives in the lock. Must not be copied or moved while held.
 */
struct lockdep_map {
	struct lock_class_key *key;
	const char *name;
	/* private: */
	unsigned int subclass;
	int class_id;
};

WQ_STATIC_ASSERT(sizeof(struct lockdep_map) == 24, "lockdep_map is 24 bytes");

/**
 * typedef work_func_t - what a work item does
 * @work: the item being run; container_of() finds the object around it
 *
 * Runs on a worker thread of the queue, may block, and may call everything in
 * this header. It must return. A C++ exception or pthread_exit() out of it is
 * reported with its name and aborts; longjmp() out of it is undefined. It may catch
 * exceptions and jump within itself. Cancellation is off on workers, so
 * pthread_cancel() of a worker does nothing. The function may end the process.
 */
typedef void (*work_func_t)(struct work_struct *work);

/**
 * struct work_struct - one piece of work
 * @func: the function to run; change it with PREPARE_WORK()
 *
 * Must not be copied or moved after INIT_WORK().
 */
struct work_struct {
	/* private: state bits and the queue last used */
	unsigned long data;
	/* private: link while pending, else empty */
	struct list_head entry;
	/* public: */
	work_func_t func;
};

WQ_STATIC_ASSERT(sizeof(unsigned long) == 8, "LP64 only");
WQ_STATIC_ASSERT(sizeof(struct work_struct) == 32, "work_struct is 32 bytes");
WQ_STATIC_ASSERT(offsetof(struct work_struct, func) == 24, "func is at 24");

/**
 * struct timer_list - a kernel timer; linux/timer.h has its calls
 * @expires: when it fires, in jiffies; read it freely
 * @function: what it calls
 * @data: what @function is given, unless it was set up by timer_setup()
 *
 * Must not be copied or moved while pending.
 */
struct timer_list {
	/* private: */
	struct {
		void *next;
		void **pprev;
	} entry;
	/* public: */
	unsigned long expires;
	void (*function)(unsigned long data);
	unsigned long data;
	/* private: */
	uint64_t deadline_ns;
	void *base;
	unsigned int flags;
	unsigned int seq;
};

WQ_STATIC_ASSERT(sizeof(struct timer_list) == 64, "timer_list is 64 bytes");

/** enum - bits of timer_list.flags that initialisers set */
enum {
	TIMER_SELF = 0x00040000, /* @function takes the timer, not @data */
	TIMER_DEFERRABLE = 0x00080000 /* never causes a wake-up */
};

/**
 * struct delayed_work - a work item that is queued after a delay
 * @work: the item; its function finds the delayed_work with to_delayed_work()
 * @timer: pending while the delay runs; @timer.expires may be read
 */
struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
};

WQ_STATIC_ASSERT(sizeof(struct delayed_work) == 96, "delayed_work is 96 bytes");

/** struct execute_work - storage for execute_in_process_context() */
struct execute_work {
	struct work_struct work;
};

/** enum - the bit of work_struct.data that callers may name; the others are the library's */
enum {
	WORK_STRUCT_PENDING = 0 /* bit number: the item is queued */
};

/** enum wq_log_level - severity of a report, the kernel's numbers */
enum wq_log_level {
	WQ_LOG_CRIT = 2,    /* a broken invariant; abort() follows */
	WQ_LOG_ERR = 3,     /* misuse or failure; the call was refused */
	WQ_LOG_WARNING = 4, /* suspicious; the call went on */
	WQ_LOG_DEBUG = 7    /* made only with WQ_DEBUG=1 */
};

/** enum - what work_busy() answers: any of them, or 0 */
enum {
	WORK_BUSY_PENDING = 1 << 0, /* queued, or with its timer */
	WORK_BUSY_RUNNING = 1 << 1  /* a worker is inside its function */
};

/** enum - a number that is no CPU's, for calls that take one: the caller's CPU */
enum {
	WORK_CPU_UNBOUND = 4096
};

enum {
	WORKER_DESC_LEN = 32 /* bytes that set_worker_desc() keeps, with the 0 at the end */
};

enum { WORKQUEUE_ABI_VERSION = 1 };

/* ---- Initialisers ------------------------------------------------------- */

#define WORK_DATA_INIT() 0UL
#define work_data_bits(work) (&(work)->data)

#define __WORK_INITIALIZER(n, f)                                               \
	{                                                                      \
		WORK_DATA_INIT(), { &(n).entry, &(n).entry }, (f)              \
	}

/**
 * DECLARE_WORK() - define and initialise a work item
 * @n: name of the variable; may follow "static"
 * @f: its function
 */
#define DECLARE_WORK(n, f) struct work_struct n = __WORK_INITIALIZER(n, f)

#define __TIMER_INITIALIZER(fn, expires_, data_, flags_)                       \
	{                                                                      \
		{ NULL, NULL }, (expires_), (fn), (data_), 0, NULL, (flags_), 0 \
	}

#define __DELAYED_WORK_INITIALIZER(n, f, flags)                                \
	{                                                                      \
		__WORK_INITIALIZER((n).work, (f)),                             \
			__TIMER_INITIALIZER(NULL, 0, 0, (flags))               \
	}

/**
 * DECLARE_DELAYED_WORK() - define and initialise a delayed work
 * @n: name of the variable; may follow "static"
 * @f: its function
 */
#define DECLARE_DELAYED_WORK(n, f)                                             \
	struct delayed_work n = __DELAYED_WORK_INITIALIZER(n, f, 0)

/** DECLARE_DEFERRABLE_WORK() - the same with a deferrable timer */
#define DECLARE_DEFERRABLE_WORK(n, f)                                          \
	struct delayed_work n =                                                \
		__DELAYED_WORK_INITIALIZER(n, f, TIMER_DEFERRABLE)

/**
 * PREPARE_WORK() - give a work item another function
 * @_work: an initialised item, idle or pending
 * @_func: what the next run calls. The worker reads it when it takes the item, so a
 *	run that is about to begin may still call the former function
 */
/* The conditional turns a function's name into a pointer, in C++ too. */
#define PREPARE_WORK(_work, _func)                                             \
	__atomic_store_n(&(_work)->func, 1 ? (_func) : (_work)->func,          \
			 __ATOMIC_RELAXED)

/**
 * INIT_WORK() - initialise a work item at the address where it will live
 * @_work: the item; not pending
 * @_func: its function; NULL if PREPARE_WORK() follows before it is queued
 *
 * FFI callers use wq_init_work().
 */
#define INIT_WORK(_work, _func)                                                \
	do {                                                                   \
		__atomic_store_n(work_data_bits(_work), WORK_DATA_INIT(),      \
				 __ATOMIC_RELAXED);                            \
		(_work)->entry.next = &(_work)->entry;                         \
		(_work)->entry.prev = &(_work)->entry;                         \
		PREPARE_WORK(_work, _func);                                    \
	} while (0)

/** PREPARE_DELAYED_WORK() - PREPARE_WORK() for a delayed work */
#define PREPARE_DELAYED_WORK(_dwork, _func) PREPARE_WORK(&(_dwork)->work, _func)

#define __INIT_DELAYED_WORK(_dwork, _func, _flags)                             \
	do {                                                                   \
		INIT_WORK(&(_dwork)->work, _func);                             \
		(_dwork)->timer.entry.next = NULL;                             \
		(_dwork)->timer.entry.pprev = NULL;                            \
		(_dwork)->timer.base = NULL;                                   \
		(_dwork)->timer.flags = (_flags);                              \
		(_dwork)->timer.seq = 0;                                       \
	} while (0)

/**
 * INIT_DELAYED_WORK() - initialise a delayed work at the address it will have
 * @_dwork: the delayed work; neither pending nor armed
 * @_func: its function
 *
 * FFI callers use wq_init_delayed_work().
 */
#define INIT_DELAYED_WORK(_dwork, _func) __INIT_DELAYED_WORK(_dwork, _func, 0)

/**
 * INIT_DELAYED_WORK_DEFERRABLE() - the same with a deferrable timer
 *
 * A deferrable timer wakes no thread: it fires with the next timer that does.
 */
#define INIT_DELAYED_WORK_DEFERRABLE(_dwork, _func)                            \
	__INIT_DELAYED_WORK(_dwork, _func, TIMER_DEFERRABLE)

/** INIT_DEFERRABLE_WORK() - the later spelling of the same */
#define INIT_DEFERRABLE_WORK(_dwork, _func)                                    \
	INIT_DELAYED_WORK_DEFERRABLE(_dwork, _func)

/** INIT_WORK_ONSTACK() - INIT_WORK() of an item on the stack; destroy_work_on_stack() ends it */
#define INIT_WORK_ONSTACK(_work, _func) INIT_WORK(_work, _func)

/** INIT_DELAYED_WORK_ONSTACK() - INIT_DELAYED_WORK() likewise; destroy_delayed_work_on_stack() ends it */
#define INIT_DELAYED_WORK_ONSTACK(_dwork, _func) INIT_DELAYED_WORK(_dwork, _func)

/** INIT_DEFERRABLE_WORK_ONSTACK() - INIT_DEFERRABLE_WORK() likewise */
#define INIT_DEFERRABLE_WORK_ONSTACK(_dwork, _func)                            \
	INIT_DEFERRABLE_WORK(_dwork, _func)

/** to_delayed_work() - the delayed work whose item @_work is */
#define to_delayed_work(_work) __WQ_POINTER(struct delayed_work, _work)

/**
 * from_work() - the object around the item that a function was called with
 * @var: the variable that will point to it; its type is looked at, not its value
 * @callback_work: the item
 * @work_fieldname: the item's name in the object; of a delayed work, with ".work"
 *
 *	struct job *job = from_work(job, work, item);
 */
#define from_work(var, callback_work, work_fieldname)                          \
	(__extension__({                                                       \
		const struct work_struct *wq_from_ = (callback_work);          \
		__WQ_POINTER(__typeof__(*(var)),                               \
			     __WQ_ADDRESS(wq_from_) -                          \
				     offsetof(__typeof__(*(var)),              \
					      work_fieldname));                \
	}))

/**
 * work_pending() - is the item queued and its run not yet begun?
 * @work: an initialised item
 *
 * A snapshot, no barrier. FFI callers use wq_work_pending().
 */
#define work_pending(work)                                                     \
	((__atomic_load_n(work_data_bits(work), __ATOMIC_RELAXED) &            \
	  (1UL << WORK_STRUCT_PENDING)) != 0)

/** delayed_work_pending() - work_pending(): is the timer armed, or the item queued? */
#define delayed_work_pending(dwork) work_pending(&(dwork)->work)

/**
 * work_clear_pending() - clear the pending bit by hand
 * @work: an item that the caller knows no queue holds
 *
 * FFI callers use wq_work_clear_pending().
 */
#define work_clear_pending(work)                                               \
	((void)__atomic_fetch_and(work_data_bits(work),                        \
				  ~(1UL << WORK_STRUCT_PENDING),               \
				  __ATOMIC_SEQ_CST))

/** wq_init_work() - INIT_WORK() for callers without a C preprocessor */
void wq_init_work(struct work_struct *work, work_func_t func);

/** wq_init_delayed_work() - INIT_DELAYED_WORK() or its deferrable twin, likewise */
void wq_init_delayed_work(struct delayed_work *dwork, work_func_t func,
			  bool deferrable);

/** wq_work_pending() - work_pending() for callers without a C preprocessor */
bool wq_work_pending(const struct work_struct *work);

/** wq_work_clear_pending() - work_clear_pending() for such callers */
void wq_work_clear_pending(struct work_struct *work);

/**
 * destroy_work_on_stack() - say that an item on the stack is about to go
 * @work: the item; neither pending nor running any more
 *
 * It does nothing as a rule. With WQ_DEBUG=1 an item that is still pending is reported
 * with its function and queue, and is cancelled as cancel_work_sync() does it.
 *
 * Context: never blocks if @work is not pending.
 * Return:  nothing.
 */
void destroy_work_on_stack(struct work_struct *work);

/**
 * destroy_delayed_work_on_stack() - the same for a delayed work
 * @dwork: the delayed work; its timer is not armed either
 *
 * Context: as destroy_work_on_stack().
 * Return:  nothing.
 */
void destroy_delayed_work_on_stack(struct delayed_work *dwork);

/* ---- Lifecycle of a queue ------------------------------------------------ */

/**
 * __create_workqueue_key() - create a classic workqueue
 * @name: becomes the workers' thread name; copied, longer than 31 bytes is cut
 *	with a warning
 * @singlethread: nonzero for one unbound worker called "name", else one worker
 *	per CPU the process may run on, bound to it and called "name/cpu"
 * @freezeable: nonzero if freezing the process's queues stops this one
 * @key: lock class of the call site; NULL: the class of @name
 * @lock_name: name of the class of @key, or NULL for @name; kept, not copied
 *
 * Workers start at once, with nice -5 where that is permitted and every
 * asynchronous signal blocked (see wq_set_worker_signals()).
 *
 * Context: may block. Any thread.
 * Return:  the queue, or NULL with errno EINVAL (@name NULL),
 *	    ENOMEM, or what pthread_create() failed with, EAGAIN as a rule.
 */
struct workqueue_struct *__create_workqueue_key(const char *name,
						int singlethread,
						int freezeable,
						struct lock_class_key *key,
						const char *lock_name);

/**
 * create_workqueue() - create a queue with one bound worker per CPU
 * @name: see __create_workqueue_key()
 *
 * One item may run on two CPUs at once, if it is queued from both.
 *
 * Context: may block. Any thread.
 * Return:  the queue, or NULL with errno as __create_workqueue_key().
 */
struct workqueue_struct *create_workqueue(const char *name);

/**
 * create_singlethread_workqueue() - create a queue with one unbound worker
 * @name: see __create_workqueue_key()
 *
 * Items run one at a time, in the order they were queued.
 *
 * Context: may block. Any thread.
 * Return:  the queue, or NULL with errno as __create_workqueue_key().
 */
struct workqueue_struct *create_singlethread_workqueue(const char *name);

/**
 * create_freezeable_workqueue() - a single-threaded queue that can be frozen
 * @name: see __create_workqueue_key()
 *
 * See freeze_workqueues_begin().
 *
 * Context: may block. Any thread.
 * Return:  the queue, or NULL with errno as __create_workqueue_key().
 */
struct workqueue_struct *create_freezeable_workqueue(const char *name);

/** create_freezable_workqueue() - the later spelling of the same */
struct workqueue_struct *create_freezable_workqueue(const char *name);

/* A separate lock class for each place in the source where this stands. */
#ifdef __cplusplus
#define __WQ_CALL_SITE_KEY()                                                   \
	([]() -> struct lock_class_key * {                                     \
		static struct lock_class_key __key;                            \
		return &__key;                                                 \
	}())
#else
#define __WQ_CALL_SITE_KEY()                                                   \
	(__extension__({                                                       \
		static struct lock_class_key __key;                            \
		&__key;                                                        \
	}))
#endif

/*
 * As in the kernel, the create functions are macros that give each call site a
 * class; (create_workqueue)(name) and pointers to the functions work as well.
 */
#define __create_workqueue(name, singlethread, freezeable)                     \
	__create_workqueue_key((name), (singlethread), (freezeable),           \
			       __WQ_CALL_SITE_KEY(),                           \
			       __builtin_constant_p(name) ? (name) : #name)
#define create_workqueue(name) __create_workqueue(name, 0, 0)
#define create_singlethread_workqueue(name) __create_workqueue(name, 1, 0)
#define create_freezeable_workqueue(name) __create_workqueue(name, 1, 1)
#define create_freezable_workqueue(name) __create_workqueue(name, 1, 1)

/* ---- Queues on shared pools ---------------------------------------------- */

/**
 * enum wq_flags - what alloc_workqueue() is asked for
 * @WQ_BH: items run soon and must not sleep; here they run as with WQ_HIGHPRI, and one
 *	that sleeps does so, but with WQ_DEBUG=1 it is reported
 * @WQ_UNBOUND: items run on any CPU, and start as soon as they are queued
 * @WQ_FREEZABLE: freeze_workqueues_begin() stops the queue between two items
 * @WQ_MEM_RECLAIM: the queue has a thread of its own from the start, its rescuer, named
 *	"kworker/R-" and the queue's name. It sleeps until a worker is needed and none can
 *	be made, as there are no threads or no memory to be had; then it runs the queue's
 *	items, one after another. So an item must not wait for another one of the queue
 * @WQ_HIGHPRI: items run on the pools of high priority, whose workers have nice -20
 *	where that is permitted
 * @WQ_CPU_INTENSIVE: an item does not hold up the others of its CPU from its start on; one
 *	of another queue does not after it has computed for 10 ms. Means nothing with
 *	@WQ_UNBOUND
 * @WQ_SYSFS: accepted; there is no sysfs to show the queue in
 * @WQ_POWER_EFFICIENT: accepted, and means nothing here
 * @WQ_PERCPU: items run on the CPU that queued them; that is so without @WQ_UNBOUND in any
 *	case
 */
enum wq_flags {
	WQ_BH = 1 << 0,
	WQ_UNBOUND = 1 << 1,
	WQ_FREEZABLE = 1 << 2,
	WQ_MEM_RECLAIM = 1 << 3,
	WQ_HIGHPRI = 1 << 4,
	WQ_CPU_INTENSIVE = 1 << 5,
	WQ_SYSFS = 1 << 6,
	WQ_POWER_EFFICIENT = 1 << 7,
	WQ_PERCPU = 1 << 8,
	__WQ_ORDERED = 1 << 17 /* internal */
};

enum {
	WQ_MAX_ACTIVE = 2048,
	WQ_UNBOUND_MAX_ACTIVE = WQ_MAX_ACTIVE,
	WQ_DFL_ACTIVE = WQ_MAX_ACTIVE / 2,
	WQ_DFL_MIN_ACTIVE = 8
};

/**
 * alloc_workqueue() - create a queue that shares its workers with others
 * @fmt: printf format of the name; longer than 31 bytes it is cut, with a warning
 * @flags: of enum wq_flags
 * @max_active: how many items of the queue may run at once: for each CPU, or with
 *	WQ_UNBOUND in all; 0 for the default; clamped to 1 to WQ_MAX_ACTIVE, of an
 *	ordered queue to 1, with a warning
 *
 * No thread is started, but with WQ_MEM_RECLAIM the rescuer, and a timer's thread if there
 * is none yet. Each CPU has a pool of workers for all such queues, and one more
 * for those with WQ_HIGHPRI; WQ_UNBOUND queues share pools that are bound to no CPU. A
 * pool makes workers as it needs them. In a CPU's pool one runs at a time; when it waits,
 * in a call of this library or in a system call, another goes on. Workers that have
 * slept for five minutes end. While a CPU is offline its pool works on, with workers that
 * may run on all online CPUs, and is bound to the CPU again when that is back.
 *
 * - An item never runs twice at once, from whatever CPU it is queued. If it is queued
 *   while it runs, it runs again afterwards, on the same worker.
 * - Items beyond @max_active wait, in order, until others have ended.
 * - An item may wait for another one of the same queue, earlier or later, if @max_active
 *   allows both to run.
 *
 * Context: does not block. Any thread.
 * Return:  the queue, or NULL with errno EINVAL (@fmt NULL, unknown @flags), ENOMEM, or
 *	    with WQ_MEM_RECLAIM EAGAIN: no thread can be started.
 * Mirrors: alloc_workqueue().
 */
struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags, int max_active, ...)
	__attribute__((format(printf, 1, 4)));

/**
 * alloc_ordered_workqueue() - create a queue that runs one item at a time, in order
 * @fmt: see alloc_workqueue()
 * @flags: WQ_FREEZABLE, WQ_MEM_RECLAIM, WQ_HIGHPRI or 0
 *
 * Items run in the order in which they were queued, from whatever CPU, on any CPU.
 *
 * Context: does not block. Any thread.
 * Return:  as alloc_workqueue().
 */
struct workqueue_struct *alloc_ordered_workqueue(const char *fmt, unsigned int flags, ...)
	__attribute__((format(printf, 1, 3)));

/**
 * wq_alloc_workqueue() - alloc_workqueue() with a finished name, for other languages
 * @name: the name, not a format
 * @flags: of enum wq_flags
 * @max_active: see alloc_workqueue()
 *
 * Context: does not block. Any thread.
 * Return:  the queue, or NULL with errno EINVAL (@name NULL, unknown @flags), ENOMEM, or
 *	    with WQ_MEM_RECLAIM EAGAIN: no thread can be started.
 */
struct workqueue_struct *wq_alloc_workqueue(const char *name, unsigned int flags, int max_active);

/**
 * workqueue_set_max_active() - change how many items of a queue may run at once
 * @wq: a queue of alloc_workqueue()
 * @max_active: as alloc_workqueue(); clamped to 1 to WQ_MAX_ACTIVE, with a warning, and
 *	0 is no default here
 *
 * Raised, it starts items that wait for room before it returns; items that a worker
 * has taken to run one after another follow within milliseconds. Lowered, it stops
 * nothing: items that are active already end, and fewer follow. While the queue is
 * frozen the number is kept for the thaw.
 *
 * The limit of an ordered queue, of one with WQ_BH and of the classic queues is
 * fixed: the call is reported and changes nothing.
 *
 * Context: never blocks: it takes locks that are held for some instructions. Any
 *	    thread, also from @wq's items.
 * Return:  nothing.
 * Mirrors: workqueue_set_max_active().
 */
void workqueue_set_max_active(struct workqueue_struct *wq, int max_active);

/**
 * workqueue_set_min_active() - say how many items each memory node may run at least
 * @wq: a queue with WQ_UNBOUND that is not ordered; of another the call is reported
 * @min_active: how many
 *
 * The kernel divides @max_active among the memory nodes, and this is what each has at
 * least. Here it is not divided: one pool serves all nodes, and the call changes nothing.
 *
 * Context: never blocks. Any thread.
 * Return:  nothing.
 * Mirrors: workqueue_set_min_active().
 */
void workqueue_set_min_active(struct workqueue_struct *wq, int min_active);

/**
 * destroy_workqueue() - run what is pending, end the workers, free the queue
 * @wq: the queue; NULL is ignored
 *
 * Items pending at the call run before it returns. Delayed work whose timer is
 * armed is cancelled, and the log says how many. Nothing may be queued on @wq
 * during or after the call; an attempt afterwards is reported and refused. If one of
 * @wq's own workers makes the call, that is reported and the queue lives on. If
 * other threads may still be about to use @wq, call wq_close_workqueue() first;
 * destroy_workqueue() then frees @wq at once.
 *
 * Context: may block until the last item has run, unless @wq is closed. Not from
 *	    @wq's workers.
 * Return:  nothing.
 */
void destroy_workqueue(struct workqueue_struct *wq);

/**
 * wq_close_workqueue() - end a queue that other threads may still be about to use
 * @wq: the queue; NULL is reported
 *
 * A program ends such a queue in three steps:
 *
 * 1. It calls wq_close_workqueue().
 * 2. It makes sure that no thread has the pointer any more, for instance by joining
 *    threads.
 * 3. It calls destroy_workqueue(), which does not block then.
 *
 * The call does what destroy_workqueue() does, but @wq itself stays, closed, until
 * step 3. An item that is queued during the call runs, or is refused. An item that
 * is queued afterwards is refused: the calls return false with errno ESHUTDOWN, and
 * that is not reported. While an item is being refused it is pending for some
 * instructions: another thread that queues it elsewhere at that moment is told that
 * it was pending. Delayed work whose timer is armed, even during the call, is
 * cancelled, and the log says how many. Flushing and cancelling go on working.
 *
 * Context: may block until the last item has run. Not from @wq's workers: that is
 *	    reported, and the queue lives on. A second call is reported too.
 * Return:  nothing.
 */
void wq_close_workqueue(struct workqueue_struct *wq);

/**
 * DOC: Queues of every program
 *
 * There are queues that every program has, for items that need no queue of their own. They are
 * queues of alloc_workqueue() with the default max_active, and share its pools:
 *
 *	system_wq, system_percpu_wq	WQ_PERCPU; schedule_work() queues here. One queue with
 *					two names; other tools call it "events"
 *	system_highpri_wq		WQ_PERCPU | WQ_HIGHPRI
 *	system_long_wq			WQ_PERCPU, for items that run long
 *	system_unbound_wq, system_dfl_wq  WQ_UNBOUND with max_active WQ_MAX_ACTIVE; one queue with
 *					two names
 *	system_dfl_long_wq		the same, for items that run long
 *	system_freezable_wq		WQ_PERCPU | WQ_FREEZABLE
 *	system_power_efficient_wq	WQ_PERCPU | WQ_POWER_EFFICIENT
 *	system_freezable_power_efficient_wq  both
 *	system_bh_wq			WQ_PERCPU | WQ_BH
 *	system_bh_highpri_wq		WQ_PERCPU | WQ_BH | WQ_HIGHPRI
 *
 * They are there from the loading of the library on: constructors may use them, and an
 * initialiser may have their address (&system_wq). No thread is started and hardly any
 * memory used before the first item. The values never change. In a forked child each is a
 * queue of the child's own; what was pending there in the parent is as on any queue of the
 * parent. The symbols are NULL only if there was no memory at the loading; if there is none
 * at a queue's first use, the call is reported and fails with ENOMEM.
 *
 * Do not assign to them. Destroying or closing one is reported and refused. Flushing one
 * waits for other people's items, which may wait for the caller: the kernel warns of it at
 * compile time. Better to flush or cancel the item, or to make a queue.
 */
extern struct workqueue_struct *system_wq;
extern struct workqueue_struct *system_percpu_wq;
extern struct workqueue_struct *system_highpri_wq;
extern struct workqueue_struct *system_long_wq;
extern struct workqueue_struct *system_unbound_wq;
extern struct workqueue_struct *system_dfl_wq;
extern struct workqueue_struct *system_dfl_long_wq;
extern struct workqueue_struct *system_freezable_wq;
extern struct workqueue_struct *system_power_efficient_wq;
extern struct workqueue_struct *system_freezable_power_efficient_wq;
extern struct workqueue_struct *system_bh_wq;
extern struct workqueue_struct *system_bh_highpri_wq;

/* ---- Queueing ------------------------------------------------------------ */

/**
 * queue_work() - queue an item
 * @wq: where to run it
 * @work: the item
 *
 * Accepts @work unless it is pending already. On a per-CPU queue it runs on
 * the CPU of the caller. The pending bit is cleared before the function is
 * called, so that queueing during the run gives one more run. Items queued on
 * one CPU's worker run in the order they were queued.
 *
 * Memory:  stores before the call are visible to the run that follows it, also
 *	    if it returns false.
 * Context: never blocks, takes no lock. Any thread, also from @work's function.
 * Return:  true if @work was queued, false if it was pending already, or is being
 *	    cancelled or disabled (then no run follows), or if a misuse was reported (NULL, no
 *	    function, never initialised, queue destroyed); with errno ESHUTDOWN if the
 *	    queue is closed, destroyed or being drained.
 */
bool queue_work(struct workqueue_struct *wq, struct work_struct *work);

/**
 * queue_work_on() - queue_work() on the worker of a given CPU
 * @cpu: where it runs; WORK_CPU_UNBOUND, -1 or out of range means the caller's. If
 *	that CPU is offline, the worker that serves it meanwhile runs it, or on a queue of
 *	alloc_workqueue() the CPU's own workers, on the CPUs that are online
 * @wq: where to run it; with one worker for all CPUs, that one
 * @work: the item
 *
 * The kernel has it since 2.6.27.
 *
 * Memory:  as queue_work().
 * Context: as queue_work().
 * Return:  as queue_work().
 */
bool queue_work_on(int cpu, struct workqueue_struct *wq, struct work_struct *work);

/**
 * queue_work_node() - queue_work() for the CPUs of a memory node
 * @node: the node's number; -1 (NUMA_NO_NODE) or out of range for any
 * @wq: a queue whose items may run on any CPU: of WQ_UNBOUND, or with a single worker
 * @work: the item
 *
 * Here the workers of such a queue serve the whole machine, so @node makes no
 * difference. On a queue of another kind the item is queued as by queue_work(), and
 * the first such call is reported.
 *
 * Memory:  as queue_work().
 * Context: as queue_work().
 * Return:  as queue_work().
 * Mirrors: queue_work_node().
 */
bool queue_work_node(int node, struct workqueue_struct *wq, struct work_struct *work);

/**
 * schedule_work() - queue an item on system_wq, the global queue
 * @work: the item
 *
 * An item that sleeps does not hold up others. Where no thread can be started for it,
 * it stays queued until one can: when something else is queued, flushed or waited for.
 *
 * Context: as queue_work(). The first call sets the library up, and takes locks for
 *	    that: init_workqueues() does so earlier.
 * Return:  as queue_work(); false with errno ENOMEM.
 */
bool schedule_work(struct work_struct *work);

/**
 * schedule_work_on() - queue_work_on() on system_wq
 * @cpu: as queue_work_on()
 * @work: the item
 *
 * The kernel has it since 2.6.27.
 *
 * Context: as schedule_work().
 * Return:  as schedule_work().
 */
bool schedule_work_on(int cpu, struct work_struct *work);

/**
 * schedule_on_each_cpu() - run a function once on every CPU, and wait
 * @func: called with a temporary item on each CPU's worker
 *
 * The items are queued on system_wq, one on each CPU that is online. Other items there
 * are not waited for.
 *
 * Context: may block. Also from items of system_wq: while one waits here, another
 *	    worker serves its CPU.
 * Return:  0, or -EINVAL (@func NULL), or -ENOMEM.
 */
int schedule_on_each_cpu(work_func_t func);

/**
 * work_on_cpu() - call a function on a given CPU, and wait for what it returns
 * @cpu: the CPU, which is online
 * @fn: the function; runs on a worker that is bound to @cpu, as an item's function does
 * @arg: what it is given
 *
 * The workers are those of the queues of alloc_workqueue(). Calls may be made from work
 * items and from @fn itself, for the same CPU too: while a worker waits here another one
 * goes on.
 *
 * Memory:  stores before the call are visible to @fn, and those of @fn to the caller.
 * Context: may block until @fn has returned. Must not hold a lock that @fn takes.
 * Return:  what @fn returned; or -EINVAL (no such CPU, @fn NULL), -ENODEV (@cpu is not
 *	    online), -ENOMEM.
 * Mirrors: work_on_cpu().
 */
long work_on_cpu(int cpu, long (*fn)(void *arg), void *arg);

/**
 * execute_in_process_context() - call a function where it may block
 * @fn: the function
 * @ew: storage that lives until @fn has run
 *
 * Calls @fn at once, or, between wq_interrupt_enter() and wq_interrupt_exit(),
 * queues it on the global queue.
 *
 * Context: as @fn, or any thread that called wq_interrupt_enter().
 * Return:  0 if @fn has run, 1 if it was queued, -EINVAL if @fn or @ew is NULL,
 *	    -ENOMEM.
 */
int execute_in_process_context(work_func_t fn, struct execute_work *ew);

/* ---- Waiting ------------------------------------------------------------- */

/**
 * flush_workqueue() - wait until all that was queued has run
 * @wq: the queue
 *
 * Returns when every item queued on @wq before the call has finished. Items
 * queued later are not waited for. An item may flush its own queue, and does
 * not wait for itself. One of a classic queue runs its worker's items itself, then
 * waits for the other CPUs' workers. One of an alloc_workqueue() queue counts
 * towards max_active while it waits: what it has queued there must fit beside it.
 *
 * Memory:  effects of the items waited for are visible to the caller.
 * Context: may block. Must not hold a lock that an item takes.
 * Return:  nothing.
 */
void flush_workqueue(struct workqueue_struct *wq);

/**
 * drain_workqueue() - wait until a queue is empty
 * @wq: the queue
 *
 * Returns when everything that was queued on @wq has finished, and everything that
 * @wq's own items have queued there meanwhile. Others cannot queue on @wq until the
 * call returns: they are refused, with errno ESHUTDOWN, and the first of them is
 * reported. Delayed work may be armed, and stays armed; if its timer fires during the
 * call it is refused likewise, and is idle then.
 *
 * Several threads may drain a queue at once. The queue takes work again when the last
 * of them is through. A drain that takes long is reported, after ten looks at the
 * queue, and after every hundred up to a thousand. One whose items queue one another
 * for ever does not return.
 *
 * Memory:  effects of the items waited for are visible to the caller.
 * Context: may block. Must not hold a lock that an item takes. Not from @wq's own items:
 *	    that is reported and refused.
 * Return:  nothing.
 * Mirrors: drain_workqueue().
 */
void drain_workqueue(struct workqueue_struct *wq);

/**
 * flush_scheduled_work() - flush_workqueue() on system_wq, the global queue
 *
 * Waits for the items of the whole program: prefer a queue of your own. An item of
 * system_wq may make the call: its own run counts as done. The kernel warns of the
 * call at compile time.
 *
 * Context: as flush_workqueue().
 */
void flush_scheduled_work(void);

/* ---- Cancelling ---------------------------------------------------------- */

/**
 * cancel_work_sync() - make sure an item is neither pending nor running
 * @work: the item; may never have been queued
 *
 * Takes @work off its queue if it is waiting, then waits until no worker of the
 * queue it was last queued on is inside its function. This holds even if the
 * function queues @work again. After the return @work may be freed: nothing in the
 * library refers to it. If @work's own function makes the call, the pending
 * instance is cancelled, the call is reported once, and the running instance counts
 * as done.
 *
 * Memory:  effects of the last run are visible to the caller.
 * Context: may block. Must not hold a lock that @work's function takes.
 * Return:  true if @work was pending, false if it was idle or only running.
 */
bool cancel_work_sync(struct work_struct *work);

/**
 * cancel_work() - take an item back if it is pending, without waiting
 * @work: the item; may never have been queued
 *
 * Takes @work off its queue, or off its timer if it is a delayed work that is armed.
 * What was pending when the call began is not pending any more. A run that is under
 * way goes on, and may queue @work again: to free @work, use cancel_work_sync().
 * While another thread is in cancel_work_sync() of @work, that thread takes it.
 *
 * Later kernels have the same cancel_work(), except that it does not touch the timer:
 * there, that is left to cancel_delayed_work().
 *
 * Memory:  none of a run; after true the next queueing is as the first.
 * Context: never blocks: it takes a lock that the worker holds for some instructions,
 *	    and spins while another thread is in the middle of queueing @work. Any
 *	    thread, also from @work's function and from timers.
 * Return:  true if @work was pending and does not run for that; false if it was
 *	    idle or only running, or another thread is cancelling it, or a misuse was
 *	    reported.
 */
bool cancel_work(struct work_struct *work);

/* ---- Disabling ------------------------------------------------------------ */

/**
 * disable_work() - have an item refuse to be queued
 * @work: the item; may never have been queued
 *
 * From now on queueing @work, arming it or giving it another time returns false and does
 * nothing, until enable_work() was called as often as disable_work(). If @work is
 * pending it is taken back, also from its timer. A run that is under way goes on.
 * INIT_WORK() makes @work an item that is not disabled.
 *
 * Context: never blocks: it takes a lock for some instructions, and spins while another
 *	    thread is in the middle of queueing @work. Any thread, also from @work's
 *	    function and from timers.
 * Return:  true if @work was pending, else false. 65,535 times disabled it stays so, and
 *	    that is reported ("work disable count overflowed").
 * Mirrors: disable_work().
 */
bool disable_work(struct work_struct *work);

/**
 * disable_work_sync() - disable_work(), and wait for a run under way
 * @work: the item; may never have been queued
 *
 * Afterwards @work is neither pending nor running. From @work's own function the run
 * under way counts as done, and the call is reported once.
 *
 * Memory:  effects of the last run are visible to the caller.
 * Context: may block. Must not hold a lock that @work's function takes.
 * Return:  as disable_work().
 * Mirrors: disable_work_sync().
 */
bool disable_work_sync(struct work_struct *work);

/**
 * enable_work() - undo one disable_work()
 * @work: the item
 *
 * Context: as disable_work(). Of an item that is not disabled it is reported ("work
 *	    disable count underflowed").
 * Return:  true if @work may be queued now, false if it was disabled more often, or not
 *	    at all.
 * Mirrors: enable_work().
 */
bool enable_work(struct work_struct *work);

/**
 * enable_and_queue_work() - enable_work(), and queue the item if it may be
 * @wq: where to run it
 * @work: the item
 *
 * Context: as enable_work().
 * Return:  as enable_work(): true also if @work was pending by then, or was refused
 *	    by @wq.
 * Mirrors: enable_and_queue_work().
 */
bool enable_and_queue_work(struct workqueue_struct *wq, struct work_struct *work);

/**
 * disable_delayed_work() - disable_work() of a delayed work
 * @dwork: the delayed work; may never have been queued
 *
 * Context: as disable_work().
 * Return:  true if @dwork was pending, its timer armed or its item queued.
 * Mirrors: disable_delayed_work().
 */
bool disable_delayed_work(struct delayed_work *dwork);

/**
 * disable_delayed_work_sync() - disable_work_sync() of a delayed work
 * @dwork: the delayed work; may never have been queued
 *
 * Memory:  as disable_work_sync().
 * Context: as disable_work_sync().
 * Return:  as disable_delayed_work().
 * Mirrors: disable_delayed_work_sync().
 */
bool disable_delayed_work_sync(struct delayed_work *dwork);

/**
 * enable_delayed_work() - undo one disable_delayed_work()
 * @dwork: the delayed work
 *
 * Context: as enable_work().
 * Return:  as enable_work().
 * Mirrors: enable_delayed_work().
 */
bool enable_delayed_work(struct delayed_work *dwork);

/* ---- Waiting for one item ------------------------------------------------- */

/**
 * flush_work() - wait until what was last queued of an item has run
 * @work: the item; may never have been queued
 *
 * If @work is pending, returns when that run has ended, or when it is taken back by one
 * of the cancel calls. If it is not pending, but its function runs on the queue that it
 * was last queued on, returns when that run has ended. Waits for no other item: one
 * that was queued later may even wait for the caller. What is queued while the call
 * waits is not waited for. On a classic queue with a worker per CPU an earlier run may
 * be under way on another CPU; it is not waited for either.
 *
 * A delayed work that is armed is not waited for: use flush_delayed_work().
 *
 * From @work's own function the run under way counts as done, and the call is reported
 * once; if @work was queued again on a queue of alloc_workqueue(), false is returned, as
 * it cannot run before its function returns. An item that flushes another one of its own
 * worker's classic queue runs what is pending there within the call, as
 * flush_workqueue() does.
 *
 * Memory:  effects of the run that was waited for are visible to the caller.
 * Context: may block. Must not hold a lock that @work's function takes.
 * Return:  true if it waited; false if there was nothing to wait for, or a misuse was
 *	    reported: NULL, an item that was never initialised, or one that was queued
 *	    in the process that forked this one.
 */
bool flush_work(struct work_struct *work);

/* ---- Delayed work --------------------------------------------------------- */

/**
 * queue_delayed_work() - queue an item after a delay
 * @wq: where to run it
 * @dwork: the delayed work
 * @delay: jiffies (milliseconds) from now; 0 queues at once; LONG_MAX,
 *	MAX_SCHEDULE_TIMEOUT and anything longer than 146 years never
 *
 * Accepts @dwork unless it is pending: timer armed or item queued. If it is pending,
 * its deadline stays. When the delay is over, never before, the item is queued on
 * the CPU the timer was armed on.
 *
 * Memory:  as queue_work().
 * Context: never blocks, except for the first timer of a CPU, which starts that
 *	    CPU's timer thread. Any thread, also from the item's function.
 * Return:  true if @dwork was accepted; false if it was pending, if a misuse was
 *	    reported, if there can be no timer (errno EAGAIN or ENOMEM), or if the
 *	    queue is closed or destroyed (errno ESHUTDOWN). In the last two cases the
 *	    item is idle afterwards.
 */
bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			unsigned long delay);

/**
 * queue_delayed_work_on() - queue_delayed_work() with a timer on a given CPU
 * @cpu: where the timer fires and the item runs; WORK_CPU_UNBOUND, -1, out of range
 *	or not one of the process's CPUs means the caller's
 * @wq: where to run it
 * @dwork: the delayed work
 * @delay: as queue_delayed_work(), but 0 goes through the timer too, unless @cpu is
 *	WORK_CPU_UNBOUND: then the call is queue_delayed_work()
 *
 * Context: as queue_delayed_work().
 * Return:  as queue_delayed_work().
 */
bool queue_delayed_work_on(int cpu, struct workqueue_struct *wq,
			   struct delayed_work *dwork, unsigned long delay);

/**
 * mod_delayed_work() - queue an item after a delay, or change the delay
 * @wq: where to run it
 * @dwork: the delayed work; idle, pending or running
 * @delay: as queue_delayed_work()
 *
 * As queue_delayed_work() if @dwork is idle. If it is pending, it is taken from its
 * timer or its queue, whichever queue that is, and is armed or queued as if it had
 * been idle; so it runs once for both calls. A run that is under way goes on. While
 * another thread is in cancel_delayed_work_sync() or cancel_work_sync() of @dwork, the
 * item is left to that thread.
 *
 * If there can be no timer, or @wq takes no work, nothing happens to @dwork. If that
 * comes about during the call, and @dwork was pending, the call returns true and sets
 * errno: ESHUTDOWN says that it is idle now, EAGAIN that it is queued at once.
 *
 * Memory:  as queue_work(), whatever is returned, unless @dwork is being cancelled.
 * Context: as queue_delayed_work(), also under a lock that @dwork's function takes: it
 *	    waits for no run, only for some instructions of a worker or a timer.
 * Return:  true if @dwork was pending; false if it was idle, or was being cancelled,
 *	    or as queue_delayed_work() if a misuse was reported, if there can be no
 *	    timer (errno EAGAIN or ENOMEM), or if the queue is closed (errno
 *	    ESHUTDOWN).
 */
bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
		      unsigned long delay);

/**
 * mod_delayed_work_on() - mod_delayed_work() with a timer on a given CPU
 * @cpu: where the timer fires, or the item is queued, and runs; WORK_CPU_UNBOUND, -1,
 *	out of range or not one of the process's CPUs means the caller's
 * @wq: where to run it
 * @dwork: the delayed work; idle, pending or running
 * @delay: as queue_delayed_work(), also 0
 *
 * Context: as mod_delayed_work().
 * Return:  as mod_delayed_work().
 */
bool mod_delayed_work_on(int cpu, struct workqueue_struct *wq,
			 struct delayed_work *dwork, unsigned long delay);

/**
 * wq_queue_delayed_work_ns() - queue_delayed_work() in nanoseconds
 * @wq: where to run it
 * @dwork: the delayed work
 * @nanoseconds: from now; 0 goes through the timer
 *
 * Context: as queue_delayed_work(). No kernel counterpart.
 * Return:  as queue_delayed_work().
 */
bool wq_queue_delayed_work_ns(struct workqueue_struct *wq,
			      struct delayed_work *dwork, uint64_t nanoseconds);

/**
 * flush_delayed_work() - run a delayed work now and wait for it
 * @dwork: the delayed work; may never have been queued
 *
 * As flush_work(). But if the timer is armed, it fires at once, on the CPU that it was
 * armed for, and that run is waited for. A deferrable timer is no exception. Where the
 * system refuses to set the timer's alarm anew, the call waits for the delay.
 *
 * Memory:  as flush_work().
 * Context: as flush_work().
 * Return:  as flush_work().
 */
bool flush_delayed_work(struct delayed_work *dwork);

/**
 * schedule_delayed_work() - queue_delayed_work() on the global queue
 * @dwork: the delayed work
 * @delay: as queue_delayed_work()
 *
 * Context: as schedule_work().
 * Return:  as queue_delayed_work().
 */
bool schedule_delayed_work(struct delayed_work *dwork, unsigned long delay);

/**
 * schedule_delayed_work_on() - queue_delayed_work_on() on the global queue
 *
 * Context: as schedule_work().
 * Return:  as queue_delayed_work().
 */
bool schedule_delayed_work_on(int cpu, struct delayed_work *dwork,
			      unsigned long delay);

/**
 * cancel_delayed_work() - take a delayed work back from its timer
 * @dwork: the delayed work; may never have been queued
 *
 * An item whose delay is over stays queued, or runs on.
 *
 * Context: may wait for a timer that is firing, never for an item.
 * Return:  true if the timer was armed, else false.
 */
bool cancel_delayed_work(struct delayed_work *dwork);

/**
 * cancel_delayed_work_sync() - make sure it is neither armed, queued nor running
 * @dwork: the delayed work; may never have been queued
 *
 * As cancel_work_sync(), and takes @dwork off its timer too. This holds even if the
 * function arms @dwork again. cancel_work_sync(&dwork->work) would not touch an armed
 * timer: it would sleep until the timer fires.
 *
 * Memory:  as cancel_work_sync().
 * Context: may block. Must not hold a lock that @dwork's function takes.
 * Return:  true if @dwork was pending, false if it was idle or only running.
 */
bool cancel_delayed_work_sync(struct delayed_work *dwork);

/** cancel_rearming_delayed_work() - an older name of cancel_delayed_work_sync() */
void cancel_rearming_delayed_work(struct delayed_work *dwork);

/** cancel_rearming_delayed_workqueue() - the same; @wq is not used */
void cancel_rearming_delayed_workqueue(struct workqueue_struct *wq,
				       struct delayed_work *dwork);

/* ---- Timers: programs use linux/timer.h and linux/jiffies.h ---------------- */

/**
 * wq_jiffies() - CLOCK_MONOTONIC in milliseconds: the kernel's jiffies, HZ 1000
 *
 * Context: never blocks.
 */
unsigned long wq_jiffies(void);

/**
 * wq_init_timer() - init_timer() and timer_setup() for callers without headers
 * @timer: not pending
 * @flags: TIMER_SELF, TIMER_DEFERRABLE
 *
 * Context: never blocks.
 * Return:  nothing.
 */
void wq_init_timer(struct timer_list *timer, unsigned int flags);

/**
 * add_timer() - arm a timer for @timer->expires
 * @timer: initialised, with a function, not pending: if it is, aborts
 *
 * The function is called on the CPU's timer thread, never early, in order of
 * deadline, one at a time. in_interrupt() holds there. The function must not block.
 * It must return, like a work_func_t. It may arm the timer again, and free it. If no
 * timer thread could be started, errno and the log say so, and the timer is not
 * armed.
 *
 * Context: never blocks, except for the first timer of a CPU.
 * Return:  nothing.
 */
void add_timer(struct timer_list *timer);

/** add_timer_on() - add_timer() on a CPU; see queue_delayed_work_on() for @cpu */
void add_timer_on(struct timer_list *timer, int cpu);

/**
 * mod_timer() - arm a timer, pending or not, for another time
 * @timer: initialised, with a function
 * @expires: jiffies; a past time fires at once
 *
 * If no timer thread could be started, errno says why. A timer that was not pending
 * is then not armed; one that was pending may fire late.
 *
 * Context: never blocks, except for the first timer of a CPU.
 * Return:  1 if it was pending, 0 if not.
 */
int mod_timer(struct timer_list *timer, unsigned long expires);

/**
 * del_timer() - disarm a timer, whose function may be running
 * @timer: initialised
 *
 * Context: never blocks.
 * Return:  1 if it was pending, 0 if not.
 */
int del_timer(struct timer_list *timer);

/**
 * try_to_del_timer_sync() - disarm a timer unless its function is running
 * @timer: initialised
 *
 * Context: never blocks.
 * Return:  1 if it was pending, 0 if not, -1 if its function is running.
 */
int try_to_del_timer_sync(struct timer_list *timer);

/**
 * del_timer_sync() - disarm a timer and wait until its function has returned
 * @timer: initialised
 *
 * Context: may block. From the timer's own function it disarms and does not wait.
 * Return:  1 if it was pending, 0 if not.
 */
int del_timer_sync(struct timer_list *timer);

/* ---- CPUs that come and go --------------------------------------------------- */

/**
 * wq_cpu_rescan() - start and end workers as the process's CPUs have changed
 *
 * A CPU is online if the process may run on it and wq_cpu_down() has not taken it.
 * This call looks which CPUs are online now, and returns when the workers have
 * followed. The library looks without the call too: when the kernel announces a CPU,
 * when a worker finds itself off its CPU, when work is queued from a CPU without a
 * worker, and when a queue is created.
 *
 * On every queue with a worker per CPU:
 *
 * - A CPU that has come gets a worker. If one of its workers cannot be started
 *   ("workqueue [name] for N failed"), the CPU stays offline.
 * - The worker of a CPU that has gone runs what it holds on the CPUs left, then ends.
 * - Work queued for a CPU that is offline runs on another.
 * - Flushes and cancels under way miss nothing.
 *
 * Queues with a single worker are not disturbed. Workers that the queues of
 * alloc_workqueue() share neither start nor end by it, and their items are not waited for:
 * those of a CPU that has gone go on, on all online CPUs, until it is back, and those of
 * WQ_UNBOUND queues may run on all online CPUs.
 *
 * The library follows the process's CPUs from the first queue with a worker per CPU
 * on, or from the first of these calls on. Until then its CPUs are those the main
 * thread was given when the library was loaded. In a forked child, CPUs that
 * wq_cpu_down() had taken stay taken.
 *
 * The CPUs that the process may run on are those that an unbound thread of it may run
 * on. CPU sets, offline CPUs and taskset on all of the process's threads count; one
 * thread that binds itself does not. Kernel counterpart: workqueue_cpu_callback().
 *
 * Context: may block until the items of the workers that end have run. Not from
 *	    work items, timers, worker hooks or CPU notifiers, and not between
 *	    get_online_cpus() and put_online_cpus(): -EDEADLK.
 * Return:  how many CPUs came or went, 0 if nothing changed; -EAGAIN or -ENOMEM if
 *	    workers for a CPU could not be started, or a notifier's refusal.
 */
int wq_cpu_rescan(void);

/**
 * wq_cpu_down() - take a CPU offline
 * @cpu: its number
 *
 * It stays offline until wq_cpu_up(). If the process later may run on no other
 * CPU, @cpu is used all the same. The call does what wq_cpu_rescan() does, too.
 *
 * Context: as wq_cpu_rescan().
 * Return:  0; -EINVAL if the machine has no such CPU, -EBUSY if no other would be
 *	    left online, -EDEADLK; or a notifier's refusal, and @cpu stays online.
 */
int wq_cpu_down(int cpu);

/**
 * wq_cpu_up() - bring a CPU online, undoing wq_cpu_down()
 * @cpu: its number
 *
 * The call does what wq_cpu_rescan() does, too.
 *
 * Context: as wq_cpu_rescan().
 * Return:  0 if @cpu is online; -EINVAL if the machine has no such CPU, -ENODEV if
 *	    the process may not run on it, -EAGAIN or -ENOMEM, -EDEADLK; or a
 *	    notifier's refusal.
 */
int wq_cpu_up(int cpu);

/**
 * wq_cpu_online() - has a CPU workers?
 * @cpu: its number; a CPU that the machine does not have is offline
 *
 * Context: never blocks. A snapshot.
 * Return:  true if it is online, else false.
 */
bool wq_cpu_online(int cpu);

/**
 * wq_nr_cpu_ids() - one more than the highest CPU number the machine can have
 *
 * linux/cpumask.h has nr_cpu_ids, and the ways to go through CPUs.
 *
 * Context: never blocks.
 * Return:  that number, which does not change.
 */
int wq_nr_cpu_ids(void);

/**
 * register_cpu_notifier() - have a function called when CPUs come and go
 * @nb: see linux/notifier.h; @nb->notifier_call and @nb->priority are set; must stay
 *	where it is until it is unregistered
 *
 * The thread that makes the change calls the function: a caller of wq_cpu_up(),
 * wq_cpu_down() or wq_cpu_rescan(), or a thread of the library. It passes @nb, one of
 * the codes of linux/cpu.h, and the CPU's number as a pointer. Blocks of higher
 * priority are called first, blocks of one priority in the order they were
 * registered. The workqueues are one block among them, the first of priority 0.
 *
 * When a CPU comes:
 *
 * 1. All are called with CPU_UP_PREPARE. The workqueues start the CPU's workers.
 * 2. A function may refuse: it answers NOTIFY_BAD, or notifier_from_errno() of a
 *    reason. Then the CPU stays offline, the blocks called before are called with
 *    CPU_UP_CANCELED, and the call that asked for the CPU returns -EINVAL, or the
 *    reason.
 * 3. If no function refuses, the CPU is online.
 * 4. All are called with CPU_ONLINE.
 *
 * When a CPU goes:
 *
 * 1. All are called with CPU_DOWN_PREPARE. A function may refuse in the same way;
 *    CPU_DOWN_FAILED follows. If the process has lost the CPU, the refusal is ignored
 *    and all are called.
 * 2. All are called with CPU_DYING, in which in_interrupt() holds.
 * 3. The CPU is offline.
 * 4. All are called with CPU_DEAD. The workqueues have the CPU's workers run what
 *    they hold, and end.
 *
 * CPU_TASKS_FROZEN is never set in a code. After NOTIFY_STOP the other functions are
 * not called, but the workqueues still do their part.
 *
 * The function may create, destroy and flush queues, and queue items. It may not call
 * wq_cpu_up(), wq_cpu_down(), wq_cpu_rescan(), register_cpu_notifier() or
 * unregister_cpu_notifier(): they return -EDEADLK. In a forked child the registered
 * blocks stay registered.
 *
 * Context: may block while CPUs come or go. Not from where wq_cpu_rescan() may not be
 *	    called.
 * Return:  0; -EINVAL if @nb or its function is NULL, -EEXIST if it is registered
 *	    already, -EDEADLK.
 */
int register_cpu_notifier(struct notifier_block *nb);

/**
 * unregister_cpu_notifier() - undo register_cpu_notifier()
 * @nb: the same
 *
 * When the call returns, the function is not running and will not be called again.
 * It is not called for the CPUs that are online.
 *
 * Context: as register_cpu_notifier().
 * Return:  0; -EINVAL if @nb is NULL, -ENOENT if it is not registered, -EDEADLK.
 */
int unregister_cpu_notifier(struct notifier_block *nb);

/**
 * get_online_cpus() - hold off CPUs that would come or go
 *
 * Until the same thread calls put_online_cpus(), no CPU comes online or goes offline,
 * and no notifier is called. The calls nest. A CPU that the process loses meanwhile
 * counts as online until then. Queues may be created and destroyed.
 *
 * Context: may block until a change under way is made, but does not wait for the
 *	    items of a CPU that went: work items may call it. Not from worker hooks,
 *	    nor from an item that a CPU notifier waits for. From a notifier it returns
 *	    at once.
 * Return:  nothing.
 */
void get_online_cpus(void);

/**
 * put_online_cpus() - undo one get_online_cpus() of this thread
 *
 * Context: never blocks. Without a get_online_cpus() it is reported.
 * Return:  nothing.
 */
void put_online_cpus(void);

/* ---- Freezing ------------------------------------------------------------- */

/**
 * freeze_workqueues_begin() - stop the process's freezeable queues
 *
 * Each queue finishes the item it is running and starts no other until
 * thaw_workqueues(). An item that is queued after this call has returned waits for
 * the thaw. There is one exception: an item that flushes its own queue runs what is
 * pending there, whenever it was queued.
 *
 * While a queue is frozen:
 *
 * - Items may be queued and cancelled.
 * - flush_workqueue(), wq_close_workqueue() and destroy_workqueue() of it wait for
 *   the thaw if something is pending, or if another such call is waiting already.
 *   Otherwise they return at once.
 * - New freezeable queues are frozen from the start.
 * - A second call of freeze_workqueues_begin() changes nothing.
 *
 * Context: never blocks. Any thread.
 * Return:  nothing; freeze_workqueues_busy() tells when all have stopped.
 */
void freeze_workqueues_begin(void);

/**
 * freeze_workqueues_busy() - is a queue that shall freeze still running an item?
 *
 * Context: never blocks.
 * Return:  true if so, false if all have stopped or nothing is being frozen.
 */
bool freeze_workqueues_busy(void);

/**
 * thaw_workqueues() - let frozen queues go on
 *
 * Context: never blocks. Any thread.
 * Return:  nothing.
 */
void thaw_workqueues(void);

/**
 * try_to_freeze() - stand still here while workqueues are frozen
 *
 * In an item of a freezeable queue it stands still in the middle of the item; the
 * queue counts as stopped meanwhile. In an item of any other queue it returns at
 * once. A thread that is no worker may call it to stand still with the queues.
 * linux/freezer.h has it too.
 *
 * Context: may block until thaw_workqueues(); in an interrupt it returns at once.
 * Return:  true if it stood still, else false.
 */
bool try_to_freeze(void);

/* ---- Lockdep and stalls: see the DOC blocks ------------------------------- */

/**
 * wq_lockdep_enable() - report waits that could deadlock
 *
 * Lockdep stays on. It turns itself off, with a report, only if the program has more
 * than 1,023 classes. The call may be made again.
 *
 * Context: may block. Any thread; best before the first lock is taken: lockdep does
 *	    not know of locks that are held already.
 * Return:  true if it is on; false with errno ENOMEM.
 */
bool wq_lockdep_enable(void);

/** STATIC_LOCKDEP_MAP_INIT() - initialiser of a struct lockdep_map */
#define STATIC_LOCKDEP_MAP_INIT(name_, key_) { (key_), (name_), 0, 0 }

/**
 * lockdep_init_map() - initialise the map of a lock
 * @map: not held
 * @name: for reports; kept, not copied
 * @key: its class; NULL if @map is a class by itself, and in static storage
 * @subclass: tells locks of one class apart that are taken in a fixed order, for
 *	instance a parent's and its child's; 0 as a rule
 *
 * Context: never blocks.
 * Return:  nothing.
 */
void lockdep_init_map(struct lockdep_map *map, const char *name,
		      struct lock_class_key *key, int subclass);

/**
 * lock_map_acquire() - the caller is about to take a lock
 * @map: the lock's
 *
 * Call it before the lock is waited for, so that a report comes before the
 * deadlock. Does nothing while lockdep is off.
 *
 * Context: takes a lock for a few instructions if the order is new. Any thread.
 * Return:  nothing.
 */
void lock_map_acquire(struct lockdep_map *map);

/**
 * lock_map_acquire_try() - the caller has taken a lock it did not wait for
 * @map: the lock's
 *
 * To be called after a successful trylock: taking the lock could not deadlock, but
 * from now on it is held.
 *
 * Context: as lock_map_acquire().
 * Return:  nothing.
 */
void lock_map_acquire_try(struct lockdep_map *map);

/**
 * lock_map_release() - the caller releases a lock
 * @map: the lock's. Locks may be released in any order; releasing one that is not
 *	held is reported.
 *
 * Context: never blocks. The thread that acquired it.
 * Return:  nothing.
 */
void lock_map_release(struct lockdep_map *map);

/**
 * wq_set_stall_timeout_ms() - say after what time a wait is reported as stalled
 * @ms: milliseconds; 0 for never. 30,000 if this is not called
 *
 * Concerns waits that begin after the call. It has precedence over
 * WQ_STALL_TIMEOUT_MS.
 *
 * Context: never blocks. Any thread.
 * Return:  nothing.
 */
void wq_set_stall_timeout_ms(unsigned int ms);

/**
 * wq_set_idle_timeout_ms() - say after what time a worker with nothing to do ends
 * @ms: milliseconds; 0 for never. 300,000 if this is not called
 *
 * Concerns the workers that queues of alloc_workqueue() share, and those of them that
 * fall asleep after the call. A worker ends when it has slept so long; the next item that
 * needs one starts another. Queues with workers of their own keep them. The call has
 * precedence over WQ_IDLE_TIMEOUT_MS in the environment, which the first call of the
 * library reads.
 *
 * Context: never blocks. Any thread.
 * Return:  nothing.
 */
void wq_set_idle_timeout_ms(unsigned int ms);

/* ---- Introspection and set-up -------------------------------------------- */

/**
 * init_workqueues() - set up the library and system_wq now rather than on first use
 *
 * It starts no thread.
 *
 * Context: does not block. May be called any number of times; never needed.
 * Return:  nothing; errno is ENOMEM if there is no memory, which is reported.
 */
void init_workqueues(void);

/**
 * keventd_up() - may work be scheduled?
 *
 * In the kernel the answer is no until it has booted. Here it is always yes: system_wq
 * is made for its first item. The call itself starts nothing.
 *
 * Context: never blocks. Any thread.
 * Return:  1.
 */
int keventd_up(void);

/**
 * current_is_keventd() - is the caller an item of system_wq?
 *
 * It is true in each item of the global queue, whatever CPU that runs on: the items of
 * a CPU that goes run on another. The kernel's was true for the worker of the CPU that
 * the caller is on.
 *
 * Context: never blocks.
 * Return:  1 or 0.
 */
int current_is_keventd(void);

/**
 * wq_running_works() - list the items that the workers are running
 * @works: room for them, or NULL if @nr is 0
 * @nr: how many fit
 *
 * The list has one item for each worker that has one in hand: its function is
 * running, or is about to be called. A function that flushes its own queue runs other
 * items inside itself (a nested flush); then only the innermost item is listed.
 *
 * Suppose that all of them fitted, and an item was not pending when the call began
 * and is not listed. Then no worker calls it unless it is queued again. If nobody
 * else can queue it and it is not an outer item of a nested flush, it may be freed.
 * Unlike cancel_work_sync() this waits for nothing and covers every queue that the
 * item was ever on. Compare the pointers, do not follow them: a function may have
 * freed its item, and some items are the library's own.
 *
 * Context: never blocks. Any thread. Looks at as many places as the process has ever
 *	    had workers at one time.
 * Return:  how many there are, perhaps more than @nr; -1 with errno EINVAL if @nr is
 *	    negative, or @works NULL and @nr not 0.
 */
int wq_running_works(struct work_struct **works, int nr);

/**
 * work_busy() - is an item pending, is it running?
 * @work: an initialised item
 *
 * A run counts if it is on the queue that @work was last queued on; of a queue with a
 * worker per CPU, on any of them. An item that was initialised anew has no past. The
 * answer is a snapshot, and may be old when it arrives: it is for decisions that may be
 * wrong, and for debugging. To free @work, use cancel_work_sync().
 *
 * Context: never blocks: it takes the locks that workers hold for some instructions.
 *	    Any thread, also from @work's function.
 * Return:  WORK_BUSY_PENDING, WORK_BUSY_RUNNING, both, or 0. 0 also if @work is NULL
 *	    or was never initialised, which is reported.
 * Mirrors: work_busy().
 */
unsigned int work_busy(struct work_struct *work);

/**
 * current_work() - the item whose function the caller is in
 *
 * If a function flushes its own queue and so runs other items inside itself, it is the
 * innermost. Compare the pointer, do not follow it: the function may have freed its item.
 *
 * Context: never blocks.
 * Return:  the item; NULL if the caller is no worker, or is in a worker's hook.
 * Mirrors: current_work().
 */
struct work_struct *current_work(void);

/**
 * current_is_workqueue_rescuer() - is the caller the rescuer of a queue?
 *
 * Context: never blocks.
 * Return:  true in an item that the thread of a queue with WQ_MEM_RECLAIM runs, as no
 *	    worker could be made; false in other items and on other threads.
 * Mirrors: current_is_workqueue_rescuer().
 */
bool current_is_workqueue_rescuer(void);

/**
 * set_worker_desc() - say for reports what the item is about that the caller runs
 * @fmt: printf format; of the text the first WORKER_DESC_LEN - 1 bytes are kept
 *
 * Until the item ends, reports of a wait that lasts name the text behind the item's
 * function: "which runs writeback (flush-8:0)". Another call replaces the text. The text
 * of an item that runs others inside itself is not theirs.
 *
 * Context: never blocks. On a thread that is no worker, and in a worker's hook, it does
 *	    nothing.
 * Return:  nothing.
 * Mirrors: set_worker_desc().
 */
void set_worker_desc(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * wq_set_worker_desc() - set_worker_desc() with a finished text, for other languages
 * @desc: the text, not a format; NULL is reported
 *
 * Context: as set_worker_desc().
 * Return:  nothing.
 */
void wq_set_worker_desc(const char *desc);

/**
 * workqueue_congested() - do items of a queue wait because @max_active run already?
 * @cpu: the CPU whose items are meant; WORK_CPU_UNBOUND, -1 or out of range: the
 *	caller's. Of an unbound queue it makes no difference
 * @wq: the queue
 *
 * Of a queue of alloc_workqueue() it says whether an item stands back until another one
 * of the queue has ended, or until a frozen queue is thawed. On other queues no item
 * stands back for that, so the answer is false, however many are pending. It is a
 * snapshot.
 *
 * Context: never blocks: it takes a lock that workers hold for some instructions. Any
 *	    thread.
 * Return:  true if items wait, else false; false also if @wq is NULL or was destroyed,
 *	    which is reported.
 * Mirrors: workqueue_congested().
 */
bool workqueue_congested(int cpu, struct workqueue_struct *wq);

/**
 * wq_interrupt_enter() - mark the calling thread as one that must not block
 *
 * The calls nest; wq_interrupt_exit() undoes one. Until then in_interrupt() holds and
 * execute_in_process_context() queues its function instead of calling it.
 *
 * Context: never blocks.
 */
void wq_interrupt_enter(void);

/** wq_interrupt_exit() - undo one wq_interrupt_enter() of this thread */
void wq_interrupt_exit(void);

/** wq_in_interrupt() - is the calling thread between enter and exit? */
bool wq_in_interrupt(void);

/**
 * wq_blocking_begin() - tell that the calling work function is about to wait
 *
 * Queues of alloc_workqueue() share their workers, and on each CPU one item runs while
 * others wait. A function that is about to wait, in a system call or for another thread,
 * says so: then the next item begins at once. If it does not, that is found out after
 * some milliseconds. Calls of the library that wait, and those of its headers in linux/,
 * say so themselves.
 *
 * The calls nest; wq_blocking_end() undoes one. Between them the function goes on to count
 * for its queue's max_active. If it returns without the end, that is reported, and undone.
 * On other threads, and in items of queues with workers of their own, the call does
 * nothing.
 *
 * Context: never blocks: takes a lock that workers hold for some instructions. May start
 *	    a worker.
 * Return:  nothing.
 */
void wq_blocking_begin(void);

/**
 * wq_blocking_end() - the wait that wq_blocking_begin() told of is over
 *
 * An end without its begin is reported.
 *
 * Context: as wq_blocking_begin().
 * Return:  nothing.
 */
void wq_blocking_end(void);

/**
 * typedef wq_worker_hook - set-up or tear-down of a worker thread
 *
 * Runs on the worker's own thread. Workers keep their thread-local variables
 * between items.
 */
typedef void (*wq_worker_hook)(void);

/**
 * wq_set_worker_hooks() - run code at the start and end of every worker thread
 * @start: called before the worker's first item, or NULL
 * @stop: called after the worker's last item, or NULL
 *
 * Concerns workers started after the call. A worker calls the @stop that was
 * set when it started.
 *
 * Context: never blocks. Any thread.
 */
void wq_set_worker_hooks(wq_worker_hook start, wq_worker_hook stop);

/**
 * wq_set_worker_stack_size() - say how large the stacks of the library's threads are
 * @bytes: the size of one stack, or 0 for the default: what the environment's
 *	WQ_STACK_SIZE says (bytes, or with K or M behind), else the C library's
 *
 * Concerns workers, and threads for timers and CPUs, started after the call. In a
 * program that has locked its memory (mlockall) a stack uses its whole size. The C
 * library puts a thread's thread-local variables on its stack: if they leave no room,
 * starting workers fails with EINVAL.
 *
 * Context: never blocks. Any thread.
 * Return:  0, or -EINVAL if @bytes is less than PTHREAD_STACK_MIN or more than
 *	    64 GiB.
 */
int wq_set_worker_stack_size(size_t bytes);

/**
 * wq_set_worker_signals() - say whether workers take the process's signals
 * @take: false (the default): workers block all signals but SIGSEGV, SIGBUS, SIGFPE,
 *	SIGILL, SIGTRAP and SIGSYS. true: they block what the caller blocks now, as
 *	threads that it starts do. A handler of the program may then run on a worker,
 *	in the middle of an item.
 *
 * Concerns workers started after the call. A thread or process that a work function
 * starts inherits its worker's blocked signals, nice value and CPU. Some runtimes want
 * signals on every thread: in their processes workers should take them. The .NET
 * assembly sets this for its process.
 *
 * Context: never blocks. Any thread.
 */
void wq_set_worker_signals(bool take);

/**
 * typedef wq_log_handler - receives the library's reports
 * @level: an enum wq_log_level
 * @text: one report, without a newline at its end; valid during the call
 * @ctx: as given to wq_set_log_handler()
 */
typedef void (*wq_log_handler)(int level, const char *text, void *ctx);

/**
 * wq_set_log_handler() - say where reports go
 * @handler: called by the thread that met the problem; NULL for the default, which
 *	writes to standard error
 * @ctx: passed on
 *
 * The handler may be called by several threads at once and must not call back
 * into functions that block. It must return: no exception, longjmp() or
 * pthread_exit() out of it. One place in the library makes at most ten reports in
 * five seconds and leaves out the rest; its next report is followed by how many were
 * left out. wq_set_log_handler() starts the count anew. Reports before an abort are
 * never left out.
 *
 * Context: may be called at any time; another thread's report under way may
 *	    still go to the former handler.
 */
void wq_set_log_handler(wq_log_handler handler, void *ctx);

/** workqueue_abi_version() - the WORKQUEUE_ABI_VERSION the library was built with */
unsigned int workqueue_abi_version(void);

#ifdef __cplusplus
}
#endif

#endif /* WORKQUEUE_H */
