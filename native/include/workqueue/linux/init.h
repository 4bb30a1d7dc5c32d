/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Start and end of a module. module_init(fn) runs fn before main(), or when dlopen()
 * loads the object. module_exit(fn) runs fn after main(). If the fn of module_init()
 * returns nonzero, that is reported on standard error, the program goes on, and the
 * module_exit() of the same file is not run. The *_initcall() forms run in the kernel's
 * order of levels within one object. Workqueues may be used in all of them. In C++
 * __init and __exit are left out: the C++ library uses the names.
 */
#ifndef WQ_LINUX_INIT_H
#define WQ_LINUX_INIT_H

#include <stdio.h>
#include <stdlib.h> /* has a member called __init */

#ifndef __cplusplus
#define __init
#define __exit
#endif
#define __initdata
#define __exitdata

static int wq_module_failed_ __attribute__((unused));

static inline void wq_module_run(int (*fn)(void), const char *name, int *failed)
{
	int result = fn();

	if (!result)
		return;
	*failed = 1;
	fprintf(stderr, "initcall %s returned %d\n", name, result);
}

#define WQ_INITCALL(fn, priority)                                              \
	static void __attribute__((constructor(priority))) wq_initcall_##fn(void); \
	static void wq_initcall_##fn(void)                                     \
	{                                                                      \
		wq_module_run(fn, #fn, &wq_module_failed_);                    \
	}                                                                      \
	struct wq_needs_semicolon_

#define core_initcall(fn) WQ_INITCALL(fn, 401)
#define postcore_initcall(fn) WQ_INITCALL(fn, 402)
#define arch_initcall(fn) WQ_INITCALL(fn, 403)
#define subsys_initcall(fn) WQ_INITCALL(fn, 404)
#define fs_initcall(fn) WQ_INITCALL(fn, 405)
#define device_initcall(fn) WQ_INITCALL(fn, 406)
#define late_initcall(fn) WQ_INITCALL(fn, 407)
#define module_init(fn) device_initcall(fn)

#define module_exit(fn)                                                        \
	static void __attribute__((destructor(406))) wq_exitcall_##fn(void);   \
	static void wq_exitcall_##fn(void)                                     \
	{                                                                      \
		if (!wq_module_failed_)                                        \
			fn();                                                  \
	}                                                                      \
	struct wq_needs_semicolon_

#endif /* WQ_LINUX_INIT_H */
