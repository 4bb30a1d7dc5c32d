/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program may close every descriptor and open its own under the same numbers: the
 * library neither reads nor closes those, in the program or in a forked child, and goes
 * on knowing which CPUs the process has. Children do it, as they lose their descriptors.
 */
#include "child.h"
#include "items.h"
#include "support/host.h"
#include "support/process_cpus.h"

#include <fcntl.h>
#include <sys/socket.h>

enum { NR_PAIRS = 8, NR_BYTES = 16 };

static int ours[NR_PAIRS][2];

/* The library's are gone, and each of these numbers has bytes to be read. */
static void take_over_descriptors(void)
{
	for (int fd = 3; fd < 256; fd++)
		close(fd);
	for (int i = 0; i < NR_PAIRS; i++) {
		check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ours[i]) == 0);
		for (int end = 0; end < 2; end++)
			check_eq(write(ours[i][end], "0123456789abcdef", NR_BYTES), NR_BYTES);
	}
	check(ours[0][0] == 3);
}

static bool all_are_open(void)
{
	bool open = true;

	for (int i = 0; i < NR_PAIRS; i++)
		open &= fcntl(ours[i][0], F_GETFD) >= 0 && fcntl(ours[i][1], F_GETFD) >= 0;
	return open;
}

/* What the watching thread wakes up for: the kernel says something about a CPU, to all who listen. Root only. */
static void announce_a_cpu(void)
{
	char path[64];
	int fd;

	if (!may_change_host())
		return;
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/uevent", allowed_cpu(0));
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		check(write(fd, "change", 6) == 6);
		close(fd);
	}
}

static void lose_descriptors(void)
{
	struct workqueue_struct *wq = create_workqueue("closed");
	struct item a;
	char bytes[64];
	int status = -1;

	item_init(&a, wq, item_count);
	check(WAITING(wq_cpu_rescan()) >= 0); /* the watching thread is there */
	take_over_descriptors();
	for (int i = 0; i < 100; i++) {
		announce_a_cpu();
		check(queue_work(wq, &a.work));
		WAITING(flush_workqueue(wq));
		check_eq(WAITING(wq_cpu_rescan()), 0);
	}
	if (fork() == 0)
		_exit(all_are_open() ? 0 : 1);
	WAITING(wait(&status));
	check_eq(status, 0);
	for (int i = 0; i < NR_PAIRS; i++)
		for (int end = 0; end < 2; end++)
			check_eq(read(ours[i][end], bytes, sizeof(bytes)), NR_BYTES);
	destroy_workqueue(wq);
}

static void keep_following(void)
{
	struct workqueue_struct *wq = create_workqueue("closed");
	int lost = allowed_cpu(1);

	confine_process_to(allowed_cpu(0));
	check(WAITING(wq_cpu_rescan()) >= 0);
	check(!wq_cpu_online(lost));
	take_over_descriptors();
	announce_a_cpu();
	check_eq(WAITING(wq_cpu_rescan()), 0); /* not back to what was given at first */
	check(!wq_cpu_online(lost));
	confine_process_to(-1);
	check_eq(WAITING(wq_cpu_rescan()), 1);
	check(wq_cpu_online(lost));
	destroy_workqueue(wq);
}

static void what_took_their_numbers_is_left_alone(void)
{
	passes_in_a_child("lose_descriptors");
}

static void the_cpus_are_followed_without_them(void)
{
	if (need_two_cpus())
		passes_in_a_child("keep_following");
}

TEST_MAIN(TEST(what_took_their_numbers_is_left_alone), TEST(the_cpus_are_followed_without_them),
	  CHILD(lose_descriptors), CHILD(keep_following))
