/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program that knows nothing of the library: it opens the plug-ins named on the
 * command line, uses each, and closes them; each alone several times, then all at
 * once.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <time.h>

enum { RUNS = 4, ROUNDS = 5, MAX_PLUGINS = 8 };

static int use(void *plugin)
{
	int (*plugin_use)(void);

	*(void **)&plugin_use = plugin ? dlsym(plugin, "plugin_use") : NULL;
	if (!plugin_use) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	return plugin_use() != RUNS;
}

static void *open_plugin(const char *path)
{
	return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

int main(int argc, char **argv)
{
	struct timespec pause = { 0, 20 * 1000 * 1000 };
	void *plugins[MAX_PLUGINS];
	int wrong = 0;

	for (int i = 1; i < argc; i++)
		for (int round = 0; round < ROUNDS; round++) {
			void *plugin = open_plugin(argv[i]);

			wrong += use(plugin);
			if (plugin)
				dlclose(plugin);
			/* Time for a thread that still runs code of the plug-in to fault: nothing else shows it. */
			nanosleep(&pause, NULL);
		}
	for (int i = 1; i < argc && i < MAX_PLUGINS; i++)
		plugins[i] = open_plugin(argv[i]);
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 1; i < argc && i < MAX_PLUGINS; i++)
			wrong += use(plugins[i]);
	for (int i = 1; i < argc && i < MAX_PLUGINS; i++)
		if (plugins[i])
			dlclose(plugins[i]);
	nanosleep(&pause, NULL);
	printf("%d uses were not what they should be\n", wrong);
	return wrong != 0;
}
