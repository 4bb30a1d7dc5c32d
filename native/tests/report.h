/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Capture of the library's reports: a report that a test did not expect fails
 * it, an expected one that did not come fails it too. Part of test.h.
 */
#ifndef WQ_TEST_REPORT_H
#define WQ_TEST_REPORT_H

static inline void test_log_handler(int level, const char *text, void *ctx)
{
	(void)ctx;
	if (level == WQ_LOG_DEBUG) /* with WQ_DEBUG=1, of what the machine refuses */
		return;
	pthread_mutex_lock(&test_state.log_lock);
	if (test_state.nr_reports < TEST_REPORTS) {
		struct test_report *r = &test_state.reports[test_state.nr_reports++];

		r->level = level;
		r->consumed = false;
		snprintf(r->text, sizeof(r->text), "%s", text);
	}
	pthread_mutex_unlock(&test_state.log_lock);
}

/** capture_reports() - be the library's log handler, with no limit on reports used up */
static inline void capture_reports(void)
{
	wq_set_log_handler(test_log_handler, NULL);
}

static inline int test_match_reports(const char *text, bool consume)
{
	int hits = 0;

	pthread_mutex_lock(&test_state.log_lock);
	for (int i = 0; i < test_state.nr_reports; i++)
		if (strstr(test_state.reports[i].text, text)) {
			test_state.reports[i].consumed |= consume;
			hits++;
		}
	pthread_mutex_unlock(&test_state.log_lock);
	return hits;
}

/** reported() - how many of this test's reports contain @text */
static inline int reported(const char *text)
{
	return test_match_reports(text, false);
}

/** allow_report() - reports that contain @text do not fail the test */
static inline int allow_report(const char *text)
{
	return test_match_reports(text, true);
}

static inline int test_expect_report(const char *text, const char *file, int line)
{
	int hits = test_match_reports(text, true);

	if (!hits)
		test_check(false, text, file, line);
	return hits;
}

/** expect_report() - fail unless some report contains @text; is their number */
#define expect_report(text) test_expect_report(text, __FILE__, __LINE__)

static inline void test_check_reports(void)
{
	pthread_mutex_lock(&test_state.log_lock);
	for (int i = 0; i < test_state.nr_reports; i++)
		if (!test_state.reports[i].consumed) {
			test_state.failures++;
			printf("  unexpected report: %s\n", test_state.reports[i].text);
		}
	test_state.nr_reports = 0;
	pthread_mutex_unlock(&test_state.log_lock);
}

#endif /* WQ_TEST_REPORT_H */
