/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A library that stands before some functions of the C library, linked first or by
 * LD_PRELOAD, and fails the n-th call of one kind that libworkqueue.so makes. Calls of
 * the program's and of other libraries pass.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "fault.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);

static int armed_kind = -1, armed_n, armed_error;
static int counts[NR_FAULTS];

void fault_arm(enum fault_kind kind, int n, int error)
{
	memset(counts, 0, sizeof(counts));
	armed_n = n;
	armed_error = error;
	__atomic_store_n(&armed_kind, (int)kind, __ATOMIC_SEQ_CST);
}

int fault_count(enum fault_kind kind)
{
	return __atomic_load_n(&counts[kind], __ATOMIC_SEQ_CST);
}

/* What the call from @caller fails with, or 0. */
static int fault(enum fault_kind kind, void *caller)
{
	Dl_info info;

	if (__atomic_load_n(&armed_kind, __ATOMIC_SEQ_CST) != (int)kind || !dladdr(caller, &info) ||
	    !info.dli_fname || !strstr(info.dli_fname, "libworkqueue.so"))
		return 0;
	return __atomic_add_fetch(&counts[kind], 1, __ATOMIC_SEQ_CST) == armed_n ? armed_error : 0;
}

#define FAULT(kind) fault(kind, __builtin_return_address(0))

/* name_ is the function that would be called without us. */
#define NEXT(name)                                                                         \
	static __typeof__(&name) name##_;                                                  \
	if (!name##_)                                                                      \
	*(void **)&name##_ = dlsym(RTLD_NEXT, #name)

static int fail(int error)
{
	errno = error;
	return -1;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
	NEXT(pthread_create);
	int error = FAULT(FAULT_THREAD);

	return error ? error : pthread_create_(thread, attr, start, arg);
}

void *mmap(void *address, size_t length, int prot, int flags, int fd, off_t offset)
{
	int error = FAULT(FAULT_MMAP);

	if (error) {
		errno = error;
		return MAP_FAILED;
	}
	return (void *)syscall(SYS_mmap, address, length, prot, flags, fd, offset);
}

void *malloc(size_t size)
{
	int error = FAULT(FAULT_MALLOC);

	if (error) {
		errno = error;
		return NULL;
	}
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	int error = FAULT(FAULT_MALLOC);

	if (error) {
		errno = error;
		return NULL;
	}
	return __libc_calloc(n, size);
}

int timerfd_create(clockid_t clock, int flags)
{
	int error = FAULT(FAULT_TIMERFD);

	return error ? fail(error) : (int)syscall(SYS_timerfd_create, clock, flags);
}

int eventfd(unsigned int value, int flags)
{
	int error = FAULT(FAULT_EVENTFD);

	return error ? fail(error) : (int)syscall(SYS_eventfd2, value, flags);
}

int socket(int domain, int type, int protocol)
{
	int error = FAULT(FAULT_EVENTFD);

	return error ? fail(error) : (int)syscall(SYS_socket, domain, type, protocol);
}

int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set)
{
	int error = FAULT(FAULT_AFFINITY);

	return error ? fail(error) : (int)syscall(SYS_sched_setaffinity, pid, size, set);
}

int pthread_setaffinity_np(pthread_t thread, size_t size, const cpu_set_t *set)
{
	NEXT(pthread_setaffinity_np);
	int error = FAULT(FAULT_AFFINITY);

	return error ? error : pthread_setaffinity_np_(thread, size, set);
}

int pthread_attr_setaffinity_np(pthread_attr_t *attr, size_t size, const cpu_set_t *set)
{
	NEXT(pthread_attr_setaffinity_np);
	int error = FAULT(FAULT_AFFINITY);

	return error ? error : pthread_attr_setaffinity_np_(attr, size, set);
}

int setpriority(__priority_which_t which, id_t who, int priority)
{
	int error = FAULT(FAULT_PRIORITY);

	return error ? fail(error) : (int)syscall(SYS_setpriority, which, who, priority);
}
