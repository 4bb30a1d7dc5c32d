/* SPDX-License-Identifier: GPL-2.0-only */
/* Error numbers inside pointers: no object is in the last page of the address space. */
#ifndef WQ_LINUX_ERR_H
#define WQ_LINUX_ERR_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/compiler.h>
#include <linux/errno.h>

#define MAX_ERRNO 4095
#define IS_ERR_VALUE(x) ((uintptr_t)(x) >= (uintptr_t)-MAX_ERRNO)

static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

static inline long PTR_ERR(const void *ptr)
{
	return (long)(intptr_t)ptr;
}

static inline bool IS_ERR(const void *ptr)
{
	return unlikely(IS_ERR_VALUE(ptr));
}

static inline bool IS_ERR_OR_NULL(const void *ptr)
{
	return !ptr || IS_ERR(ptr);
}

#endif /* WQ_LINUX_ERR_H */
