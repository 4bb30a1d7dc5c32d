#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What build.sh does before it builds: it looks for the .NET SDK, fetches it if there is none,
# names what is missing, and builds no more than the verb needs. It runs in a copy of the tree's
# top, with stand-ins for cmake, apt-get, curl, id and the SDK's installer.
. "$(dirname "$0")/support/preamble.sh"
tree=$tmp/tree calls=$tmp/calls
unset DOTNET_ROOT WQ_BUILD_DIR WQ_NO_DOWNLOAD
mkdir "$tmp/bin" "$tree"
cp "$source_dir/build.sh" "$source_dir/global.json" "$tree"
ln -s /usr/bin/* "$tmp/bin" 2>/dev/null
for name in dotnet cmake apt-get sudo curl id; do
	rm -f "$tmp/bin/$name"
done

# stand_in FILE: a program made of standard input
stand_in() {
	{ echo '#!/bin/bash'; cat; } >"$1"
	chmod +x "$1"
}

stand_in "$tmp/cmake" <<-END
	echo "cmake \$* with \$(command -v dotnet) of \${DOTNET_ROOT:-} at \$HOME" >>"$calls"
	mkdir -p "$tree/build/lib" "$tree/build/bin"
	touch "$tree/build/lib/libworkqueue.so" "$tree/build/CMakeCache.txt"
	printf '#!/bin/sh\n' >"$tree/build/bin/wqsum"
	chmod +x "$tree/build/bin/wqsum"
END
stand_in "$tmp/bin/id" <<<'echo 1000'
stand_in "$tmp/bin/curl" <<<'cp "${2#file://}" "$4"'
stand_in "$tmp/bin/apt-get" <<<"echo apt-get >>'$calls'; exit 1"
stand_in "$tmp/dotnet" <<<'echo 10.0.100'
stand_in "$tmp/install.sh" <<-END
	echo "installer \$1 \$2" >>"$calls"
	mkdir -p "\$4" && cp "$tmp/dotnet" "\$4"
END
stand_in "$tmp/broken.sh" <<<'mkdir -p "$4"; exit 1'

# build VERB [VARIABLE=VALUE...]: runs build.sh; its words in $tmp/out, its calls in $calls
build() {
	local verb=$1
	shift
	: >"$calls"
	env "WQ_DOTNET_INSTALL_URL=file://$tmp/install.sh" "$@" PATH="$tmp/bin" bash "$tree/build.sh" "$verb" \
		>"$tmp/out" 2>&1
}

# claim TEXT COMMAND...: as holds, without a word of the command
claim() {
	local text=$1
	shift
	if "$@" >/dev/null 2>&1; then
		pass "$text"
	else
		cat "$tmp/out" "$calls" >"$tmp/why"
		fail "$text" "$tmp/why"
	fi
}

said() { grep -qF -- "$1" "$tmp/out"; }
called() { grep -qF -- "$1" "$calls"; }
not() { ! "$@"; }

build run WQ_NO_DOWNLOAD=1
claim "without the SDK, and leave to fetch it, the way is shown" said "install.sh | bash"
claim "with what a program needs to find it" said 'export DOTNET_ROOT="$HOME/.dotnet" PATH="$HOME/.dotnet:$PATH"'
claim "before anything else is missed" not said cmake

build run
claim "a user without sudo is told in one sentence what is missing" \
	grep -qxE 'build.sh: missing packages; as root run: apt-get install -y .*cmake.*' "$tmp/out"

cp "$tmp/cmake" "$tmp/bin/cmake"
build run "WQ_DOTNET_INSTALL_URL=file://$tmp/broken.sh"
claim "an installer that fails leaves nothing behind" not compgen -G "$tree/.dotnet*"
claim "and nothing is built" not called cmake

build run
claim "the SDK is fetched into the tree" test -x "$tree/.dotnet/dotnet"
claim "in its version 10" called "installer --channel 10.0"
claim "which one line says" said "no .NET SDK 10 here; fetching it"
claim "and used from there" called "with $tree/.dotnet/dotnet of $tree/.dotnet"
claim "run builds what it runs" called "--target wqsum"

touch "$tree/.dotnet/dotnet"
build run
claim "what comes into the SDK's folder makes nothing be built" not called cmake
build build
claim "build builds the rest" called "cmake --build $tree/build -j"
claim "without fetching again" not called installer
build run
claim "and run has nothing to do after it" not called cmake
touch "$tree/global.json"
build run
claim "until a source changes" called "--target wqsum"
build build
claim "which build sees as well" called "cmake --build $tree/build -j"
touch "$tree/global.json"
build run HOME="$tmp/nowhere"
claim "who has no home is given one in the build directory" called "at $tree/build/home"

report
