/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compiler words of kernel code: branch hints, annotations, single loads and stores,
 * memory barriers. Short names that collide with the C++ library (barrier) are left out
 * in C++. noinline is left out everywhere: as a macro it breaks the
 * __attribute__((noinline)) of other headers.
 */
#ifndef WQ_LINUX_COMPILER_H
#define WQ_LINUX_COMPILER_H

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* Address spaces and checker marks mean nothing in a process. */
#define __user
#define __iomem
#define __percpu
#define __rcu
#define __read_mostly
#define __must_check __attribute__((warn_unused_result))
#define __maybe_unused __attribute__((unused))
#ifndef __cplusplus
#define barrier() __asm__ __volatile__("" ::: "memory")
#endif

/* One load, one store: never torn, merged or repeated by the compiler. */
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value) (*(volatile __typeof__(x) *)&(x) = (value))
#define ACCESS_ONCE(x) (*(volatile __typeof__(x) *)&(x))

#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define smp_store_release(p, value) __atomic_store_n((p), (value), __ATOMIC_RELEASE)

#endif /* WQ_LINUX_COMPILER_H */
