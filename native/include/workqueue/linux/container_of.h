/* SPDX-License-Identifier: GPL-2.0-only */
/* container_of(): from a pointer to a member to the object around it. */
#ifndef WQ_LINUX_CONTAINER_OF_H
#define WQ_LINUX_CONTAINER_OF_H

#include <stddef.h>
#include <stdint.h>

/**
 * container_of() - the object that a member belongs to
 * @ptr: pointer to the member; the compiler complains if its type is not the member's
 * @type: type of the object
 * @member: name of the member
 */
#ifndef container_of
#define container_of(ptr, type, member)                                        \
	(__extension__({                                                       \
		const __typeof__(((type *)0)->member) *wq_member_ = (ptr);     \
		(type *)((uintptr_t)wq_member_ - offsetof(type, member));      \
	}))
#endif


#endif /* WQ_LINUX_CONTAINER_OF_H */
