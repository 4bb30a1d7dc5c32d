/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few things inside the library that C# cannot do:
 *
 *   - hold per-thread variables without the runtime;
 *   - look at the process before its first thread has bound itself to a CPU;
 *   - be called at a fork.
 *
 * Everything here is local to the .so. The constructors of the glue have the first number
 * that a program may use, so that in a program linked with the archive they come before its
 * own, which may queue.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>
#include <stddef.h>
#if __has_include(<sys/rseq.h>)
#include <sys/rseq.h>
#endif

struct caller {
	void *worker; /* the one the thread is, or NULL */
	long cpu;
};

struct caller wq_caller(void);
void *wq_current_worker(void);
void wq_set_current_worker(void *worker);
int *wq_interrupt_depth(void);
void *wq_held_locks(void);
void *wq_alloc_held_locks(size_t size);
int *wq_cpu_holds(void);
void wq_at_fork(void (*prepare)(void), void (*parent)(void), void (*child)(int prepared));
int wq_process_cpus(unsigned char *mask, size_t size);

#define PER_THREAD static __thread __attribute__((tls_model("initial-exec")))

PER_THREAD void *current_worker;
PER_THREAD int interrupt_depth;
PER_THREAD int cpu_holds;

void *wq_current_worker(void)
{
	return current_worker;
}

/*
 * If the C library registers restartable sequences with the kernel, the kernel keeps the
 * CPU of each thread in the thread's memory. sched_getcpu() reads it there, too.
 */
#if __has_include(<sys/rseq.h>)
static ptrdiff_t rseq_cpu_at; /* from the thread pointer; 0 if there is none */

__attribute__((constructor(101))) static void find_rseq(void)
{
	if (__rseq_size)
		rseq_cpu_at = __rseq_offset + (ptrdiff_t)offsetof(struct rseq, cpu_id);
}

#ifdef __x86_64__
#define THREAD_INT(at) (*(volatile int __seg_fs *)(at)) /* one load less than by its address */
#else
#define THREAD_INT(at) (*(volatile int *)((char *)__builtin_thread_pointer() + (at)))
#endif
#else
enum { rseq_cpu_at };
#define THREAD_INT(at) (-1)
#endif

__attribute__((noinline)) static struct caller caller_slow(void *worker)
{
	return (struct caller){ worker, sched_getcpu() };
}

/* Which thread calls, and from which CPU: one call where the engine needs both. */
struct caller wq_caller(void)
{
	int cpu = rseq_cpu_at ? THREAD_INT(rseq_cpu_at) : -1;

	return cpu >= 0 ? (struct caller){ current_worker, cpu } : caller_slow(current_worker);
}

void wq_set_current_worker(void *worker)
{
	current_worker = worker;
}

int *wq_interrupt_depth(void)
{
	return &interrupt_depth;
}

PER_THREAD void *held_locks;
static pthread_key_t held_key;
static int held_key_made;

/* At a thread's end, when its managed half may be gone: this must not call into the engine. */
static void free_held_locks(void *held)
{
	held_locks = NULL; /* a destructor that runs after this one may still take locks */
	free(held);
}

static void make_held_key(void)
{
	held_key_made = pthread_key_create(&held_key, free_held_locks) == 0;
}

void *wq_held_locks(void)
{
	return held_locks;
}

/* Zeroed memory for the calling thread until it ends; NULL if there is no memory. */
void *wq_alloc_held_locks(size_t size)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	void *held;

	pthread_once(&once, make_held_key);
	held = held_key_made ? calloc(1, size) : NULL;
	if (held && pthread_setspecific(held_key, held)) {
		free(held);
		held = NULL;
	}
	held_locks = held;
	return held;
}

int *wq_cpu_holds(void)
{
	return &cpu_holds;
}

#define MAX_CPU_BYTES 512

static unsigned char process_cpus[MAX_CPU_BYTES];

/* The CPUs the process was given: the main thread's, when the library is loaded. */
__attribute__((constructor(101))) static void read_process_cpus(void)
{
	if (sched_getaffinity(getpid(), sizeof(process_cpus), (cpu_set_t *)process_cpus) < 0)
		process_cpus[0] = 1;
}

/* Copies the mask; returns its length in bytes. */
int wq_process_cpus(unsigned char *mask, size_t size)
{
	size_t n = size < MAX_CPU_BYTES ? size : MAX_CPU_BYTES;

	for (size_t i = 0; i < n; i++)
		mask[i] = process_cpus[i];
	return (int)n;
}

/*
 * The engine's fork handlers, stored before it takes its first lock. The handlers in
 * this file call them. These are registered from the start, because a handler that is
 * added while another thread forks may miss that fork. Prepare runs whenever parent and
 * child run. The one exception is a child whose fork began before the handlers were
 * stored.
 */
static void (*fork_prepare)(void), (*fork_parent)(void), (*fork_child)(int prepared);
PER_THREAD int fork_prepared;
PER_THREAD pid_t forking_pid; /* 0: the thread is not in the middle of a fork */

static void before_fork(void)
{
	void (*prepare)(void) = __atomic_load_n(&fork_prepare, __ATOMIC_ACQUIRE);

	forking_pid = getpid();
	fork_prepared = prepare != NULL;
	if (prepare)
		prepare();
}

static void after_fork_in_parent(void)
{
	forking_pid = 0;
	if (fork_prepared)
		fork_parent();
}

static void after_fork_in_child(void)
{
	forking_pid = 0;
	if (__atomic_load_n(&fork_prepare, __ATOMIC_ACQUIRE))
		fork_child(fork_prepared);
}

__attribute__((constructor(101))) static void watch_forks(void)
{
	pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

/* If a handler of the program calls this before the fork, that fork counts as prepared. */
void wq_at_fork(void (*prepare)(void), void (*parent)(void), void (*child)(int prepared))
{
	fork_parent = parent;
	fork_child = child;
	__atomic_store_n(&fork_prepare, prepare, __ATOMIC_RELEASE);
	if (forking_pid && !fork_prepared && forking_pid == getpid()) {
		fork_prepared = 1;
		prepare();
	}
}
