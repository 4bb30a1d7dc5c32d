/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The queues that every program has: system_wq and its like, data symbols.
 *
 * A pointer in a program's initialiser or constructor must be good before any call of the
 * library, so the queues' places are mapped when the library is loaded. They are zeroes,
 * which to the engine means "not made yet": it makes a queue when something is done with
 * it. A symbol keeps its value for ever, also in a forked child, as programs copy it.
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define NR_QUEUES 10 /* Workqueue.NrSystem */
#define MAX_CPU_BYTES 512
#define QUEUE_BYTES 192 /* no less than the engine's Workqueue, and what is behind it for each CPU */
#define BYTES_PER_CPU 20
#define CACHE_LINE 64

struct workqueue_struct;

/*
 * A program that is not position independent has copies of the symbols, and the library
 * finds those by the name. dlsym() may find the library's own, which only the alias leads to.
 */
#define SYMBOL(name)                                                                          \
	EXPORT struct workqueue_struct *name;                                                 \
	extern struct workqueue_struct *own_##name                                            \
		__attribute__((alias(#name), visibility("hidden")))

#define SET(name, number) (name = own_##name = place(number))

SYMBOL(system_wq);
SYMBOL(system_percpu_wq);
SYMBOL(system_highpri_wq);
SYMBOL(system_long_wq);
SYMBOL(system_unbound_wq);
SYMBOL(system_dfl_wq);
SYMBOL(system_dfl_long_wq);
SYMBOL(system_freezable_wq);
SYMBOL(system_power_efficient_wq);
SYMBOL(system_freezable_power_efficient_wq);
SYMBOL(system_bh_wq);
SYMBOL(system_bh_highpri_wq);

void *wq_system_places(size_t *place_bytes);

static char *places;
static size_t bytes_of_one;

/* How many CPUs the kernel's masks have room for: no CPU has a higher number. */
static size_t kernel_cpus(void)
{
	unsigned char mask[MAX_CPU_BYTES];
	long bytes = syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask);

	return 8 * (bytes > 0 ? (size_t)bytes : sizeof(mask));
}

static struct workqueue_struct *place(int number)
{
	return (struct workqueue_struct *)(places + (size_t)number * bytes_of_one);
}

/* The order is that of the engine's SystemWorkqueues. Without memory all stay NULL. */
__attribute__((constructor(101))) static void map_places(void)
{
	size_t bytes = QUEUE_BYTES + BYTES_PER_CPU * kernel_cpus();
	void *memory;

	bytes_of_one = (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
	bytes = NR_QUEUES * (bytes_of_one + QUEUE_BYTES);
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return;
	places = memory;
	SET(system_wq, 0);
	SET(system_percpu_wq, 0);
	SET(system_highpri_wq, 1);
	SET(system_long_wq, 2);
	SET(system_unbound_wq, 3);
	SET(system_dfl_wq, 3);
	SET(system_freezable_wq, 4);
	SET(system_power_efficient_wq, 5);
	SET(system_freezable_power_efficient_wq, 6);
	SET(system_bh_wq, 7);
	SET(system_bh_highpri_wq, 8);
	SET(system_dfl_long_wq, 9);
}

/*
 * The first place, or NULL. The others follow it; then, for forked children, room for what
 * the parent's queues were, without what is there for each CPU.
 */
void *wq_system_places(size_t *place_bytes)
{
	*place_bytes = bytes_of_one;
	return places;
}
