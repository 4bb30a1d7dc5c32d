/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * race_point() stands where another thread may come between two steps of a queue.
 * Compiled with RACE_POINTS it lets one come there, by a short sleep or a
 * shorter spin; else it is nothing. native/tests/bench_drivers.sh runs both.
 */
#ifdef RACE_POINTS
static inline void race_point(void)
{
	static __thread uint64_t state;
	uint64_t dice;

	if (!state)
		state = (uint64_t)(uintptr_t)&state | 1;
	dice = xorshift(&state);
	if (dice % 2)
		sleep_us((long)(dice / 2 % 16));
	else
		for (uint64_t spins = dice / 2 % 64; spins; spins--)
			pause_cpu();
}
#else
static inline void race_point(void)
{
}
#endif
