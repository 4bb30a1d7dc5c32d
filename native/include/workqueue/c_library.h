/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions of the C library that the headers in linux/ call, under names of our own:
 * -std=c11 hides the C library's, and where it does not they may not be declared twice.
 *
 * A thread's signal mask, its CPUs and its number are asked for here and not of the
 * kernel: the C library has signals of its own, which must reach every thread.
 */
#ifndef WQ_C_LIBRARY_H
#define WQ_C_LIBRARY_H

#include <pthread.h>
#include <stddef.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* private: a sigset_t */
struct wq_signals {
	unsigned long bits[16];
};

extern long wq_c_syscall(long number, ...) __asm__("syscall");
extern pid_t wq_c_gettid(void) __asm__("gettid");
extern int wq_c_getcpu(void) __asm__("sched_getcpu");
extern int wq_c_setaffinity(pid_t tid, size_t size, const void *mask) __asm__("sched_setaffinity");
extern int wq_c_sigfillset(struct wq_signals *set) __asm__("sigfillset");
extern int wq_c_sigdelset(struct wq_signals *set, int signal) __asm__("sigdelset");
extern int wq_c_attr_setsigmask(pthread_attr_t *attr, const struct wq_signals *set)
	__asm__("pthread_attr_setsigmask_np");

#ifdef __cplusplus
}
#endif

#endif /* WQ_C_LIBRARY_H */
