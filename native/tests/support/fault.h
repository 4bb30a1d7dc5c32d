/* SPDX-License-Identifier: GPL-2.0-only */
/* What support/fault.c can make fail, for it and for the program it is preloaded into. */
#ifndef WQ_TEST_FAULT_H
#define WQ_TEST_FAULT_H

enum fault_kind {
	FAULT_THREAD,   /* pthread_create */
	FAULT_MMAP,     /* mmap */
	FAULT_MALLOC,   /* malloc, calloc */
	FAULT_TIMERFD,  /* timerfd_create */
	FAULT_EVENTFD,  /* eventfd, socket */
	FAULT_AFFINITY, /* sched_setaffinity, pthread_setaffinity_np, pthread_attr_setaffinity_np */
	FAULT_PRIORITY, /* setpriority */
	NR_FAULTS,
};

/**
 * fault_arm() - fail one call of the library's
 * @kind: which function
 * @n: which of the calls made from now on, from 1; 0 fails none, and counts
 * @error: what it fails with
 */
void fault_arm(enum fault_kind kind, int n, int error);

/** fault_count() - the library's calls of that kind since fault_arm() */
int fault_count(enum fault_kind kind);

#endif /* WQ_TEST_FAULT_H */
