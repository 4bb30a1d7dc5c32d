#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The public headers compile in every C and C++ that their users may have asked for, by gcc
# and clang, without one of the warnings that they may have asked for: workqueue.h in all of
# them; the kernel's headers in the GNU modes, C11 and C++, alone, twice over, and together
# in either order.
. "$(dirname "$0")/support/preamble.sh"

warnings="-Wall -Wextra -Wpedantic -Wshadow -Wundef -Wredundant-decls -Wcast-qual -Wconversion -Wsign-conversion
-Wpointer-arith -Wwrite-strings -Wformat=2"
c_warnings="$warnings -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wnested-externs -Wbad-function-cast"
cxx_warnings="$warnings -Woverloaded-virtual -Wnon-virtual-dtor"

headers="workqueue.h $(cd "$include/workqueue" && ls linux/*.h)"

# Where what a compiler says goes: two of them run at once.
side=alone

# compile COMPILER STANDARD FILE FLAG...: no output expected
compile() {
	command="$1 -std=$2 $(basename "$3")"
	case $3 in
	*.c) flags=$c_warnings ;;
	*.cc) flags=$cxx_warnings ;;
	esac
	# Of C90: clang calls bool an extension, and functions like kthread_run() are variadic macros.
	case $2 in
	?*89) flags="$flags -Wno-variadic-macros $(case $1 in clang*) echo -Wno-c99-extensions -Wno-language-extension-token ;; esac)" ;;
	esac
	compiler=$1 standard=$2 file=$3
	shift
	shift
	shift
	echo "$command" >>"$tmp/compiled"
	# shellcheck disable=SC2086 # flags are words
	"$compiler" -std="$standard" $flags -Werror -fsyntax-only -I"$include" "$@" "$file" >"$tmp/errors.$side" 2>&1 ||
		fail "$command" "$tmp/errors.$side"
}

# ---- Sources: x.c and x.cc -------------------------------------------------------------------

# What a program says of workqueue.h; every macro of it that is code.
cat >"$tmp/plain.c" <<'END'
#include <workqueue.h>
#include <workqueue.h>

int main(void);

static void work_function(struct work_struct *work)
{
	work_clear_pending(work);
	PREPARE_DELAYED_WORK(to_delayed_work(work), work_function);
}

static DECLARE_WORK(static_work, work_function);
static DECLARE_DELAYED_WORK(static_dwork, work_function);
static DECLARE_DEFERRABLE_WORK(static_deferrable, work_function);
static struct lock_class_key key;
static struct lockdep_map map = STATIC_LOCKDEP_MAP_INIT("map", &key);

int main(void)
{
	struct workqueue_struct *wq[3];
	struct delayed_work dwork, *found;

	wq[0] = create_workqueue("a");
	wq[1] = create_singlethread_workqueue("b");
	wq[2] = create_freezeable_workqueue("c");
	INIT_WORK(&static_work, work_function);
	INIT_DELAYED_WORK(&dwork, work_function);
	INIT_DEFERRABLE_WORK(&static_deferrable, work_function);
	INIT_WORK_ONSTACK(&dwork.work, work_function);
	INIT_DELAYED_WORK_ONSTACK(&dwork, work_function);
	INIT_DEFERRABLE_WORK_ONSTACK(&dwork, work_function);
	destroy_work_on_stack(&from_work(found, &dwork.work, work)->work);
	lock_map_acquire(&map);
	return wq[0] && wq[1] && wq[2] && work_pending(&static_work) && delayed_work_pending(&static_dwork);
}
END
cp "$tmp/plain.c" "$tmp/plain.cc"
for header in $headers; do
	printf '#include <%s>\n#include <%s>\nint main(void);\n' "$header" "$header" >"$tmp/alone_$(echo "$header" | tr / _).c"
done
for extension in c cc; do
	printf '#include <%s>\n' $headers >"$tmp/all.$extension"
	printf '#include <%s>\n' $headers | sort -r >"$tmp/reverse.$extension"
	{ echo '#define CONFIG_LOCKDEP'; cat "$tmp/all.$extension"; } >"$tmp/lockdep.$extension"
done
# Everything that expands to code is used once, so that its expansion is judged too.
cp "$support/every_macro.c" "$tmp/every_macro.c" || exit 1
{ echo '#define CONFIG_LOCKDEP'; cat "$tmp/every_macro.c"; } >"$tmp/every_macro_lockdep.c"
# Behind our headers the C++ library must not meet a macro of its own names.
cp "$tmp/all.cc" "$tmp/library.cc"
printf '#include <%s>\n' algorithm atomic numeric random string thread vector >>"$tmp/library.cc"
echo 'int main() { return std::min(0, 1) + std::max(0, 0); }' >>"$tmp/library.cc"

# ---- The matrix --------------------------------------------------------------------------------

# matrix C_COMPILER CXX_COMPILER
matrix() {
	side=$1
	kernel=-I$include/workqueue
	for standard in c89 gnu89 c99 gnu99 c11 gnu11 c17 c2x gnu2x; do
		compile "$1" $standard "$tmp/plain.c"
	done
	for standard in c++11 c++14 c++17 c++20 c++2b gnu++20; do
		compile "$2" $standard "$tmp/plain.cc" -Wold-style-cast
	done
	for standard in gnu89 gnu99 c11 gnu11 c2x; do
		compile "$1" $standard "$tmp/all.c" "$kernel"
	done
	compile "$1" c11 "$tmp/reverse.c" "$kernel"
	for standard in c++11 c++17 c++2b; do
		compile "$2" $standard "$tmp/all.cc" "$kernel"
	done
	compile "$2" c++20 "$tmp/reverse.cc" "$kernel"
	compile "$1" c11 "$tmp/lockdep.c" "$kernel"
	compile "$2" c++17 "$tmp/lockdep.cc" "$kernel"
	compile "$2" c++17 "$tmp/library.cc" "$kernel"
	compile "$1" gnu11 "$tmp/every_macro.c" "$kernel" -Wno-conversion -Wno-sign-conversion
	compile "$1" c11 "$tmp/every_macro.c" "$kernel" -Wno-conversion -Wno-sign-conversion
	compile "$1" c11 "$tmp/every_macro_lockdep.c" "$kernel" -Wno-conversion -Wno-sign-conversion
}

alone() {
	for file in "$tmp"/alone_*; do
		compile gcc c11 "$file" "-I$include/workqueue"
	done
}

# Two at a time.
{ matrix gcc g++ >"$tmp/failures.gcc"; } &
alone >"$tmp/failures.alone"
for clang in clang clang-14; do
	cxx=$(echo $clang | sed 's/clang/clang++/')
	if command -v $clang >/dev/null && command -v "$cxx" >/dev/null; then
		matrix $clang "$cxx" >"$tmp/failures.clang"
		break
	fi
done

wait
cat "$tmp"/failures.*
failed=$(cat "$tmp"/failures.* | grep -c '^FAIL')
report "$(wc -l <"$tmp/compiled") compilations have nothing to say"
