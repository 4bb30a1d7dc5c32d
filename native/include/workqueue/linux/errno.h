/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system's <linux/errno.h>, plus the numbers that never leave a kernel. The C
 * library's <errno.h> includes this file, so it defines numbers only.
 */
#ifndef WQ_LINUX_ERRNO_H
#define WQ_LINUX_ERRNO_H
#pragma GCC system_header

#include_next <linux/errno.h>

#ifndef ERESTARTSYS
#define ERESTARTSYS 512
#define ERESTARTNOINTR 513
#define ENOIOCTLCMD 515
#endif
#ifndef EPROBE_DEFER
#define EPROBE_DEFER 517
#endif
#ifndef ENOTSUPP
#define ENOTSUPP 524
#endif

#endif /* WQ_LINUX_ERRNO_H */
