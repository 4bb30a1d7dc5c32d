/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * jiffies is CLOCK_MONOTONIC in milliseconds, conversions round as the kernel's
 * do at HZ 1000, and comparisons hold when the counter wraps. Values are tabulated
 * here once more, apart from the header.
 */
#include "test.h"
#include "support/delayed.h"

static void jiffies_are_milliseconds_of_the_monotonic_clock(void)
{
	check_eq(HZ, 1000);
	for (int i = 0; i < 1000; i++) {
		uint64_t before = now_ns(), now = jiffies, after = now_ns();

		check(before / NS_PER_MS <= now && now <= after / NS_PER_MS);
		check(wq_jiffies() >= now);
		check(get_jiffies_64() >= now);
	}
}

static void milliseconds_are_jiffies(void)
{
	check_eq(msecs_to_jiffies(0), 0);
	check_eq(msecs_to_jiffies(1), 1);
	check_eq(msecs_to_jiffies(12345), 12345);
	check_eq(msecs_to_jiffies(INT_MAX), INT_MAX);
	check_eq(msecs_to_jiffies((unsigned int)INT_MAX + 1), MAX_JIFFY_OFFSET);
	check_eq(msecs_to_jiffies((unsigned int)-1), MAX_JIFFY_OFFSET);
	check_eq(jiffies_to_msecs(0), 0);
	check_eq(jiffies_to_msecs(98765), 98765);
}

static void microseconds_round_up_to_jiffies(void)
{
	check_eq(usecs_to_jiffies(0), 0);
	check_eq(usecs_to_jiffies(1), 1);
	check_eq(usecs_to_jiffies(1000), 1);
	check_eq(usecs_to_jiffies(1001), 2);
	check_eq(usecs_to_jiffies(2500000), 2500);
	check_eq(usecs_to_jiffies(UINT_MAX), 4294968);
	check_eq(jiffies_to_usecs(7), 7000);
}

static void other_units_convert(void)
{
	check_eq(nsecs_to_jiffies(0), 0);
	check_eq(nsecs_to_jiffies(999999), 0);
	check_eq(nsecs_to_jiffies(1000000), 1);
	check_eq(nsecs_to_jiffies(UINT64_MAX), (long long)(UINT64_MAX / 1000000));
	check_eq(jiffies_to_nsecs(3), 3000000);
	check_eq(secs_to_jiffies(0), 0);
	check_eq(secs_to_jiffies(60), 60000);
	check_eq(secs_to_jiffies(UINT_MAX), 4294967295000LL);
}

static void limits_have_their_values(void)
{
	check_eq(MAX_SCHEDULE_TIMEOUT, LONG_MAX);
	check_eq(MAX_JIFFY_OFFSET, LONG_MAX / 2 - 1);
	check(time_after(jiffies + MAX_JIFFY_OFFSET, jiffies));
}

static void comparisons_hold_without_a_wrap(void)
{
	unsigned long a = 1000, b = 2000;

	check(time_after(b, a) && !time_after(a, b) && !time_after(a, a));
	check(time_before(a, b) && !time_before(b, a) && !time_before(a, a));
	check(time_after_eq(b, a) && time_after_eq(a, a) && !time_after_eq(a, b));
	check(time_before_eq(a, b) && time_before_eq(a, a) && !time_before_eq(b, a));
	check(time_in_range(a, a, b) && time_in_range(b, a, b) && time_in_range(1500UL, a, b));
	check(!time_in_range(a - 1, a, b) && !time_in_range(b + 1, a, b));
}

static void comparisons_hold_across_the_wrap(void)
{
	static const unsigned long starts[] = { ULONG_MAX - 1, ULONG_MAX, 0, LONG_MAX,
						(unsigned long)LONG_MAX + 1 };

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		for (unsigned long d = 1; d < 1ul << 62; d *= 3) {
			unsigned long a = starts[i], b = a + d;

			check(time_after(b, a) && !time_after(a, b));
			check(time_before(a, b) && !time_before(b, a));
			check(time_after_eq(b, a) && !time_after_eq(a, b));
			check(time_before_eq(a, b) && !time_before_eq(b, a));
			check(time_in_range(a, a, b) && time_in_range(b, a, b));
		}
}

static void comparisons_with_now_hold(void)
{
	check(time_is_before_jiffies(jiffies - 1));
	check(!time_is_before_jiffies(jiffies + 1000));
	check(time_is_after_jiffies(jiffies + 1000));
	check(!time_is_after_jiffies(jiffies - 1));
}

static void rounded_jiffies_are_whole_seconds_to_come(void)
{
	unsigned long far = jiffies + 100000;

	check_eq(round_jiffies(far) % HZ, 0);
	check(round_jiffies(far) + HZ / 2 >= far && round_jiffies(far) <= far + HZ / 2);
	check(time_after_eq(round_jiffies(jiffies + 1), jiffies));
	for (unsigned long d = 1; d < 5000; d += 113)
		check(round_jiffies_relative(d) <= d + HZ / 2 + 1);
}

TEST_MAIN(TEST(jiffies_are_milliseconds_of_the_monotonic_clock), TEST(milliseconds_are_jiffies),
	  TEST(microseconds_round_up_to_jiffies), TEST(other_units_convert),
	  TEST(limits_have_their_values), TEST(comparisons_hold_without_a_wrap),
	  TEST(comparisons_hold_across_the_wrap), TEST(comparisons_with_now_hold),
	  TEST(rounded_jiffies_are_whole_seconds_to_come))
