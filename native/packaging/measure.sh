#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: measure.sh [BUILD]
#
# What the library costs a program: size on disk and in the package, memory before and
# after its first call and with a queue, how long the first call takes, threads. The
# times are the median of 21 processes. README.md has numbers of one machine.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${1:-$root/build}" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/cost.c" <<'END'
#include <workqueue.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static long status_kb(const char *key)
{
	char line[256];
	long kb = 0;
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			sscanf(line + strlen(key) + 1, "%ld", &kb);
	if (f)
		fclose(f);
	return kb;
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void nothing(struct work_struct *work)
{
	(void)work;
}

int main(void)
{
	static DECLARE_WORK(work, nothing);
	struct workqueue_struct *wq;
	long linked = status_kb("RssAnon:"), all = status_kb("VmRSS:"), called, called_all;
	double start = now_us(), first, ready;

	workqueue_abi_version();
	first = now_us() - start;
	called = status_kb("RssAnon:");
	called_all = status_kb("VmRSS:");
	start = now_us();
	wq = create_singlethread_workqueue("cost");
	queue_work(wq, &work);
	flush_workqueue(wq);
	ready = now_us() - start;
	printf("%.0f %.0f %ld %ld %ld %ld %ld %ld\n", first, ready, all, called_all, status_kb("VmRSS:"),
	       called - linked, status_kb("VmSize:"), status_kb("Threads:"));
	destroy_workqueue(wq);
	return 0;
}
END
"${CC:-gcc}" -O2 "$tmp/cost.c" -I"$root/native/include" -o "$tmp/cost" -L"$build/lib" -lworkqueue -Wl,-rpath,"$build/lib"

for _ in $(seq 21); do
	"$tmp/cost"
done >"$tmp/runs"

# median COLUMN
median() { cut -d' ' -f"$1" "$tmp/runs" | sort -n | sed -n 11p; }

echo "libworkqueue.so, KB                    $(($(stat -Lc %s "$build/lib/libworkqueue.so") / 1000))"
for deb in "$build"/deb/packages/libworkqueue1_*.deb; do
	[ ! -f "$deb" ] || echo "the package, KB                        $(($(stat -c %s "$deb") / 1000))"
done
echo "libworkqueue.a, KB                     $(($(stat -c %s "$build/lib/libworkqueue.a") / 1000))"
echo "first call, us                         $(median 1)"
echo "first queue, first item, flushed, us   $(median 2)"
echo "resident: linked, KB                   $(median 3)"
echo "resident: after the first call, KB     $(median 4)"
echo "resident: with a queue that ran, KB    $(median 5)"
echo "of which private, after the call, KB   $(median 6)"
echo "address space, MB                      $(($(median 7) / 1024))"
echo "threads, with a single-threaded queue  $(median 8)"
