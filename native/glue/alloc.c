/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * alloc_workqueue() and its like: calls with a variable number of arguments, which C# cannot
 * take. The name is formatted here; all else is the engine's.
 */
#include <stdarg.h>
#include <stdio.h>

#define NAME_BYTES 256 /* More than the engine keeps, so that it sees what it cuts. */
#define EXPORT __attribute__((visibility("default")))
#define ORDERED (1u << 17)
#define UNBOUND (1u << 1)

struct workqueue_struct;
struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags, int max_active, ...);
struct workqueue_struct *alloc_ordered_workqueue(const char *fmt, unsigned int flags, ...);
extern struct workqueue_struct *wq_alloc_workqueue(const char *name, unsigned int flags, int max_active);

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

EXPORT struct workqueue_struct *alloc_ordered_workqueue(const char *fmt, unsigned int flags, ...)
{
	struct workqueue_struct *wq;
	va_list args;

	va_start(args, flags);
	wq = alloc(fmt, args, flags | UNBOUND | ORDERED, 1);
	va_end(args);
	return wq;
}
