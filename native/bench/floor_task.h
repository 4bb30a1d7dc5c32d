/* SPDX-License-Identifier: GPL-2.0-only */
/* The item of the plain C pools. An item is queued once until it runs, as a work item is. */
struct task {
	struct task *next;
	void (*fn)(struct task *task);
	uint32_t pending;
};

typedef struct task *task_arg;
