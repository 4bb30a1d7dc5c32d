/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A plug-in is used in one order and unloaded; another, mapped at the same place, is
 * used in the other order. For rule_unloaded_plugin.sh, which names both in WQ_PLUGIN_A
 * and WQ_PLUGIN_B.
 */
#include "../test.h"
#include "../items.h"
#include "lockdep.h"

#include <dlfcn.h>

struct plugin_order {
	void (*nest)(int backwards);
	void (*run_item)(int takes_the_lock);
	void (*flush_under_the_lock)(void);
	void (*init_map)(struct lockdep_map *map);
	struct workqueue_struct *(*make_queue)(void);
};

static void *handle;
static struct lockdep_map of_host = STATIC_LOCKDEP_MAP_INIT("of the host", NULL);

static struct plugin_order *load(const char *variable)
{
	const char *path = getenv(variable);
	struct plugin_order *plugin;

	handle = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
	plugin = handle ? (struct plugin_order *)dlsym(handle, "plugin_order") : NULL;
	if (!check(plugin != NULL))
		exit(1);
	return plugin;
}

/* change() - unload the one and load the other; NULL, and a skip, if that is not where the first was */
static struct plugin_order *change(struct plugin_order *former)
{
	struct plugin_order *next;

	dlclose(handle);
	next = load("WQ_PLUGIN_B");
	if (next == former)
		return next;
	skip("the second plug-in is not mapped where the first was");
	dlclose(handle);
	return NULL;
}

static void orders_of_locks_are_forgotten(void)
{
	struct plugin_order *plugin = load("WQ_PLUGIN_A");

	plugin->nest(0);
	plugin = change(plugin);
	if (!plugin)
		return;
	plugin->nest(1);
	check_eq(reported(CIRCULAR), 0);
	plugin->nest(0);
	check_eq(reports_with(CIRCULAR, "\"outer\"", "\"inner\""), 1);
	dlclose(handle);
}

static void what_an_item_leads_to_is_forgotten(void)
{
	struct plugin_order *plugin = load("WQ_PLUGIN_A");

	plugin->run_item(1);
	plugin = change(plugin);
	if (!plugin)
		return;
	plugin->flush_under_the_lock();
	plugin->run_item(0);
	check_eq(reported(CIRCULAR), 0);
	plugin->run_item(1);
	check_eq(reports_with(CIRCULAR, "\"inner\"", "is about to take"), 1);
	dlclose(handle);
}

/* Their keys and names are where the next plug-in is. */
static void a_lock_and_a_queue_may_outlive_their_plugin(void)
{
	struct plugin_order *plugin = load("WQ_PLUGIN_A");
	struct workqueue_struct *wq = plugin->make_queue();
	struct lockdep_map old, map;
	struct item i;

	plugin->init_map(&old);
	lock_map_acquire(&old);
	with_lock(&of_host, (void)0);
	plugin = change(plugin);
	lock_map_release(&old);
	if (plugin) {
		plugin->init_map(&map);
		with_lock(&of_host, with_lock(&map, (void)0));
		check_eq(reported(CIRCULAR), 0);
		with_lock(&old, with_lock(&of_host, (void)0)); /* of a class of its own */
		check_eq(reported(CIRCULAR), 0);
		with_lock(&map, with_lock(&of_host, (void)0));
		check_eq(reports_with(CIRCULAR, "\"of the plug-in\"", "\"of the host\""), 1);
		dlclose(handle);
	}
	item_init(&i, wq, item_count);
	check(queue_work(wq, &i.work));
	WAITING(destroy_workqueue(wq));
	check_eq(item_done(&i), 1);
}

static void any_number_of_plugins_may_come_and_go(void)
{
	enum { ROUNDS = 400 }; /* each has more than two classes, of 1,023 there can be */

	for (int i = 0; i < ROUNDS; i++) {
		struct plugin_order *plugin = load(i % 2 ? "WQ_PLUGIN_A" : "WQ_PLUGIN_B");

		plugin->nest(i % 3 == 0);
		if (i % 40 == 0)
			plugin->run_item(1);
		dlclose(handle);
	}
	check_eq(reported("lockdep"), 0);
}

static void what_is_still_there_is_remembered(void)
{
	static struct lockdep_map one = STATIC_LOCKDEP_MAP_INIT("one", NULL);
	static struct lockdep_map two = STATIC_LOCKDEP_MAP_INIT("two", NULL);

	with_lock(&one, with_lock(&two, (void)0));
	load("WQ_PLUGIN_A")->nest(0);
	dlclose(handle);
	with_lock(&two, with_lock(&one, (void)0));
	check_eq(reports_with(CIRCULAR, "\"one\"", "\"two\""), 1);
}

TEST_MAIN(TEST(orders_of_locks_are_forgotten), TEST(what_an_item_leads_to_is_forgotten),
	  TEST(a_lock_and_a_queue_may_outlive_their_plugin),
	  TEST(any_number_of_plugins_may_come_and_go), TEST(what_is_still_there_is_remembered))
