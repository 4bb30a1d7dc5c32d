/* SPDX-License-Identifier: GPL-2.0-only */
/* Notifier blocks, and what their functions return. linux/cpu.h has a chain of them. */
#ifndef WQ_LINUX_NOTIFIER_H
#define WQ_LINUX_NOTIFIER_H

#include <stddef.h>

/**
 * struct notifier_block - a function that is called when something happens
 * @notifier_call: the function; is given the block, what happened, and to what
 * @priority: a block with a higher one is called earlier
 */
struct notifier_block {
	int (*notifier_call)(struct notifier_block *nb, unsigned long action, void *data);
	/* private: */
	struct notifier_block *next;
	/* public: */
	int priority;
};

#define NOTIFY_DONE 0x0000 /* not interested */
#define NOTIFY_OK 0x0001
#define NOTIFY_STOP_MASK 0x8000 /* the other blocks are not called */
#define NOTIFY_BAD (NOTIFY_STOP_MASK | 0x0002) /* refused */
#define NOTIFY_STOP (NOTIFY_OK | NOTIFY_STOP_MASK)

/** notifier_from_errno() - the answer that refuses for a reason; for 0 it is NOTIFY_OK */
static inline int notifier_from_errno(int error)
{
	return error ? NOTIFY_STOP_MASK | (NOTIFY_OK - error) : NOTIFY_OK;
}

/** notifier_to_errno() - the reason in an answer, or 0 */
static inline int notifier_to_errno(int answer)
{
	answer &= ~NOTIFY_STOP_MASK;
	return answer > NOTIFY_OK ? NOTIFY_OK - answer : 0;
}

#endif /* WQ_LINUX_NOTIFIER_H */
