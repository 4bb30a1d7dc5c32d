/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loads the library named on the command line, uses it and closes it, three times,
 * with the host's signal dispositions watched. Not linked against it.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <workqueue.h>

static int runs;

static void count(struct work_struct *work)
{
	(void)work;
	runs++;
}

static void *symbol(void *library, const char *name)
{
	void *address = dlsym(library, name);

	if (!address) {
		fprintf(stderr, "no %s: %s\n", name, dlerror());
		exit(1);
	}
	return address;
}

static void use(void *library)
{
	struct workqueue_struct *(*create)(const char *);
	bool (*queue)(struct workqueue_struct *, struct work_struct *);
	void (*flush)(struct workqueue_struct *), (*destroy)(struct workqueue_struct *);
	struct workqueue_struct *wq;
	struct work_struct work;

	*(void **)&create = symbol(library, "create_workqueue");
	*(void **)&queue = symbol(library, "queue_work");
	*(void **)&flush = symbol(library, "flush_workqueue");
	*(void **)&destroy = symbol(library, "destroy_workqueue");
	INIT_WORK(&work, count);
	wq = create("dlopen");
	if (!wq || !queue(wq, &work))
		exit(1);
	flush(wq);
	destroy(wq);
}

static bool host_signals(void)
{
	static const int signals[] = { SIGPIPE, SIGSEGV, SIGFPE, SIGTERM, SIGQUIT, SIGINT };
	struct sigaction action;

	for (unsigned int i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigaction(signals[i], NULL, &action) || action.sa_handler != SIG_DFL)
			return false;
	return true;
}

static bool is_loaded(const char *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_NOLOAD);

	return library && dlclose(library) == 0;
}

int main(int argc, char **argv)
{
	for (int i = 1; argc == 2 && i <= 3; i++) {
		void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);

		if (!library) {
			fprintf(stderr, "%s\n", dlerror());
			return 1;
		}
		use(library);
		if (dlclose(library) || runs != i || !host_signals() || !is_loaded(argv[1]))
			return 1;
	}
	printf("%d runs\n", runs);
	return runs == 3 ? 0 : 1;
}
