/* SPDX-License-Identifier: GPL-2.0-only */
/* Ends in a work or timer function, by the way named on the command line. */
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void crashing_function(struct work_struct *work);
void crashing_timer(struct timer_list *timer);

static const char *way;

static void crash(void)
{
	if (strcmp(way, "segv") == 0)
		*(volatile int *)8 = 1;
	abort();
}

void crashing_function(struct work_struct *work)
{
	crash();
	(void)work;
}

void crashing_timer(struct timer_list *timer)
{
	crash();
	(void)timer;
}

int main(int argc, char **argv)
{
	static DECLARE_WORK(work, crashing_function);
	static DEFINE_TIMER(timer, crashing_timer);

	way = argc > 2 ? argv[2] : "abort";
	if (argc > 1 && strcmp(argv[1], "timer") == 0)
		mod_timer(&timer, jiffies);
	else
		schedule_work(&work);
	pause();
	return 0;
}
