/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A name that is NULL is refused with EINVAL, a name too long is cut to 31 bytes
 * with a report, and an empty one or odd bytes are kept. Every create form is tried.
 */
#include "items.h"

static void check_refused(struct workqueue_struct *wq)
{
	check(wq == NULL);
	check_eq(errno, EINVAL);
	errno = 0;
}

static void a_name_that_is_null_is_einval(void)
{
	const char *none = NULL;
	int before = nr_threads();

	errno = 0;
	check_refused(create_workqueue(none));
	check_refused(create_singlethread_workqueue(none));
	check_refused(create_freezeable_workqueue(none));
	check_refused(create_freezable_workqueue(none));
	check_refused(__create_workqueue_key(none, 0, 0, NULL, NULL));
	check_eq(nr_threads(), before);
	allow_report("name");
}

static void check_works(struct workqueue_struct *wq)
{
	struct item a;

	if (!check(wq != NULL))
		return;
	item_init(&a, wq, item_count);
	check(queue_work(wq, &a.work));
	destroy_workqueue(wq);
	check_eq(item_runs(&a), 1);
}

static void an_empty_name_is_a_name(void)
{
	check_works(create_workqueue(""));
	check_works(create_singlethread_workqueue(""));
	check_works(create_freezeable_workqueue(""));
	check_works(__create_workqueue_key("", 0, 0, NULL, NULL));
}

static void a_name_of_300_bytes_is_cut_to_31_with_a_report(void)
{
	char name[301], kept[64];

	for (int i = 0; i < 300; i++)
		name[i] = (char)('a' + i % 26);
	name[300] = 0;
	check_works(create_workqueue(name));
	check_eq(reported("name exceeds"), 1);
	snprintf(kept, sizeof(kept), "Truncating to: %.31s", name);
	check_eq(expect_report(kept), 1);
	snprintf(kept, sizeof(kept), "%.32s", name);
	check_eq(reported(kept), 0);
	check_works(create_singlethread_workqueue(name));
	check_eq(expect_report("name exceeds"), 2);
}

static void a_name_of_31_bytes_is_kept_and_of_32_is_cut(void)
{
	char name[33];

	memset(name, 'n', 32);
	name[31] = 0;
	check_works(create_workqueue(name));
	check_eq(reported("name exceeds"), 0);
	name[31] = 'n';
	name[32] = 0;
	check_works(create_workqueue(name));
	check_eq(expect_report("name exceeds"), 1);
}

static void names_of_odd_bytes_are_accepted(void)
{
	check_works(create_workqueue("%s%n%d"));
	check_works(create_workqueue("a/b c)("));
	check_works(create_singlethread_workqueue("\xff\x01\n"));
}

TEST_MAIN(TEST(a_name_that_is_null_is_einval), TEST(an_empty_name_is_a_name),
	  TEST(a_name_of_300_bytes_is_cut_to_31_with_a_report),
	  TEST(a_name_of_31_bytes_is_kept_and_of_32_is_cut), TEST(names_of_odd_bytes_are_accepted))
