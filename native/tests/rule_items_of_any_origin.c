/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A work item is 32 bytes of the caller's: static, on the stack, from calloc,
 * laid over other data; initialised once, twice, or with a NULL function first.
 */
#include "items.h"

static int runs;

static void count(struct work_struct *work)
{
	(void)work;
	runs++;
}

static void check_runs_twice(struct workqueue_struct *wq, struct work_struct *work)
{
	runs = 0;
	for (int i = 1; i <= 2; i++) {
		check(queue_work(wq, work));
		WAITING(flush_workqueue(wq));
		check_eq(runs, i);
	}
}

static void a_static_item_needs_no_initialisation_at_run_time(void)
{
	static DECLARE_WORK(work, count);
	struct workqueue_struct *wq = create_workqueue("origins");

	check_runs_twice(wq, &work);
	destroy_workqueue(wq);
}

static void an_item_may_live_on_the_stack_or_come_from_calloc(void)
{
	struct workqueue_struct *wq = create_workqueue("origins");
	struct work_struct *heap = (struct work_struct *)calloc(1, sizeof(*heap));
	struct work_struct stack;

	INIT_WORK(&stack, count);
	INIT_WORK(heap, count);
	check_runs_twice(wq, &stack);
	check_runs_twice(wq, heap);
	free(heap);
	destroy_workqueue(wq);
}

union overlay {
	char text[sizeof(struct work_struct)];
	struct work_struct work;
};

static void an_item_may_be_laid_over_other_data(void)
{
	struct workqueue_struct *wq = create_workqueue("origins");
	union overlay o;

	for (int i = 0; i < 100; i++) {
		memset(o.text, 'x' + i, sizeof(o.text));
		INIT_WORK(&o.work, count);
		check_runs_twice(wq, &o.work);
	}
	destroy_workqueue(wq);
}

static void an_item_may_be_at_any_address_aligned_to_eight(void)
{
	struct workqueue_struct *wq = create_workqueue("origins");
	static unsigned long words[64];

	for (int i = 0; i + 4 <= 64; i++) {
		struct work_struct *work = (struct work_struct *)(void *)&words[i];

		INIT_WORK(work, count);
		check_runs_twice(wq, work);
	}
	destroy_workqueue(wq);
}

static void the_function_may_come_after_the_initialisation(void)
{
	struct workqueue_struct *wq = create_workqueue("origins");
	struct work_struct work;

	INIT_WORK(&work, NULL);
	PREPARE_WORK(&work, count);
	check_runs_twice(wq, &work);
	destroy_workqueue(wq);
}

static void an_item_may_be_initialised_with_its_own_function(void)
{
	struct workqueue_struct *wq = create_workqueue("origins");
	struct work_struct work;

	INIT_WORK(&work, count);
	check_runs_twice(wq, &work);
	INIT_WORK(&work, work.func);
	check_runs_twice(wq, &work);
	destroy_workqueue(wq);
}

struct plain {
	int before;
	struct work_struct work;
	int after;
};

static void add(struct work_struct *work)
{
	struct plain *p = container_of(work, struct plain, work);

	runs += p->before + p->after;
}

static void container_of_finds_the_object_around_the_item(void)
{
	struct workqueue_struct *wq = create_workqueue("origins");
	struct plain objects[10];

	runs = 0;
	for (int i = 0; i < 10; i++) {
		objects[i].before = i;
		objects[i].after = 100 * i;
		INIT_WORK(&objects[i].work, add);
		check(queue_on(allowed_cpu(0), wq, &objects[i].work));
	}
	destroy_workqueue(wq);
	check_eq(runs, 45 * 101);
}

TEST_MAIN(TEST(a_static_item_needs_no_initialisation_at_run_time),
	  TEST(an_item_may_live_on_the_stack_or_come_from_calloc),
	  TEST(an_item_may_be_laid_over_other_data),
	  TEST(an_item_may_be_at_any_address_aligned_to_eight),
	  TEST(the_function_may_come_after_the_initialisation),
	  TEST(an_item_may_be_initialised_with_its_own_function),
	  TEST(container_of_finds_the_object_around_the_item))
