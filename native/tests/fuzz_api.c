/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A string of bytes is a program of calls; after it the books must balance. Built with
 * clang -fsanitize=fuzzer -DWQ_LIBFUZZER it is a libFuzzer target. As a plain program it
 * runs the files named on its command line, or else a corpus of its own: short programs
 * that each aim at one rule, and random ones from a printed seed.
 *
 *   clang -g -fsanitize=fuzzer,address -DWQ_LIBFUZZER -Inative/include \
 *         -Inative/include/workqueue native/tests/fuzz_api.c -Lbuild/lib -lworkqueue -Wl,-rpath,$PWD/build/lib
 */
#include "test.h"
#include "support/books.h"

enum { BYTES_PER_CALL = 4, MAX_BYTES = 4096 };

/* Two bytes say what, two say how. A missing byte is a zero. */
static void run_bytes(const uint8_t *bytes, size_t size)
{
	static struct books books;

	if (!books_open(&books))
		return;
	for (size_t i = 0; i < size; i += BYTES_PER_CALL) {
		unsigned int word[BYTES_PER_CALL] = { 0 };

		for (size_t k = 0; k < BYTES_PER_CALL && i + k < size; k++)
			word[k] = bytes[i + k];
		books_call(&books, (word[1] << 8 | word[0]) * 4u, word[3] << 8 | word[2]);
	}
	books_close(&books);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	int failures = test_state.failures;

	within(TEST_SECONDS, "fuzz");
	run_bytes(bytes, size);
	if (test_state.failures != failures)
		abort();
	return 0;
}

#ifdef WQ_LIBFUZZER

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	pthread_mutex_init(&test_state.log_lock, NULL);
	test_watchdog_start();
	return 0;
}

#else

static int nr_files;
static char **files;

static void run_file(const char *path)
{
	static uint8_t bytes[MAX_BYTES];
	FILE *f = fopen(path, "rb");

	if (!check(f != NULL))
		return;
	run_bytes(bytes, fread(bytes, 1, sizeof(bytes), f));
	fclose(f);
}

static void the_files_named_hold(void)
{
	for (int i = 0; i < nr_files; i++) {
		within(TEST_SECONDS, files[i]);
		run_file(files[i]);
	}
}

/* choice() - the word that makes books_call() take that branch, for item 0 */
#define CHOICE(n) (uint8_t)((n) / 4), (uint8_t)((n) / 4 >> 8)

static void short_programs_hold(void)
{
	static const uint8_t queue_twice_and_cancel[] = {
		CHOICE(0), 4, 0, CHOICE(0), 4, 0, CHOICE(800), 2, 0, CHOICE(800), 2, 0 };
	static const uint8_t delay_cancel_flush[] = {
		CHOICE(0), 1, 2, CHOICE(724), 0, 0, CHOICE(904), 0, 0, CHOICE(904), 1, 0 };
	static const uint8_t free_freeze_flush[] = {
		CHOICE(940), 3, 0, CHOICE(1012), 9, 0, CHOICE(940), 3, 0, CHOICE(904), 3, 0 };
	static const uint8_t cpus_and_own_queues[] = {
		CHOICE(1020), 4, 0, CHOICE(1008), 0, 0, CHOICE(0), 8, 0, CHOICE(1020), 6, 0,
		CHOICE(1008), 3, 0 };

	run_bytes(NULL, 0);
	run_bytes(queue_twice_and_cancel, sizeof(queue_twice_and_cancel));
	run_bytes(delay_cancel_flush, sizeof(delay_cancel_flush));
	run_bytes(free_freeze_flush, sizeof(free_freeze_flush));
	run_bytes(cpus_and_own_queues, sizeof(cpus_and_own_queues));
}

static void random_programs_hold(void)
{
	static uint8_t bytes[MAX_BYTES];
	uint64_t random = test_state.seed;

	for (int n = 0; n < (test_slow() ? 10 : 200); n++) {
		size_t size = test_random(&random) % sizeof(bytes);

		for (size_t i = 0; i < size; i++)
			bytes[i] = (uint8_t)test_random(&random);
		within(TEST_SECONDS, "a random program");
		run_bytes(bytes, size);
	}
}

int main(int argc, char **argv)
{
	static const struct test_case corpus[] = { TEST(short_programs_hold),
						   TEST(random_programs_hold) };
	static const struct test_case named[] = { TEST(the_files_named_hold) };

	files = argv + 1;
	nr_files = argc - 1;
	return nr_files ? test_main(named, 1, 1, argv) : test_main(corpus, 2, 1, argv);
}

#endif
