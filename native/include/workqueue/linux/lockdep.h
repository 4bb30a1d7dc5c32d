/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel lockdep, as far as the library has it: see "DOC: Lockdep" in workqueue.h. */
#ifndef WQ_LINUX_LOCKDEP_H
#define WQ_LINUX_LOCKDEP_H

#include <workqueue.h>

#endif /* WQ_LINUX_LOCKDEP_H */
