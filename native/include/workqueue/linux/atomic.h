/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * atomic_t, atomic64_t and atomic_long_t over the compiler's atomics. As in the
 * kernel, operations that return a value are full barriers, the others are not.
 */
#ifndef WQ_LINUX_ATOMIC_H
#define WQ_LINUX_ATOMIC_H

#include <stdbool.h>

#include <linux/compiler.h>

typedef struct {
	/* private: */
	int counter;
} atomic_t;

typedef struct {
	/* private: */
	long counter;
} atomic_long_t;

typedef atomic_long_t atomic64_t;

#define ATOMIC_INIT(value) { (value) }
#define ATOMIC_LONG_INIT(value) { (value) }
#define ATOMIC64_INIT(value) { (value) }

/* Defines all operations named @p_*, on @atomic holding a @value. */
#define WQ_ATOMIC_OPS(p, atomic, value)                                        \
	static inline value p##_read(const atomic *v)                          \
	{                                                                      \
		return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);         \
	}                                                                      \
	static inline void p##_set(atomic *v, value i)                         \
	{                                                                      \
		__atomic_store_n(&v->counter, i, __ATOMIC_RELAXED);            \
	}                                                                      \
	static inline void p##_add(value i, atomic *v)                         \
	{                                                                      \
		__atomic_fetch_add(&v->counter, i, __ATOMIC_RELAXED);          \
	}                                                                      \
	static inline void p##_sub(value i, atomic *v)                         \
	{                                                                      \
		__atomic_fetch_sub(&v->counter, i, __ATOMIC_RELAXED);          \
	}                                                                      \
	static inline void p##_inc(atomic *v)                                  \
	{                                                                      \
		p##_add(1, v);                                                 \
	}                                                                      \
	static inline void p##_dec(atomic *v)                                  \
	{                                                                      \
		p##_sub(1, v);                                                 \
	}                                                                      \
	static inline value p##_add_return(value i, atomic *v)                 \
	{                                                                      \
		return __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST);   \
	}                                                                      \
	static inline value p##_sub_return(value i, atomic *v)                 \
	{                                                                      \
		return __atomic_sub_fetch(&v->counter, i, __ATOMIC_SEQ_CST);   \
	}                                                                      \
	static inline value p##_inc_return(atomic *v)                          \
	{                                                                      \
		return p##_add_return(1, v);                                   \
	}                                                                      \
	static inline value p##_dec_return(atomic *v)                          \
	{                                                                      \
		return p##_sub_return(1, v);                                   \
	}                                                                      \
	static inline bool p##_inc_and_test(atomic *v)                         \
	{                                                                      \
		return p##_add_return(1, v) == 0;                              \
	}                                                                      \
	static inline bool p##_dec_and_test(atomic *v)                         \
	{                                                                      \
		return p##_sub_return(1, v) == 0;                              \
	}                                                                      \
	static inline bool p##_sub_and_test(value i, atomic *v)                \
	{                                                                      \
		return p##_sub_return(i, v) == 0;                              \
	}                                                                      \
	static inline value p##_xchg(atomic *v, value i)                       \
	{                                                                      \
		return __atomic_exchange_n(&v->counter, i, __ATOMIC_SEQ_CST);  \
	}                                                                      \
	/* Is the value found, equal to @old if the exchange was made. */      \
	static inline value p##_cmpxchg(atomic *v, value old, value i)         \
	{                                                                      \
		__atomic_compare_exchange_n(&v->counter, &old, i, false,       \
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
		return old;                                                    \
	}                                                                      \
	/* Adds @i unless the value is @unless; true if it was added. */       \
	static inline bool p##_add_unless(atomic *v, value i, value unless)    \
	{                                                                      \
		value old = p##_read(v);                                       \
									       \
		while (old != unless)                                          \
			if (__atomic_compare_exchange_n(&v->counter, &old,     \
							old + i, false,        \
							__ATOMIC_SEQ_CST,      \
							__ATOMIC_SEQ_CST))     \
				return true;                                   \
		return false;                                                  \
	}                                                                      \
	static inline bool p##_inc_not_zero(atomic *v)                         \
	{                                                                      \
		return p##_add_unless(v, 1, 0);                                \
	}

WQ_ATOMIC_OPS(atomic, atomic_t, int)
WQ_ATOMIC_OPS(atomic_long, atomic_long_t, long)
WQ_ATOMIC_OPS(atomic64, atomic64_t, long)
#undef WQ_ATOMIC_OPS

#define smp_mb__before_atomic() smp_mb()
#define smp_mb__after_atomic() smp_mb()

#endif /* WQ_LINUX_ATOMIC_H */
