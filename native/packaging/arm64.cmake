# SPDX-License-Identifier: GPL-2.0-only
#
# arm64 on another machine: Debian's cross compiler, and qemu-user to run what it makes.
#
#   cmake -B build-arm64 -DCMAKE_TOOLCHAIN_FILE=native/packaging/arm64.cmake
#   cmake --build build-arm64 && ctest --test-dir build-arm64

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(WQ_RUNTIME_IDENTIFIER linux-arm64) # what .NET calls it

set(machine aarch64-linux-gnu)
set(CMAKE_C_COMPILER ${machine}-gcc)
set(CMAKE_CXX_COMPILER ${machine}-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L /usr/${machine})
set(WQ_OLDER_CPU cortex-a72) # the emulator's own has the atomic instructions of ARMv8.1, this one has none

# Programs are this machine's, everything else is the other's.
set(CMAKE_FIND_ROOT_PATH /usr/${machine})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
