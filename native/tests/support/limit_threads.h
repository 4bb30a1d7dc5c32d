/* SPDX-License-Identifier: GPL-2.0-only */
/* Children that may start so many threads and no more. Include after child.h and items.h. */
#ifndef WQ_TEST_LIMIT_THREADS_H
#define WQ_TEST_LIMIT_THREADS_H

#include <sys/resource.h>

enum { FIRST_UID = 54000 };

/** allow_threads() - let the process start @extra threads more, or with -1 any number */
static inline bool allow_threads(int extra)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NPROC, &limit))
		return false;
	limit.rlim_cur = extra < 0 ? limit.rlim_max : (rlim_t)(nr_threads() + extra);
	return setrlimit(RLIMIT_NPROC, &limit) == 0;
}

/** become_limited() - become a user nobody else is, so that the limit counts our threads only */
static inline bool become_limited(int extra)
{
	uid_t uid = FIRST_UID + (uid_t)(getpid() % 10000);

	workqueue_abi_version(); /* the library's own start-up is not the claim */
	return check(allow_threads(extra)) && check(setresuid(uid, uid, uid) == 0);
}

/** run_limited() - run_child() for children that call become_limited() */
static inline void run_limited(const char *name)
{
	char out[4096];
	int status;

	if (geteuid() != 0) {
		skip("needs root to become another user");
		return;
	}
	status = run_child(name, out, sizeof(out));
	if (status == 77)
		skip("see the child");
	else if (!check_eq(status, 0))
		printf("%s", out);
}

#endif /* WQ_TEST_LIMIT_THREADS_H */
