/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system's <linux/kernel.h>, plus what kernel code expects of it:
 * container_of, ARRAY_SIZE, min and max, rounding, printk, BUG and WARN.
 */
#if defined(_SYS_SYSINFO_H) && !defined(_LINUX_KERNEL_H)
/* Inside <sys/sysinfo.h>: neither it nor a file that includes it needs anything from here. */
#pragma GCC system_header
#include_next <linux/kernel.h>
#elif !defined(WQ_LINUX_KERNEL_H)
#define WQ_LINUX_KERNEL_H
#pragma GCC system_header

#include_next <linux/kernel.h>

#include <limits.h>

#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/types.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

#ifndef DIV_ROUND_UP
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#endif

/* @a of ALIGN must be a power of two; roundup takes any step. */
#ifndef ALIGN
#define ALIGN(x, a) (((x) + ((__typeof__(x))(a) - 1)) & ~((__typeof__(x))(a) - 1))
#endif
#ifndef roundup
#define roundup(x, step) (DIV_ROUND_UP(x, step) * (step))
#endif

/** might_sleep() - a remark for the reader of the source; does nothing */
#define might_sleep() ((void)0)

#endif /* WQ_LINUX_KERNEL_H */
