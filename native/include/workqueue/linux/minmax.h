/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * min, max, clamp and swap. The short names are macros. In C++ they are left out, as they
 * would break std::min and the like. The *_t forms are in both languages.
 */
#ifndef WQ_LINUX_MINMAX_H
#define WQ_LINUX_MINMAX_H

/* Each argument is evaluated once. */
#define min_t(type, a, b)                                                      \
	(__extension__({                                                       \
		type wq_min_a_ = (a), wq_min_b_ = (b);                         \
		wq_min_a_ < wq_min_b_ ? wq_min_a_ : wq_min_b_;                 \
	}))
#define max_t(type, a, b)                                                      \
	(__extension__({                                                       \
		type wq_max_a_ = (a), wq_max_b_ = (b);                         \
		wq_max_a_ > wq_max_b_ ? wq_max_a_ : wq_max_b_;                 \
	}))
#define clamp_t(type, value, lowest, highest)                                  \
	min_t(type, max_t(type, value, lowest), highest)

#ifndef __cplusplus
#define min(a, b) min_t(__typeof__(1 ? (a) : (b)), a, b)
#define max(a, b) max_t(__typeof__(1 ? (a) : (b)), a, b)
#define clamp(value, lowest, highest)                                          \
	clamp_t(__typeof__(value), value, lowest, highest)
#define swap(a, b)                                                             \
	do {                                                                   \
		__typeof__(a) wq_swap_ = (a);                                  \
		(a) = (b);                                                     \
		(b) = wq_swap_;                                                \
	} while (0)
#endif

#endif /* WQ_LINUX_MINMAX_H */
