/* SPDX-License-Identifier: GPL-2.0-only */
/* W2, W3, W3b: one item, or a few, again and again. Part of pool.h. */

/* ---- W2: round trip ------------------------------------------------------------ */

static inline void round_trip(struct task *task)
{
	worker.nr_run = 0;
	worker.nr_expected = 1;
	pool_queue(pool, task);
#ifdef POOL_FLUSH
	pool_flush(pool);
	wait_until_finished(); /* posted already: no system call */
#else
	wait_until_finished();
#endif
}

static void report_trips(const char *what, int64_t *ns, size_t nr, int64_t burnt_ns)
{
	sort_samples(ns, nr);
	report_one("W2", DRIVER, what, "cpu_us", (double)burnt_ns / (double)nr / NS_PER_US);
	report_one("W2", DRIVER, what, "p50_us", percentile(ns, nr, 500) / NS_PER_US);
	report_one("W2", DRIVER, what, "p99_us", percentile(ns, nr, 990) / NS_PER_US);
	report_one("W2", DRIVER, what, "p99.9_us", percentile(ns, nr, 999) / NS_PER_US);
}

static void round_trips(const char *what, int cpu, long pause_us)
{
	size_t nr = pause_us ? by_size(3000, 3000, 20) : by_size(20 * 1000, 5000, 200);
	int64_t *ns = (int64_t *)xcalloc(nr, sizeof(*ns)), start_cpu;
	struct task *task = (struct task *)xcalloc(1, sizeof(*task));

	open_pool(cpu);
	task_init(pool, task, count);
	for (int i = 0; i < 100; i++)
		round_trip(task);
	start_cpu = cpu_ns();
	for (size_t i = 0; i < nr; i++) {
		int64_t start;

		if (pause_us)
			sleep_us(pause_us);
		start = now_ns();
		round_trip(task);
		ns[i] = now_ns() - start;
	}
	report_trips(what, ns, nr, cpu_ns() - start_cpu);
	close_pool();
	free(task);
	free(ns);
}

static void trips(bool two_cpus)
{
	round_trips("one CPU", 0, 0);
	round_trips("one CPU, 50 us apart", 0, PAUSE_US);
	if (!two_cpus)
		return;
	round_trips("two CPUs", 1, 0);
	round_trips("two CPUs, 50 us apart", 1, PAUSE_US);
}

/* ---- W3, W3b: items that queue themselves again -------------------------------- */

#if !defined(POOL_NO_REQUEUE) && !defined(POOL_ONE_SLOT)
static size_t nr_requeues;

static void requeue(task_arg arg)
{
	size_t run = count_one();

	if (run <= nr_requeues)
		pool_requeue(pool, task_of(arg));
	else if (run == worker.nr_expected)
		finish();
}

/* As many runs in all, whatever the number of items that share them. */
static void self_requeue(const char *workload, const char *what, size_t nr_tasks)
{
	struct task *tasks = (struct task *)xcalloc(nr_tasks, sizeof(*tasks));
	int64_t start;

	open_pool(1);
	worker.nr_run = 0;
	worker.nr_expected = all_items();
	nr_requeues = worker.nr_expected - nr_tasks;
	for (size_t i = 0; i < nr_tasks; i++)
		task_init(pool, &tasks[i], requeue);
	start = now_ns();
	for (size_t i = 0; i < nr_tasks; i++)
		pool_queue(pool, &tasks[i]);
	wait_until_finished();
	report_one(workload, DRIVER, what, "item_ns",
		   (double)(now_ns() - start) / (double)worker.nr_expected);
	close_pool();
	free(tasks);
}
#endif
