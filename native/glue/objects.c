/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which objects (the program, shared libraries, plug-ins) are loaded. A caller that keeps
 * something by an address in an object must know that, as another object may be at that
 * address later.
 *
 * The loader lists objects in the order in which they were loaded, and counts them. The C
 * library's dl_iterate_phdr() takes the lock of that list, which the loader holds only while
 * it changes the list, not while it calls constructors and destructors. So these may wait for
 * a thread that asks here.
 */
#define _GNU_SOURCE
#include <link.h>
#include <stddef.h>
#include <stdint.h>

struct wq_objects {
	uint64_t nr_unloaded; /* since the process began */
	int nr;               /* that are loaded */
	int place;            /* in order of loading, of the object with the address; or -1 */
	uintptr_t address;
};

uint64_t wq_objects_unloaded(void);
void wq_objects_find(uintptr_t address, struct wq_objects *objects);

static uint64_t nr_unloaded(const struct dl_phdr_info *info, size_t size)
{
	return size >= offsetof(struct dl_phdr_info, dlpi_subs) + sizeof(info->dlpi_subs) ? info->dlpi_subs : 0;
}

static int look_at_first(struct dl_phdr_info *info, size_t size, void *nr)
{
	*(uint64_t *)nr = nr_unloaded(info, size);
	return 1;
}

uint64_t wq_objects_unloaded(void)
{
	uint64_t nr = 0;

	dl_iterate_phdr(look_at_first, &nr);
	return nr;
}

static int look_at_each(struct dl_phdr_info *info, size_t size, void *argument)
{
	struct wq_objects *objects = argument;

	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];

		if (segment->p_type == PT_LOAD &&
		    objects->address - (info->dlpi_addr + segment->p_vaddr) < segment->p_memsz)
			objects->place = objects->nr;
	}
	objects->nr_unloaded = nr_unloaded(info, size);
	objects->nr++;
	return 0;
}

/* Fills *objects, except its address: that is what the caller asks about. */
void wq_objects_find(uintptr_t address, struct wq_objects *objects)
{
	*objects = (struct wq_objects){ .place = -1, .address = address };
	dl_iterate_phdr(look_at_each, objects);
}
