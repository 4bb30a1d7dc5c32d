/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs one CHILD() entry of a test program in a fresh process, for claims about
 * start-up, exit, crashes and limits. Include after test.h.
 */
#ifndef WQ_TEST_CHILD_H
#define WQ_TEST_CHILD_H

#include "test.h"

/**
 * run_child() - run one CHILD() entry of this program in a process of its own
 * @name: its name
 * @out: receives what it printed on stdout and stderr
 *
 * The kernel does not know how to start a program for another machine: it goes to the emulator
 * that the environment's WQ_EMULATOR names.
 *
 * Return: exit status, or 128 + signal
 */
static inline int run_child(const char *name, char *out, size_t size)
{
	int fds[2], status = 0;
	size_t used = 0;
	ssize_t got;
	pid_t pid;

	if (pipe(fds) || (pid = fork()) < 0)
		return -1;
	if (pid == 0) {
		dup2(fds[1], 1);
		dup2(fds[1], 2);
		if (getenv("WQ_EMULATOR"))
			execlp("sh", "sh", "-c", "exec $WQ_EMULATOR \"$0\" \"$1\"",
			       program_invocation_name, name, (char *)NULL);
		execlp(program_invocation_name, program_invocation_name, name, (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	while (used + 1 < size && (got = WAITING(read(fds[0], out + used, size - 1 - used))) > 0)
		used += (size_t)got;
	out[used] = 0;
	close(fds[0]);
	WAITING(waitpid(pid, &status, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

enum { CHILD_SKIPPED = 77 };

/** passes_in_a_child() - the claim that run_child() passes; skipped if the child skips its own */
static inline void passes_in_a_child(const char *name)
{
	char out[4096];
	int status = run_child(name, out, sizeof(out));

	if (status != 0)
		printf("%s", out);
	if (status == CHILD_SKIPPED)
		skip("the child skips its claim");
	else
		check_eq(status, 0);
}

#endif /* WQ_TEST_CHILD_H */
