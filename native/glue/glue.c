/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few things inside the library that C# cannot do: keep the embedded
 * runtime from taking the host's signals, and hold per-thread variables without
 * a managed allocation. Everything here is local to the .so.
 */
#include <signal.h>
#include <stddef.h>

#define HIDDEN __attribute__((visibility("hidden")))

typedef void (*sighandler)(int);
HIDDEN sighandler __wrap_signal(int sig, sighandler handler);
HIDDEN int __wrap_sigaction(int sig, const struct sigaction *act, struct sigaction *old);
int __real_sigaction(int sig, const struct sigaction *act, struct sigaction *old);
void *wq_current_worker(void);
void wq_set_current_worker(void *worker);
int *wq_interrupt_depth(void);

/* The runtime's only use of signal() ignores SIGPIPE for the whole process: the host decides. */
sighandler __wrap_signal(int sig, sighandler handler)
{
	(void)sig;
	(void)handler;
	return SIG_DFL;
}

/* SIGSEGV and SIGFPE stay the host's; a bad pointer in the library is a plain core dump. */
int __wrap_sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	if (act && (sig == SIGSEGV || sig == SIGFPE)) {
		if (old)
			__real_sigaction(sig, NULL, old);
		return 0;
	}
	return __real_sigaction(sig, act, old);
}

#define PER_THREAD static __thread __attribute__((tls_model("initial-exec")))

PER_THREAD void *current_worker;
PER_THREAD int interrupt_depth;

void *wq_current_worker(void)
{
	return current_worker;
}

void wq_set_current_worker(void *worker)
{
	current_worker = worker;
}

int *wq_interrupt_depth(void)
{
	return &interrupt_depth;
}
