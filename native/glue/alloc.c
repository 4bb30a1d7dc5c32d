/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * alloc_workqueue() and its like, and set_worker_desc(): calls with a variable number of
 * arguments, which C# cannot take. The text is formatted here; all else is the engine's.
 */
#include <stdarg.h>
#include <stdio.h>

#define NAME_BYTES 256 /* More than the engine keeps, so that it sees what it cuts. */
#define DESC_BYTES 32 /* WORKER_DESC_LEN */
#define EXPORT __attribute__((visibility("default")))
#define ORDERED (1u << 17)
#define UNBOUND (1u << 1)

struct workqueue_struct;
struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags, int max_active, ...);
struct workqueue_struct *alloc_ordered_workqueue(const char *fmt, unsigned int flags, ...);
extern struct workqueue_struct *wq_alloc_workqueue(const char *name, unsigned int flags, int max_active);
void set_worker_desc(const char *fmt, ...);
extern void wq_set_worker_desc(const char *desc);

static struct workqueue_struct *alloc(const char *fmt, va_list args, unsigned int flags, int max_active)
{
	char name[NAME_BYTES];

	if (fmt)
		vsnprintf(name, sizeof(name), fmt, args);
	return wq_alloc_workqueue(fmt ? name : NULL, flags, max_active);
}

EXPORT struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags, int max_active, ...)
{
	struct workqueue_struct *wq;
	va_list args;

	va_start(args, max_active);
	wq = alloc(fmt, args, flags, max_active);
	va_end(args);
	return wq;
}

EXPORT void set_worker_desc(const char *fmt, ...)
{
	char desc[DESC_BYTES];
	va_list args;

	if (fmt) {
		va_start(args, fmt);
		vsnprintf(desc, sizeof(desc), fmt, args);
		va_end(args);
	}
	wq_set_worker_desc(fmt ? desc : NULL);
}

EXPORT struct workqueue_struct *alloc_ordered_workqueue(const char *fmt, unsigned int flags, ...)
{
	struct workqueue_struct *wq;
	va_list args;

	va_start(args, flags);
	wq = alloc(fmt, args, flags | UNBOUND | ORDERED, 1);
	va_end(args);
	return wq;
}
