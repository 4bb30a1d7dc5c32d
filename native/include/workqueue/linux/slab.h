/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kmalloc() and the like over malloc(). They return NULL if there is no memory; with
 * __GFP_NOFAIL they abort instead.
 */
#ifndef WQ_LINUX_SLAB_H
#define WQ_LINUX_SLAB_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/gfp.h>

static inline void *wq_slab_result(void *memory, gfp_t flags)
{
	if (!memory && (flags & __GFP_NOFAIL))
		abort();
	return memory;
}

static inline void *kmalloc(size_t size, gfp_t flags)
{
	return wq_slab_result((flags & __GFP_ZERO) ? calloc(1, size) : malloc(size), flags);
}

static inline void *kzalloc(size_t size, gfp_t flags)
{
	return wq_slab_result(calloc(1, size), flags);
}

/** kcalloc() - zeroed array; NULL if n * size overflows */
static inline void *kcalloc(size_t n, size_t size, gfp_t flags)
{
	return wq_slab_result(calloc(n, size), flags);
}

/** kmalloc_array() - array, not zeroed; NULL if n * size overflows */
static inline void *kmalloc_array(size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return wq_slab_result(NULL, flags);
	return kmalloc(bytes, flags);
}

/** krealloc() - change the size; the old memory stays valid if it fails */
static inline void *krealloc(const void *memory, size_t size, gfp_t flags)
{
	return wq_slab_result(realloc((void *)(uintptr_t)memory, size), flags);
}

/** kmemdup() - a copy of @size bytes */
static inline void *kmemdup(const void *from, size_t size, gfp_t flags)
{
	void *copy = kmalloc(size, flags & ~__GFP_ZERO);

	return copy ? memcpy(copy, from, size) : NULL;
}

static inline char *kstrdup(const char *text, gfp_t flags)
{
	return text ? (char *)kmemdup(text, strlen(text) + 1, flags) : NULL;
}

static inline void kfree(const void *memory)
{
	free((void *)(uintptr_t)memory);
}

#endif /* WQ_LINUX_SLAB_H */
