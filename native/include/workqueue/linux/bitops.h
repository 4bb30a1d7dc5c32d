/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bit operations on arrays of unsigned long, such as work_data_bits(). As in the
 * kernel, the test_and_ forms are full barriers, set, clear and change are not.
 */
#ifndef WQ_LINUX_BITOPS_H
#define WQ_LINUX_BITOPS_H

#include <stdbool.h>

#define BITS_PER_LONG 64
#ifndef BIT
#define BIT(nr) (1ul << (nr))
#endif
#define BIT_MASK(nr) (1ul << ((unsigned long)(nr) % BITS_PER_LONG))
#define BIT_WORD(nr) ((unsigned long)(nr) / BITS_PER_LONG)

static inline bool test_bit(long nr, const volatile unsigned long *bits)
{
	return (__atomic_load_n(bits + BIT_WORD(nr), __ATOMIC_RELAXED) & BIT_MASK(nr)) != 0;
}

static inline void set_bit(long nr, volatile unsigned long *bits)
{
	__atomic_fetch_or(bits + BIT_WORD(nr), BIT_MASK(nr), __ATOMIC_RELAXED);
}

static inline void clear_bit(long nr, volatile unsigned long *bits)
{
	__atomic_fetch_and(bits + BIT_WORD(nr), ~BIT_MASK(nr), __ATOMIC_RELAXED);
}

static inline void change_bit(long nr, volatile unsigned long *bits)
{
	__atomic_fetch_xor(bits + BIT_WORD(nr), BIT_MASK(nr), __ATOMIC_RELAXED);
}

static inline bool test_and_set_bit(long nr, volatile unsigned long *bits)
{
	return (__atomic_fetch_or(bits + BIT_WORD(nr), BIT_MASK(nr), __ATOMIC_SEQ_CST) &
		BIT_MASK(nr)) != 0;
}

static inline bool test_and_clear_bit(long nr, volatile unsigned long *bits)
{
	return (__atomic_fetch_and(bits + BIT_WORD(nr), ~BIT_MASK(nr), __ATOMIC_SEQ_CST) &
		BIT_MASK(nr)) != 0;
}

#endif /* WQ_LINUX_BITOPS_H */
