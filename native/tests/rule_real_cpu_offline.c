/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "The library looks by itself when the kernel announces a CPU." A real CPU is taken
 * offline through /sys and put back, if WQ_REAL_OFFLINE=1 asks for that and root does it;
 * else skipped, as the CPU is the whole machine's. A child process puts it back if the test
 * dies.
 */
#include "child.h"
#include "items.h"
#include "support/host.h"

#include <fcntl.h>

static int second, guard = -1;

static bool set_real(bool online)
{
	char path[64];
	bool done;
	int fd;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", second);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	done = fd >= 0 && write(fd, online ? "1" : "0", 1) == 1;
	if (fd >= 0)
		close(fd);
	return done;
}

/* Its end of the pipe closes when we are gone, however that comes about. */
static void start_guard(void)
{
	int fds[2];
	char byte;

	if (!check(pipe(fds) == 0))
		return;
	if (fork() == 0) {
		close(fds[1]);
		while (read(fds[0], &byte, 1) > 0)
			;
		set_real(true);
		_exit(0);
	}
	close(fds[0]);
	guard = fds[1];
}

static void end_guard(void)
{
	close(guard);
	WAITING(wait(NULL));
}

static void await_online_(bool online)
{
	while (wq_cpu_online(second) != online)
		sched_yield();
}

static void a_cpu_that_goes_offline_is_noticed_and_its_work_runs(void)
{
	struct workqueue_struct *wq;
	struct delayed_work dwork;
	struct item a;

	if (!may_change_host()) {
		skip("takes a CPU of this machine offline: only with WQ_REAL_OFFLINE=1");
		return;
	}
	second = allowed_cpus() >= 2 ? allowed_cpu(1) : -1;
	if (second < 0 || geteuid() != 0 || !set_real(true)) {
		skip("this machine's CPUs cannot be taken offline");
		return;
	}
	start_guard();
	wq = create_workqueue("real");
	item_init(&a, wq, item_count);
	INIT_DELAYED_WORK(&dwork, item_count);
	check(queue_on(second, wq, &a.work));
	WAITING(flush_workqueue(wq));
	check_eq(a.cpu, second);
	check(queue_delayed_work_on(second, wq, &dwork, 3600000));
	if (set_real(false)) {
		WAITING(await_online_(false));
		check(queue_work(wq, &a.work));
		WAITING(flush_workqueue(wq));
		check_eq(item_runs(&a), 2);
		check(cancel_delayed_work_sync(&dwork));
		check(set_real(true));
		WAITING(await_online_(true));
		unpin();
		check(queue_on(second, wq, &a.work));
		WAITING(flush_workqueue(wq));
		check_eq(a.cpu, second);
	} else {
		skip("the kernel keeps that CPU");
	}
	destroy_workqueue(wq);
	end_guard();
}

static void unless_asked_the_machine_is_left_alone(void)
{
	char out[4096];

	unsetenv("WQ_REAL_OFFLINE");
	check_eq(run_child("a_cpu_that_goes_offline_is_noticed_and_its_work_runs", out, sizeof(out)), 77);
}

TEST_MAIN(TEST(a_cpu_that_goes_offline_is_noticed_and_its_work_runs),
	  TEST(unless_asked_the_machine_is_left_alone))
