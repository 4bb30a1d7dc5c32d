/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wqsum - SHA-256 of every regular file below the given paths, in parallel
 *
 * Prints what "find PATH... -type f | sort | xargs sha256sum" prints in the C
 * locale, byte for byte.
 *
 * There is one work item per CPU, a hasher, and not one per file: a queue
 * follows the CPU of whoever queues, so a single thread that queued every file
 * would keep one CPU busy. schedule_on_each_cpu() lets each CPU queue its own
 * hasher, which takes the next file off the sorted list, hashes it, and queues
 * itself again. The item stays on its CPU, memory stays at one buffer per CPU
 * however many files there are, and to stop is to cancel one item per CPU:
 * cancel_work_sync() holds against an item that requeues itself.
 *
 * The main thread prints finished files in the order of the list. A file's
 * digest and error belong to its hasher until the hasher stores the state with
 * release order, and to the main thread after it has loaded it with acquire.
 *
 * The progress line is a delayed work that arms itself again, on the global
 * queue; the terminal is the main thread's and its by turns, under a mutex.
 */
#define _GNU_SOURCE
#include <workqueue/linux/container_of.h>
#include <workqueue.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <gcrypt.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { BUFFER_BYTES = 128 * 1024, DIGEST_BYTES = 32, TICK_MS = 100 };

enum file_state { FILE_WAITING, FILE_HASHED, FILE_UNREADABLE };

struct file {
	char *path;
	_Atomic int state;
	int error;
	unsigned char digest[DIGEST_BYTES];
};

struct hasher {
	struct work_struct work;
	gcry_md_hd_t md;
	unsigned char *buffer;
};

static struct file *files;
static size_t nr_files;
static _Atomic size_t next_file; /* the first file no hasher has taken */
static _Atomic size_t nr_finished;
static size_t nr_printed; /* files before this one are on standard output */

static struct hasher *hashers;
static int nr_hashers; /* room in hashers[] */
static _Atomic int nr_started;
static struct workqueue_struct *wq;
static int all_finished_fd;

static volatile sig_atomic_t stop_signal;
static _Atomic bool stopping; /* tells a hasher to give up inside a large file */
static bool failed;
static bool show_progress;
static pthread_mutex_t terminal = PTHREAD_MUTEX_INITIALIZER;

static void complain(const char *what, int error)
{
	fprintf(stderr, "wqsum: %s: %s\n", what, strerror(error));
	failed = true;
}

