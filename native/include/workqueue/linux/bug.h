/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BUG and WARN: messages on standard error with the place of the call. After BUG the
 * process aborts, after WARN it goes on.
 */
#ifndef WQ_LINUX_BUG_H
#define WQ_LINUX_BUG_H
#pragma GCC system_header

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/compiler.h>

#define BUG()                                                                  \
	do {                                                                   \
		fprintf(stderr, "kernel BUG at %s:%d!\n", __FILE__, __LINE__); \
		abort();                                                       \
	} while (0)

#define BUG_ON(condition)                                                      \
	do {                                                                   \
		if (unlikely(condition))                                       \
			BUG();                                                 \
	} while (0)

/** WARN() - print place and message if @condition holds; is the condition */
#define WARN(condition, ...)                                                   \
	(__extension__({                                                       \
		bool wq_warn_ = (condition) ? true : false;                    \
		if (unlikely(wq_warn_)) {                                      \
			fprintf(stderr, "WARNING: at %s:%d %s()\n", __FILE__,  \
				__LINE__, __func__);                           \
			fprintf(stderr, __VA_ARGS__);                          \
		}                                                              \
		wq_warn_;                                                      \
	}))

/** WARN_ON() - print the place if @condition holds; is the condition */
#define WARN_ON(condition)                                                     \
	(__extension__({                                                       \
		bool wq_warn_ = (condition) ? true : false;                    \
		if (unlikely(wq_warn_))                                        \
			fprintf(stderr, "WARNING: at %s:%d %s()\n", __FILE__,  \
				__LINE__, __func__);                           \
		wq_warn_;                                                      \
	}))

/** WARN_ON_ONCE() - WARN_ON() that prints the first time only */
#define WARN_ON_ONCE(condition)                                                \
	(__extension__({                                                       \
		static bool wq_said_;                                          \
		bool wq_once_ = (condition) ? true : false;                    \
		if (unlikely(wq_once_) &&                                      \
		    !__atomic_exchange_n(&wq_said_, true, __ATOMIC_RELAXED))   \
			WARN_ON(true);                                         \
		wq_once_;                                                      \
	}))

#ifdef __cplusplus
#define BUILD_BUG_ON(condition) static_assert(!(condition), #condition)
#else
#define BUILD_BUG_ON(condition) _Static_assert(!(condition), #condition)
#endif

#endif /* WQ_LINUX_BUG_H */
