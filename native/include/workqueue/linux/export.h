/* SPDX-License-Identifier: GPL-2.0-only */
/* EXPORT_SYMBOL() under the name that newer kernel code includes. */
#ifndef WQ_LINUX_EXPORT_H
#define WQ_LINUX_EXPORT_H

#include <linux/module.h>

#endif /* WQ_LINUX_EXPORT_H */