static void die(const char *what)
{
	fprintf(stderr, "wqsum: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

/* ---- Hashing: on the workers ------------------------------------------------- */

/* Returns 0, a positive errno, or -1 if told to stop half way. */
static int hash_fd(struct hasher *h, int fd, unsigned char *digest)
{
	ssize_t n;

	gcry_md_reset(h->md);
	while ((n = read(fd, h->buffer, BUFFER_BYTES)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		gcry_md_write(h->md, h->buffer, (size_t)n);
		if (stopping)
			return -1;
	}
	memcpy(digest, gcry_md_read(h->md, GCRY_MD_SHA256), DIGEST_BYTES);
	return 0;
}

static int hash_file(struct hasher *h, struct file *f)
{
	/* O_NONBLOCK: the file may have become a pipe since the walk. */
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int error;

	if (fd < 0)
		return errno;
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	error = hash_fd(h, fd, f->digest);
	close(fd);
	return error;
}

static void hash_next(struct work_struct *work)
{
	struct hasher *h = container_of(work, struct hasher, work);
	size_t i = atomic_fetch_add(&next_file, 1);
	struct file *f = &files[i];
	uint64_t one = 1;

	if (i >= nr_files)
		return;
	f->error = hash_file(h, f);
	if (f->error < 0)
		return; /* stopping: the file stays FILE_WAITING */
	atomic_store_explicit(&f->state, f->error ? FILE_UNREADABLE : FILE_HASHED,
			      memory_order_release);
	if (atomic_fetch_add(&nr_finished, 1) + 1 == nr_files &&
	    write(all_finished_fd, &one, sizeof(one)) < 0)
		return; /* cannot happen; the main thread's tick would notice the end */
	queue_work(wq, work);
}

/* Runs once on each CPU and queues that CPU's hasher there. */
static void start_hasher(struct work_struct *work)
{
	int i = atomic_fetch_add(&nr_started, 1);

	(void)work;
	if (i < nr_hashers)
		queue_work(wq, &hashers[i].work);
}

/* ---- Listing ----------------------------------------------------------------- */

static void add_file(const char *path)
{
	static size_t room;

	if (nr_files == room) {
		room = room ? 2 * room : 1024;
		files = realloc(files, room * sizeof(*files));
		if (!files)
			die("list of files");
	}
	files[nr_files] = (struct file){ .path = strdup(path) };
	if (!files[nr_files++].path)
		die("list of files");
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

/* As "find PATH... -type f", but a symbolic link named on the command line is followed. */
static void list_files(char **paths)
{
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	if (!walk)
		die("fts_open");
	while (!stop_signal && (errno = 0, entry = fts_read(walk))) {
		switch (entry->fts_info) {
		case FTS_F:
			add_file(entry->fts_path);
			break;
		case FTS_DNR:
		case FTS_ERR:
		case FTS_NS:
			complain(entry->fts_path, entry->fts_errno);
			break;
		default: /* directories, links, devices, sockets, pipes */
			break;
		}
	}
	if (!stop_signal && errno)
		die("fts_read");
	fts_close(walk);
	if (nr_files)
		qsort(files, nr_files, sizeof(*files), by_path);
}

/* ---- Printing ---------------------------------------------------------------- */

/* sha256sum escapes such a name and marks its line with a leading backslash. */
static void print_escaped(const char *path)
{
	for (; *path; path++) {
		if (strchr("\\\n\r", *path))
			putchar('\\');
		putchar(*path == '\n' ? 'n' : *path == '\r' ? 'r' : *path);
	}
}

static void print_file(const struct file *f)
{
	static const char digit[] = "0123456789abcdef";
	char hex[2 * DIGEST_BYTES + 1] = "";
	bool escape = strpbrk(f->path, "\\\n\r") != NULL;

	for (int i = 0; i < DIGEST_BYTES; i++) {
		hex[2 * i] = digit[f->digest[i] >> 4];
		hex[2 * i + 1] = digit[f->digest[i] & 15];
	}
	printf("%s%s  ", escape ? "\\" : "", hex);
	if (escape)
		print_escaped(f->path);
	else
		fputs(f->path, stdout);
	putchar('\n');
}

#define ERASE_LINE "\r\033[K"

static void print_progress(struct work_struct *work)
{
	pthread_mutex_lock(&terminal);
	fprintf(stderr, ERASE_LINE "%zu of %zu files hashed", (size_t)nr_finished, nr_files);
	pthread_mutex_unlock(&terminal);
	schedule_delayed_work(to_delayed_work(work), TICK_MS);
}

static DECLARE_DELAYED_WORK(progress, print_progress);

/* Prints finished files from nr_printed on; stops at an unfinished one unless told to skip it. */
static void print_finished(bool skip_waiting)
{
	pthread_mutex_lock(&terminal);
	if (show_progress)
		fputs(ERASE_LINE, stderr);
	for (; nr_printed < nr_files; nr_printed++) {
		struct file *f = &files[nr_printed];
		int state = atomic_load_explicit(&f->state, memory_order_acquire);

		if (state == FILE_HASHED)
			print_file(f);
		else if (state == FILE_UNREADABLE)
			complain(f->path, f->error);
		else if (!skip_waiting)
			break;
	}
	if (fflush(stdout))
		die("write error");
	pthread_mutex_unlock(&terminal);
}

/* ---- Set-up, waiting, stopping ----------------------------------------------- */

static void on_signal(int sig)
{
	stop_signal = sig;
}

/* The second signal of a kind kills at once. */
static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART | SA_RESETHAND };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static void make_hashers(void)
{
	nr_hashers = (int)sysconf(_SC_NPROCESSORS_CONF);
	hashers = calloc((size_t)nr_hashers, sizeof(*hashers));
	if (!hashers || !gcry_check_version(GCRYPT_VERSION)) /* which also sets libgcrypt up */
		die("hashers");
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	for (int i = 0; i < nr_hashers; i++) {
		INIT_WORK(&hashers[i].work, hash_next);
		hashers[i].buffer = malloc(BUFFER_BYTES);
		if (gcry_md_open(&hashers[i].md, GCRY_MD_SHA256, 0) || !hashers[i].buffer)
			die("hashers");
	}
}

static void free_hashers(void)
{
	for (int i = 0; i < nr_hashers; i++) {
		gcry_md_close(hashers[i].md);
		free(hashers[i].buffer);
	}
	free(hashers);
}

static void start_hashing(void)
{
	int error;

	make_hashers();
	all_finished_fd = eventfd(0, EFD_CLOEXEC);
	if (all_finished_fd < 0)
		die("eventfd");
	wq = create_workqueue("wqsum");
	if (!wq)
		die("create_workqueue");
	error = schedule_on_each_cpu(start_hasher);
	if (error) {
		errno = -error;
		die("schedule_on_each_cpu");
	}
	if (show_progress)
		schedule_delayed_work(&progress, TICK_MS);
}

static void wait_for_hashers(void)
{
	struct pollfd all_finished = { .fd = all_finished_fd, .events = POLLIN };

	/* A signal that comes just before poll() is seen one tick later. */
	while (!stop_signal && nr_finished < nr_files) {
		print_finished(false);
		poll(&all_finished, 1, TICK_MS);
	}
	if (!stop_signal)
		return;
	stopping = true;
	for (int i = 0; i < nr_hashers; i++)
		cancel_work_sync(&hashers[i].work);
}

static int hash_files(void)
{
	start_hashing();
	wait_for_hashers();
	cancel_delayed_work_sync(&progress);
	destroy_workqueue(wq);
	free_hashers();
	print_finished(true);
	if (nr_finished < nr_files) {
		fprintf(stderr, "wqsum: interrupted: %zu of %zu files not hashed\n",
			nr_files - nr_finished, nr_files);
		return 128 + stop_signal;
	}
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static const char usage[] =
	"Usage: wqsum [OPTION]... [PATH]...\n"
	"Print the SHA-256 of every regular file below each PATH (default: .), sorted\n"
	"by path, in the format of sha256sum. Files are hashed on all CPUs.\n"
	"\n"
	"  -h, --help     print this text\n"
	"  -V, --version  print the version of the library's interface\n"
	"\n"
	"Exit status: 0 if all files were hashed, 1 if some could not be read,\n"
	"128 plus the signal's number if interrupted.\n";

int main(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' },
						 { "version", no_argument, NULL, 'V' }, { 0 } };
	char *here[] = { (char[]){ "." }, NULL };
	int option;

	while ((option = getopt_long(argc, argv, "hV", options, NULL)) != -1) {
		switch (option) {
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		case 'V':
			printf("wqsum, libworkqueue interface %u\n", workqueue_abi_version());
			return EXIT_SUCCESS;
		default:
			fputs("Try 'wqsum --help'.\n", stderr);
			return EXIT_FAILURE;
		}
	}
	catch_signals();
	show_progress = isatty(STDERR_FILENO);
	list_files(optind < argc ? argv + optind : here);
	if (stop_signal) {
		fputs("wqsum: interrupted while listing files: none hashed\n", stderr);
		return 128 + stop_signal;
	}
	return nr_files ? hash_files() : failed;
}
