/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For abi_hidden_objects.sh, compiled twice: as a library (with -DLIBRARY) and as the
 * program that is linked with it. The thread is the program's, its function the library's.
 */
#include <linux/kthread.h>
#include <stdio.h>

#define PUBLIC __attribute__((visibility("default")))

PUBLIC int library_thread(void *data);
PUBLIC struct task_struct *library_current(void);

#ifdef LIBRARY
struct task_struct *library_current(void)
{
	return wq_current();
}

/* Sleeps until somebody stops it. */
int library_thread(void *data)
{
	complete((struct completion *)data);
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 42;
}
#else
int main(void)
{
	DECLARE_COMPLETION_ONSTACK(begun);
	struct task_struct *k;
	int result;

	if (library_current() != wq_current()) {
		puts("program and library have a current each");
		return 1;
	}
	k = kthread_run(library_thread, &begun, "hidden");
	if (IS_ERR(k))
		return 2;
	wait_for_completion(&begun);
	result = kthread_stop(k);
	printf("kthread_stop() gives %d\n", result);
	return result != 42;
}
#endif
