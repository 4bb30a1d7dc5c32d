#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds, runs and tests everything; "./build.sh help" lists the verbs. A verb
# is a function verb_NAME. What the build says goes to standard error: standard
# output belongs to the program that "run" starts.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(realpath -m "${WQ_BUILD_DIR:-$root/build}")
jobs=$(nproc)
sdk=$root/.dotnet # the SDK that we have fetched, if there was none
sdk_url=${WQ_DOTNET_INSTALL_URL:-https://dot.net/v1/dotnet-install.sh}
# .NET without the ICU library, which a small system lacks.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=${DOTNET_SYSTEM_GLOBALIZATION_INVARIANT:-1}
export DOTNET_SYSTEM_GLOBALIZATION_PREDEFINED_CULTURES_ONLY=false # packages have others, and would be warned of
# Nothing else than what is asked for happens at the first call of a new SDK.
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
export DOTNET_SKIP_WORKLOAD_INTEGRITY_CHECK=1

say() { printf '%s\n' "$*" >&2; }

fail() {
	say "build.sh: $*"
	exit 1
}

# ---- Prerequisites -------------------------------------------------------------

has_command() { command -v "$1" >/dev/null 2>&1; }
has_header() { printf '#include <%s>\n' "$1" | gcc -E -x c - >/dev/null 2>&1; }

# apt_packages_missing VERB: what Debian and Ubuntu call the things not here
apt_packages_missing() {
	has_command gcc && has_header stdio.h || echo gcc libc6-dev
	has_command g++ || echo g++
	has_command make || echo make
	has_command cmake || echo cmake
	has_command gcc && has_header gcrypt.h || echo libgcrypt20-dev
	has_command sha256sum || echo coreutils
	has_command flock || echo util-linux
	has_command python3 || echo python3
	[ -n "$(ls /etc/ssl/certs 2>/dev/null)" ] || echo ca-certificates
	if [ "$1" = bench ]; then
		has_command pkg-config || echo pkg-config
		has_command strip || echo binutils
	fi
	if [ "$1" = test ]; then
		has_command pkg-config || echo pkg-config
		has_command man || echo man-db
		has_command readelf || echo binutils
		has_command valgrind || echo valgrind
		has_command strace || echo strace
		has_command prlimit || echo util-linux
		has_command gdb || echo gdb
	fi
	if [ "$1" = cross ]; then
		has_command aarch64-linux-gnu-g++ || echo g++-aarch64-linux-gnu
		has_command qemu-aarch64 || echo qemu-user
	fi
	if [ "$1" = bindings ]; then
		has_command clang-14 || echo clang-14
	fi
}

apt_install() {
	local as_root=()
	if [ "$(id -u)" -ne 0 ]; then
		as_root=(sudo)
		has_command sudo || fail "missing packages; as root run: apt-get install -y $*"
	fi
	has_command apt-get || fail "install with your package manager what Debian calls: $*"
	say "build.sh: installing $*"
	"${as_root[@]}" apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 "$@" >&2 && return
	"${as_root[@]}" apt-get update >&2 || true
	"${as_root[@]}" apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 "$@" >&2 ||
		fail "cannot install: ${as_root[*]} apt-get install -y $*"
}

use_fetched_sdk() {
	[ ! -x "$sdk/dotnet" ] || export DOTNET_ROOT="$sdk" PATH="$sdk:$PATH"
}

has_sdk() {
	local version
	has_command dotnet && version=$(cd "$root" && dotnet --version 2>/dev/null) && [[ $version = 10.* ]]
}

refuse_to_fetch() {
	say "build.sh: the .NET SDK 10 is missing. Install it with"
	say "  curl -fsSL $sdk_url | bash -s -- --channel 10.0 --install-dir \"\$HOME/.dotnet\""
	say '  export DOTNET_ROOT="$HOME/.dotnet" PATH="$HOME/.dotnet:$PATH"'
	exit 1
}

# The folder appears as a whole, or not at all.
fetch_sdk() {
	local new
	say "build.sh: no .NET SDK 10 here; fetching it with $sdk_url into $sdk"
	new=$(mktemp -d "$sdk.XXXXXX")
	if curl -fsSL "$sdk_url" -o "$new/install.sh" &&
		bash "$new/install.sh" --channel 10.0 --install-dir "$new/sdk" >&2 && mv -T "$new/sdk" "$sdk"; then
		rm -rf "$new"
	else
		rm -rf "$new"
		fail "cannot fetch the .NET SDK; WQ_NO_DOWNLOAD=1 shows how to do it by hand"
	fi
	use_fetched_sdk
	has_sdk || fail "$sdk has no SDK that $root/global.json takes"
}

# The SDK is looked for before anything is installed. It and NuGet want a home to write to.
check_prerequisites() {
	local packages sdk_missing=
	[ "$(uname -s)" = Linux ] || fail "this builds on Linux only"
	if ! [ -w "${HOME:-/nowhere}" ]; then
		export HOME=$build/home
		mkdir -p "$HOME"
	fi
	has_sdk || sdk_missing=yes
	[ -z "$sdk_missing" ] || [ -z "${WQ_NO_DOWNLOAD:-}" ] || refuse_to_fetch
	packages=$(apt_packages_missing "$1"; [ -z "$sdk_missing" ] || has_command curl || echo curl)
	# shellcheck disable=SC2086 # a list of words
	[ -z "$packages" ] || apt_install $packages
	[ -z "$sdk_missing" ] || fetch_sdk
}

# ---- Build ---------------------------------------------------------------------

# is_up_to_date WHAT: has nothing in the source tree changed since the last good build of it
# began? WHAT is "run", what that verb needs, or "all". Folders count, so that a file removed
# is noticed. CMake knows more, and takes longer.
is_up_to_date() {
	local stamp=$build/.built-$1
	[ -f "$stamp" ] && [ -e "$build/lib/libworkqueue.so" ] && [ -x "$build/bin/wqsum" ] &&
		[ -z "$(find "$root" \( -path "$build" -o -path "$root/build" -o -path "$sdk*" -o -name .git -o -name bin \
			-o -name obj \) -prune -o -newer "$stamp" -print -quit)" ]
}

# Context: the build lock is held.
build_locked() {
	local targets=()
	is_up_to_date "$1" && return
	[ "$1" = all ] || targets=(--target wqsum)
	touch "$build/.begun"
	# Nothing that a build leaves running may keep the lock.
	[ -f "$build/CMakeCache.txt" ] || cmake -S "$root" -B "$build" 8>&- >&2
	cmake --build "$build" "${targets[@]}" -j "$jobs" 8>&- >&2
	cp -p "$build/.begun" "$build/.built-run"
	mv "$build/.begun" "$build/.built-$1"
}

# build_for VERB: one build at a time in a build directory; a second one waits.
build_for() {
	local what=all
	[ "$1" != run ] || what=run
	if [ "$1" = test ] || ! is_up_to_date $what; then
		check_prerequisites "$1"
	fi
	mkdir -p "$build"
	exec 8>"$build/.lock"
	flock 8
	build_locked $what
	exec 8>&-
}

verb_build() {
	build_for build
	say "built: $build/lib/libworkqueue.so $build/bin/wqsum"
}

# ---- Run -----------------------------------------------------------------------

# Without a path: what is in this repository, less what the build made.
verb_run() {
	local path
	build_for run
	if [ $# -eq 0 ]; then
		for path in "$root"/*; do
			[ "$path" = "$build" ] || set -- "$@" "$path"
		done
	fi
	exec "$build/bin/wqsum" "$@"
}

# ---- Test ----------------------------------------------------------------------

# Adds up ctest's report: a test that says "N passed, N failed" (C and shell), or
# the same in the words of dotnet test, counts by its cases; any other as one. A
# test that fails without a failed case (a crash, a hang, inconclusive) is one
# failure, and so is one that cannot be started. Skipped tests count as neither.
summary='
/<testcase / {
	passed = failed = skipped = 0
	status = $0
	sub(/.* status="/, "", status)
	sub(/".*/, "", status)
}
/<skipped message="SKIP_RETURN_CODE/ { skipped = 1 }
{ sub(/^.*<system-out>/, "") }
/^[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed += $3 }
/^(Passed|Failed)! +- Failed: / { gsub(/,/, ""); failed += $4; passed += $6 }
/<\/testcase>/ {
	if (status == "run" && !passed) passed = 1
	if (status != "run" && !skipped && !failed) failed = 1
	all_passed += passed
	all_failed += failed
	all_skipped += skipped
}
END {
	if (all_skipped) printf "%d tests skipped\n", all_skipped
	printf "%d passed, %d failed\n", all_passed, all_failed
}
'

# run_tests [NAME...]: all tests, or those whose name contains a NAME
run_tests() {
	local status=0 chosen=() report=$build/Testing/report.xml
	rm -f "$report"
	if [ $# -gt 0 ]; then
		chosen=(-R "$(IFS='|'; echo "$*")")
	fi
	ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$jobs" \
		--output-junit "$report" --test-output-size-passed 1000000 \
		--test-output-size-failed 1000000 "${chosen[@]}" || status=$?
	[ ! -f "$report" ] || awk "$summary" "$report"
	return "$status"
}

verb_test() {
	build_for test
	has_command clang-14 || (apt_install clang-14) || say "build.sh: the C# declarations are not compared"
	run_tests "$@"
}

# ---- Soak ----------------------------------------------------------------------

# soak [MINUTES]: random calls from eight threads, with books kept; ten minutes, or so many
verb_soak() {
	local minutes=${1:-10}
	[[ $minutes =~ ^[0-9]+$ ]] || fail "soak wants a number of minutes, not '$minutes'"
	build_for build
	WQ_SECONDS=$((minutes * 60)) exec "$build/tests/stress_api"
}

# ---- Bench ---------------------------------------------------------------------

# bench_peers_missing: the peers that apt has; libdispatch is used where it is found
bench_peers_missing() {
	local package apt
	has_header ev.h || echo libev-dev
	[ -e /usr/include/oneapi/tbb/version.h ] || echo libtbb-dev
	while read -r package apt; do
		pkg-config --exists "$package" || echo "$apt"
	done <<-'END'
		libuv libuv1-dev
		libevent libevent-dev
		glib-2.0 libglib2.0-dev
		liburcu-cds liburcu-dev
	END
}

# bench [OPTION...]: builds the library and the drivers, nothing else. Configures anew, as
# peers may have come since; one that cannot be installed is left out.
verb_bench() {
	local peers
	check_prerequisites bench
	peers=$(bench_peers_missing)
	# shellcheck disable=SC2086 # a list of words
	[ -z "$peers" ] || (apt_install $peers) || say "build.sh: comparing without them"
	mkdir -p "$build"
	exec 8>"$build/.lock"
	flock 8
	cmake -S "$root" -B "$build" 8>&- >&2
	cmake --build "$build" --target bench -j "$jobs" 8>&- >&2
	exec 8>&-
	PYTHONDONTWRITEBYTECODE=1 python3 "$root/native/bench/run.py" "$build/bench" "$@"
}

# ---- Simulation ----------------------------------------------------------------

# sim [OPTION...]: the tables of a complete run go into the simulator's README.
verb_sim() {
	local binaries=$build/dotnet
	build_for build
	case " $* " in
	*" --controls "* | *" --bug "*) binaries=$build/dotnet/planted ;;
	esac
	exec dotnet "$binaries/bin/Sim/release/Sim.dll" --readme "$root/managed/sim/README.md" "$@"
}

# ---- Packages --------------------------------------------------------------------

# deb: the Debian packages, printed by name
verb_deb() {
	build_for build
	has_command dpkg-shlibdeps || apt_install dpkg-dev
	sh "$root/native/packaging/deb.sh" "$build"
}

# package-test [NAME...]: the tests labelled "package", with the slow ones, or those named
verb_package-test() {
	local chosen=()
	build_for test
	if [ $# -gt 0 ]; then
		chosen=(-R "$(IFS='|'; echo "$*")")
	fi
	ctest --test-dir "$build" --output-on-failure --no-tests=error -C Package -L package "${chosen[@]}"
}

# ---- .NET ----------------------------------------------------------------------

# build_target TARGET: that CMake target alone
build_target() {
	mkdir -p "$build"
	exec 8>"$build/.lock"
	flock 8
	[ -f "$build/CMakeCache.txt" ] || cmake -S "$root" -B "$build" 8>&- >&2
	cmake --build "$build" --target "$1" -j "$jobs" 8>&- >&2
	exec 8>&-
}

# bindings: writes interop/Native*.g.cs anew from the header
verb_bindings() {
	check_prerequisites bindings
	build_target bindings
}

# pack: the NuGet package with the library in it
verb_pack() {
	check_prerequisites pack
	build_target pack
	ls "$build/packages"/*.nupkg
}

# ---- Other machines ---------------------------------------------------------------

# cross arm64: library and C tests are compiled here, and the tests run in an emulator
verb_cross() {
	[ "$*" = arm64 ] || fail "cross wants a machine: arm64"
	check_prerequisites cross
	build=$build/$1
	[ -f "$build/CMakeCache.txt" ] ||
		cmake -S "$root" -B "$build" -DCMAKE_TOOLCHAIN_FILE="$root/native/packaging/$1.cmake" >&2
	build_target all
	run_tests
}

# ---- Clean, help ---------------------------------------------------------------

verb_clean() {
	rm -rf "$build"
	find "$root/managed" "$root/interop" -type d \( -name bin -o -name obj \) -prune \
		-exec rm -rf {} +
	say "cleaned"
}

verb_help() {
	cat <<-'END'
		usage: ./build.sh [VERB]

		  build          build the library, the examples and the tests (the default)
		  run [PATH...]  build, then print the SHA-256 of every file below each PATH
		                 (default: this repository), hashed on a workqueue
		  test [NAME...] build, then run all tests, or those whose name contains a NAME
		  soak [MINUTES] build, then make random calls from eight threads, with books kept,
		                 for ten minutes or so many; WQ_SEED repeats a run's choices
		  bench [--quick] [--only W]... [--rounds N] [--timeout S] [--json FILE] [--svg FILE]
		                 build, then compare with other libraries on all workloads,
		                 or those named (native/bench/README.md)
		  sim [--scenario X] [--seed N] [--strategy S] [--schedules N] [--controls]
		                 build, then run the engine under a scheduler that owns every
		                 interleaving; --list, --help (managed/sim/README.md)
		  deb            build, then make the Debian packages
		  package-test [NAME...]
		                 build, then test what is installed and packaged; also the slow
		                 tests: the packages in a clean system, a second build compared
		  cross arm64    build for another machine, and run the C tests in an emulator
		  bindings       write the C# declarations anew from native/include/workqueue.h
		  pack           build the NuGet package and print its path
		  clean          remove everything the build made
		  help           print this text

		The build is in ./build, or in $WQ_BUILD_DIR. Where there is no .NET SDK 10 it is
		fetched into ./.dotnet; with WQ_NO_DOWNLOAD=1 the command for that is printed.
	END
}

use_fetched_sdk
verb=${1:-build}
[ $# -eq 0 ] || shift
case $verb in
-h | --help) verb=help ;;
esac
if [ "$(type -t "verb_$verb")" != function ]; then
	verb_help >&2
	fail "no such verb: $verb"
fi
"verb_$verb" "$@"
