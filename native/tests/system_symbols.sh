#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# system_wq and its like as symbols, however a program is linked: position independent or not
# (then the linker copies them into the program), against the shared library or the archive,
# through a plug-in, or by dlsym().
. "$(dirname "$0")/support/preamble.sh"
archive=$lib_dir/libworkqueue.a

# run PROGRAM ARGUMENT...: in the emulator, if it is for another machine
run() { timeout 20 ${WQ_EMULATOR:-} "$@"; }

cat >"$tmp/use.c" <<'END'
#include <workqueue.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static struct workqueue_struct **const queues[] = { /* in the program's file */
	&system_wq, &system_percpu_wq, &system_highpri_wq, &system_long_wq, &system_unbound_wq,
	&system_dfl_wq, &system_dfl_long_wq, &system_freezable_wq, &system_power_efficient_wq,
	&system_freezable_power_efficient_wq, &system_bh_wq, &system_bh_highpri_wq,
};
static int runs;

static void count(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&runs, 1, __ATOMIC_SEQ_CST);
}

static DECLARE_WORK(early, count);

__attribute__((constructor)) static void queue_early(void)
{
	queue_work(system_wq, &early);
}

static void use_all(void)
{
	for (size_t i = 0; i < sizeof(queues) / sizeof(queues[0]); i++) {
		struct work_struct work;

		INIT_WORK(&work, count);
		queue_work(*queues[i], &work);
		flush_work(&work);
	}
}

int use(void)
{
	int status = -1;

	flush_work(&early);
	use_all();
	fflush(stdout);
	if (fork() == 0) {
		runs = 0;
		use_all();
		_exit(runs);
	}
	wait(&status);
	printf("%d runs, %d in a child\n", runs, WEXITSTATUS(status));
	return 0;
}
END
echo 'int use(void); int main(void) { return use(); }' >"$tmp/main.c"
expected="13 runs, 12 in a child"

for flags in "-fno-pic -no-pie" "-fPIE -pie" "-fPIC -pie" "-fno-pic -no-pie -O2" "-fPIE -pie -O2" "-fPIC -pie -Wl,-z,now"; do
	# shellcheck disable=SC2086 # a list of words
	same "linked with $flags" "$expected" "$(compile $flags "$tmp/main.c" "$tmp/use.c" -o "$tmp/use" 2>&1 && run "$tmp/use" 2>&1)"
done

compile -fno-pic -no-pie "$tmp/main.c" "$tmp/use.c" -o "$tmp/copying" || exit 1
[ "$(uname -m)" != x86_64 ] || [ -n "${WQ_EMULATOR:-}" ] ||
	same "then the symbols are copied into the program" 12 "$(readelf -rW "$tmp/copying" | grep -c 'COPY.*system_[a-z_]*wq')"

[ ! -f "$archive" ] || for flags in "-no-pie" "-pie" "-static" "-static-pie"; do
	same "the archive, linked with $flags" "$expected" "$(
		"$CC" -std=gnu11 -I"$include" -I"$include/workqueue" "$tmp/main.c" "$tmp/use.c" "$archive" -pthread \
			"$flags" -o "$tmp/use" 2>&1 && run "$tmp/use" 2>&1)"
done

# The program refers to them also, so both must see one value.
compile -fPIC -shared "$tmp/use.c" -o "$tmp/plugin.so" || exit 1
cat >"$tmp/host.c" <<'END'
#include <dlfcn.h>
#include <stdio.h>
#include <workqueue.h>

int main(int argc, char **argv)
{
	void *plugin = dlopen(argv[argc - 1], RTLD_NOW);
	struct workqueue_struct **seen = plugin ? (struct workqueue_struct **)dlsym(plugin, "system_wq") : NULL;

	if (!seen || *seen != system_wq) {
		printf("system_wq is not what a plug-in sees\n");
		return 1;
	}
	return ((int (*)(void))dlsym(plugin, "use"))();
}
END
for flags in "-fno-pic -no-pie" "-fPIE -pie"; do
	# shellcheck disable=SC2086 # a list of words
	same "a plug-in of a program linked with $flags" "$expected" "$(
		compile $flags "$tmp/host.c" -o "$tmp/host" -ldl 2>&1 && run "$tmp/host" "$tmp/plugin.so" 2>&1)"
done

cat >"$tmp/dlsym.c" <<'END'
#include <dlfcn.h>
#include <stdio.h>
#include <workqueue.h>

static int runs;

static void count(struct work_struct *work)
{
	(void)work;
	runs++;
}

int main(int argc, char **argv)
{
	void *lib = dlopen(argv[argc - 1], RTLD_NOW | RTLD_LOCAL);
	struct workqueue_struct **wq = (struct workqueue_struct **)dlsym(lib, "system_wq");
	bool (*queue)(struct workqueue_struct *, struct work_struct *) =
		(bool (*)(struct workqueue_struct *, struct work_struct *))dlsym(lib, "queue_work");
	bool (*flush)(struct work_struct *) = (bool (*)(struct work_struct *))dlsym(lib, "flush_work");
	void (*init)(struct work_struct *, work_func_t) =
		(void (*)(struct work_struct *, work_func_t))dlsym(lib, "wq_init_work");
	struct work_struct work;

	init(&work, count);
	queue(*wq, &work);
	flush(&work);
	printf("%d run\n", runs);
	return 0;
}
END
same "found by dlsym()" "1 run" "$(
	"$CC" -std=gnu11 -I"$include" "$tmp/dlsym.c" -o "$tmp/dlsym" -ldl 2>&1 && run "$tmp/dlsym" "$lib" 2>&1)"

report
