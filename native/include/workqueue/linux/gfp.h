/* SPDX-License-Identifier: GPL-2.0-only */
/* Allocation flags. In a process every allocation may block; only zeroing counts. */
#ifndef WQ_LINUX_GFP_H
#define WQ_LINUX_GFP_H

#include <linux/types.h>

#ifdef WQ_NO_KERNEL_TYPES
typedef unsigned int gfp_t;
#endif

#define __GFP_HIGH 0x20u
#define __GFP_IO 0x40u
#define __GFP_FS 0x80u
#define __GFP_ZERO 0x100u
#define __GFP_NOWARN 0x2000u
#define __GFP_NOFAIL 0x8000u

#define GFP_ATOMIC __GFP_HIGH
#define GFP_NOWAIT 0u
#define GFP_NOIO 0u
#define GFP_NOFS __GFP_IO
#define GFP_KERNEL (__GFP_IO | __GFP_FS)
#define GFP_USER GFP_KERNEL

#endif /* WQ_LINUX_GFP_H */
