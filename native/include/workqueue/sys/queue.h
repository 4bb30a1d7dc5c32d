/* SPDX-License-Identifier: GPL-2.0-only */
/* The system's <sys/queue.h>, which leaves linux/list.h its LIST_HEAD(). */
#pragma GCC system_header
#include_next <sys/queue.h>

#ifdef WQ_LINUX_LIST_H
#undef LIST_HEAD
#define LIST_HEAD(...) WQ_LIST_HEAD_(__VA_ARGS__, WQ_QUEUE_HEAD, WQ_LIST_HEAD, 0)(__VA_ARGS__)
#endif
