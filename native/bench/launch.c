/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * W7: starts a driver again and again and measures from just before posix_spawn()
 * to the run of its first item, on a clock that both processes share.
 *
 *	launch [--quick | --tiny] PROGRAM
 *
 * The program, called with --first-item, prints its driver's name and the time at
 * which the item ran, and then its /proc/self/status.
 */
#include "bench.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct launches {
	char driver[64];
	struct series start_us, rss_mb, vm_mb, threads;
};

/* The child's standard output is the stream returned. */
static FILE *spawn(char *program, pid_t *pid, int64_t *spawned_at_ns)
{
	char *argv[] = { program, "--first-item", NULL };
	posix_spawn_file_actions_t actions;
	int ends[2];
	FILE *out;

	if (pipe(ends))
		die("pipe");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	posix_spawn_file_actions_addclose(&actions, ends[1]);
	*spawned_at_ns = now_ns();
	if (posix_spawn(pid, program, &actions, NULL, argv, environ))
		die(program);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	out = fdopen(ends[0], "r");
	if (!out)
		die("fdopen");
	return out;
}

static void launch(char *program, struct launches *l)
{
	int64_t spawned_at_ns;
	long long ran_at_ns, number;
	char line[256];
	int status;
	pid_t pid;
	FILE *out = spawn(program, &pid, &spawned_at_ns);

	if (fscanf(out, "%63s %lld\n", l->driver, &ran_at_ns) != 2)
		die("the program did not run its item");
	series_add(&l->start_us, (double)(ran_at_ns - spawned_at_ns) / NS_PER_US);
	while (fgets(line, sizeof(line), out)) {
		if (sscanf(line, "VmSize: %lld", &number) == 1)
			series_add(&l->vm_mb, (double)number / 1024);
		else if (sscanf(line, "VmRSS: %lld", &number) == 1)
			series_add(&l->rss_mb, (double)number / 1024);
		else if (sscanf(line, "Threads: %lld", &number) == 1)
			series_add(&l->threads, (double)number);
	}
	fclose(out);
	if (waitpid(pid, &status, 0) != pid || status)
		die("the program failed");
}

int main(int argc, char **argv)
{
	static struct launches warm_up, l;

	bench_start(argc, argv);
	if (!*bench.only) {
		fputs("usage: launch [--quick | --tiny] PROGRAM\n", stderr);
		return EXIT_FAILURE;
	}
	launch(*bench.only, &warm_up);
	for (size_t i = 0; i < by_size(30, 5, 2); i++)
		launch(*bench.only, &l);
	report("W7", l.driver, "process", "start_us", &l.start_us);
	report("W7", l.driver, "process", "rss_mb", &l.rss_mb);
	report("W7", l.driver, "process", "vmsize_mb", &l.vm_mb);
	report("W7", l.driver, "process", "threads", &l.threads);
	return 0;
}
