/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system's <linux/types.h>, plus the short integer names of kernel code. System
 * headers include this file too. Some of them define types that the C library's
 * <sys/types.h> also defines, so this file cannot include that one. A program that has its
 * own u8 to s64, with other types, defines WQ_NO_KERNEL_TYPES.
 */
#ifdef __undef_LINUX_TYPES_H
/* Inside <sys/kd.h>, which keeps this file out on purpose. */
#elif !defined(WQ_LINUX_TYPES_H)
#define WQ_LINUX_TYPES_H
#pragma GCC system_header

#include_next <linux/types.h>

#if !defined(__ASSEMBLY__) && !defined(WQ_NO_KERNEL_TYPES)

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef __s8 s8;
typedef __u8 u8;
typedef __s16 s16;
typedef __u16 u16;
typedef __s32 s32;
typedef __u32 u32;
typedef __s64 s64;
typedef __u64 u64;

typedef unsigned int gfp_t;

#endif

#endif /* WQ_LINUX_TYPES_H */
