/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What tools that watch a program are told of the engine, as they cannot see into it:
 *
 *   ThreadSanitizer, valgrind's      which thread's accesses come before another's
 *   helgrind and DRD
 *   LeakSanitizer                    where else there are pointers to the program's memory
 *
 * A sanitizer's functions are in a program that is compiled with it; in any other program
 * they are NULL here. valgrind is told by instructions that do nothing without it.
 */
#include <stddef.h>
#if __has_include(<valgrind/helgrind.h>)
#include <valgrind/drd.h>
#undef ANNOTATE_HAPPENS_BEFORE /* DRD understands helgrind's */
#undef ANNOTATE_HAPPENS_AFTER
#include <valgrind/helgrind.h>
#define IGNORE_IN_DRD(memory, size)                                                              \
	VALGRIND_DO_CLIENT_REQUEST_STMT(VG_USERREQ__DRD_START_SUPPRESSION, memory, size, 0, 0, 0)
#else
#define RUNNING_ON_VALGRIND 0
#define ANNOTATE_HAPPENS_BEFORE(key) ((void)(key))
#define ANNOTATE_HAPPENS_AFTER(key) ((void)(key))
#define VALGRIND_HG_DISABLE_CHECKING(memory, size) ((void)(memory), (void)(size))
#define IGNORE_IN_DRD(memory, size) ((void)(memory), (void)(size))
#endif

#define OF_A_SANITIZER extern __attribute__((weak))

OF_A_SANITIZER void __tsan_acquire(void *key);
OF_A_SANITIZER void __tsan_release(void *key);
OF_A_SANITIZER void __lsan_register_root_region(const void *memory, size_t size);

int wq_watcher_orders(void);
void wq_watcher_release(void *key);
void wq_watcher_acquire(void *key);
void wq_watcher_ignore(void *memory, size_t size);
void wq_watcher_add_roots(const void *memory, size_t size);

/* Is there a tool that must be told of order? */
int wq_watcher_orders(void)
{
	return (__tsan_acquire && __tsan_release) || RUNNING_ON_VALGRIND;
}

/* An odd address: no atomic of the program can be there, nor later a mutex, on a stack. */
static void *key_of(void *key)
{
	return (char *)key + 1;
}

/* What the caller has done so far comes before what follows an acquire of the same key. */
void wq_watcher_release(void *key)
{
	if (__tsan_release)
		__tsan_release(key_of(key));
	else
		ANNOTATE_HAPPENS_BEFORE(key_of(key));
}

void wq_watcher_acquire(void *key)
{
	if (__tsan_acquire)
		__tsan_acquire(key_of(key));
	else
		ANNOTATE_HAPPENS_AFTER(key_of(key));
}

/* The engine's atomics order this memory. valgrind sees the accesses, but not the order. */
void wq_watcher_ignore(void *memory, size_t size)
{
	VALGRIND_HG_DISABLE_CHECKING(memory, size);
	IGNORE_IN_DRD(memory, size);
}

/* This memory has pointers to memory that is in use. */
void wq_watcher_add_roots(const void *memory, size_t size)
{
	if (__lsan_register_root_region)
		__lsan_register_root_region(memory, size);
}
