#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What compiles without our headers compiles with them. Beside workqueue.h there is no file
# of ours in place of the system's. With the kernel's headers in front of the system's, each
# header of the system still compiles, before and behind ours, and means the same: no name
# is gone, and code that does not include ours meets none of their names.
. "$(dirname "$0")/support/preamble.sh"
kernel="-I$include -I$include/workqueue"

# compiles: standard input does
compiles() { gcc -std=gnu11 -w -fsyntax-only -x c - 2>/dev/null; }

# ---- The system's headers ------------------------------------------------------------------

# All of the C library's, and of linux/ those that share names with it or with ours.
{
	for folder in /usr/include "/usr/include/$(gcc -print-multiarch)"; do
		[ ! -d "$folder" ] || (cd "$folder" && ls arpa/*.h asm-generic/*.h net/*.h netinet/*.h sys/*.h 2>/dev/null)
	done
	for name in a.out aio_abi bpf eventpoll fcntl fs futex if in in6 input io_uring keyboard lp mount mman mempolicy msg net \
		netlink param perf_event poll prctl quota resource rtnetlink sem shm signal socket stat sysinfo termios time times \
		timerfd timex types uio un utime utsname wait; do
		echo linux/$name.h
	done
	for name in aio dirent dlfcn errno fcntl grp inttypes limits link locale math mqueue netdb poll pthread pwd sched search \
		semaphore setjmp signal spawn stdio stdlib string syslog termios threads time ucontext unistd utmpx wchar; do
		echo $name.h
	done
} | sort -u >"$tmp/headers"
python3 "$support/sweep.py" "$include" <"$tmp/headers" >"$tmp/failures.sweep" &

# ---- Their names ---------------------------------------------------------------------------

# names FILE FLAG...: the macros that including it defines, for a program that wants all there are
names() {
	header=$1
	shift
	echo "#include <$header>" | gcc -std=gnu11 -D_GNU_SOURCE -dM -E "$@" - | awk '{ sub(/\(.*/, "", $2); print $2 }' | sort
}

{
	# shellcheck disable=SC2046 # files are words
	for file in $(cd "$include" && find . -name '*.h'); do
		! echo "#include <${file#./}>" | compiles || fail "the system has a ${file#./}"
	done
	for header in $(cd "$include/workqueue" && ls linux/*.h sys/*.h 2>/dev/null); do
		echo "#include <$header>" | compiles || continue
		names "$header" >"$tmp/theirs"
		# shellcheck disable=SC2086 # flags are words
		names "$header" $kernel >"$tmp/both"
		gone=$(comm -23 "$tmp/theirs" "$tmp/both" | grep -v '^P_\(ALL\|PID\|PGID\|PIDFD\)$' | tr '\n' ' ')
		[ -z "$gone" ] || fail "<$header> has no $gone"
	done
	for header in sys/sysinfo.h linux/keyboard.h sys/kd.h sys/queue.h sys/stat.h signal.h linux/netlink.h; do
		# shellcheck disable=SC2086
		brought=$(names "$header" $kernel | grep '^WQ_LINUX_' | grep -v '^WQ_LINUX_TYPES_H$' | tr '\n' ' ')
		[ -z "$brought" ] || fail "<$header> brings $brought"
	done
} >"$tmp/failures.names"

# ---- Code that names both ----------------------------------------------------------------------

# works NAME COMPILER FLAG...: standard input compiles without a warning, and runs
works() {
	claim=$1
	compiler=$2
	shift
	shift
	cat >"$tmp/code.cc"
	# shellcheck disable=SC2086 # flags are words
	"$compiler" -Wall -Wextra -Werror $kernel "$@" "$tmp/code.cc" -o "$tmp/code" -L"$lib_dir" -lworkqueue \
		-Wl,-rpath,"$lib_dir" 2>"$tmp/errors" && timeout 20 "$tmp/code" ||
		fail "$claim: $(grep -m 1 error "$tmp/errors")"
}

{
	for first in 'sys/queue.h' 'linux/list.h'; do
		works "LIST_HEAD() of both, <$first> first" gcc -x c <<-END
			#include <$first>
			#include <linux/list.h>
			#include <sys/queue.h>
			struct node { LIST_ENTRY(node) link; };
			LIST_HEAD(nodes, node);
			static LIST_HEAD(items);
			static struct nodes nodes = LIST_HEAD_INITIALIZER(nodes);
			int main(void)
			{
				struct node node;
				LIST_INSERT_HEAD(&nodes, &node, link);
				return LIST_EMPTY(&nodes) || !list_empty(&items);
			}
		END
	done
	for language in 'gcc -x c -std=gnu89' 'gcc -x c -std=gnu11' 'g++ -x c++'; do
		# shellcheck disable=SC2086
		works "timer_delete() of both, with $language" $language <<-'END'
			#include <linux/timer.h>
			#include <signal.h>
			#include <string.h>
			static void never(unsigned long data) { (void)data; }
			int main(void)
			{
				struct timer_list timer;
				struct itimerspec left;
				struct sigevent event;
				timer_t id;
				setup_timer(&timer, never, 0);
				memset(&event, 0, sizeof(event));
				event.sigev_notify = SIGEV_NONE;
				if (timer_create(CLOCK_MONOTONIC, &event, &id))
					return 1;
				mod_timer(&timer, wq_jiffies() + 3600UL * HZ);
				if (timer_delete(&timer) != 1 || timer_pending(&timer))
					return 2;
				return timer_delete(id) || timer_gettime(id, &left) == 0;
			}
		END
	done
	works "timer_delete() without POSIX" gcc -x c -std=c11 <<-'END'
		#include <linux/timer.h>
		int main(void)
		{
			struct timer_list timer;
			init_timer(&timer);
			return timer_delete(&timer);
		}
	END
	works "seconds are a thousand jiffies, whoever has another HZ" gcc -x c <<-'END'
		#include <sys/param.h>
		#include <linux/jiffies.h>
		int main(void) { return msecs_to_jiffies(1000) != HZ; }
	END
	works "names of one's own, and wait() of both" gcc -x c <<-'END'
		#include <linux/wait.h>
		#include <sys/sysinfo.h>
		#include <sys/wait.h>
		__attribute__((noinline)) static int answer(void) { return WNOHANG + P_PIDFD; }
		static DECLARE_WAIT_QUEUE_HEAD(queue);
		int main(void) { return waitqueue_active(&queue) || answer() != 4; }
	END
} >"$tmp/failures.code"
wait

grep -h '^FAIL' "$tmp"/failures.*
grep -q '^ok' "$tmp/failures.sweep" || echo "FAIL: no sweep" >>"$tmp/failures.code"
failed=$(cat "$tmp"/failures.* | grep -c '^FAIL')
report "$(wc -l <"$tmp/headers") headers of the system are as they were"
